internal import Foundation

/// Names and numbers as pages and terminals show them.
public enum ReportText {
  /// A name or message on one line that does nothing to a terminal or to the direction of writing: control
  /// characters as in Swift's source.
  public static func printable(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: isControl) else { return text }
    return text.unicodeScalars.map { isControl($0) ? $0.escaped(asASCII: true) : String($0) }.joined()
  }

  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .lineSeparator, .paragraphSeparator: true
    // What turns the direction of writing can make a name look like another.
    case .format: (0x202A...0x202E).contains(scalar.value) || (0x2066...0x2069).contains(scalar.value)
    default: false
    }
  }

  /// A name that fits where there is little room: the middle is left out.
  static func shortened(_ name: String, to limit: Int) -> String {
    guard name.count > limit else { return name }
    let end = (limit - 1) / 2
    return name.prefix(limit - 1 - end) + "…" + name.suffix(end)
  }

  /// A number with `decimals` decimals and a point, without zeros at the end.
  package static func number(_ value: Double, decimals: Int) -> String {
    guard value.isFinite else { return "–" }
    var text = String(format: "%.\(decimals)f", value)
    while text.contains("."), text.last == "0" { text.removeLast() }
    if text.last == "." { text.removeLast() }
    return text == "-0" ? "0" : text
  }

  /// A share as a percentage with one decimal.
  package static func percent(_ share: Double) -> String {
    share.isFinite ? String(format: "%.1f\u{A0}%%", 100 * share) : "–"
  }

  /// A number with `decimals` decimals and a point.
  package static func decimal(_ value: Double, _ decimals: Int = 3) -> String {
    value.isFinite ? String(format: "%.\(decimals)f", value) : "–"
  }

  /// A probability with two digits that count.
  package static func significant(_ value: Double) -> String { String(format: "%.2g", value) }

  /// A number and its noun: "1 picture", "3 pictures".
  package static func plural(_ count: Int, _ noun: String, _ nouns: String? = nil) -> String {
    "\(count) \(count == 1 ? noun : nouns ?? noun + "s")"
  }

  /// A coordinate of a drawing.
  static func coordinate(_ value: Double) -> String { number(value, decimals: 2) }
}
