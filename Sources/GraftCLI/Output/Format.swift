import Foundation
import Graft

/// Numbers as people read them, always with a point as decimal separator.
enum Format {
  /// A share as a percentage with one decimal: "86.7 %".
  static func percent(_ share: Double) -> String { String(format: "%.1f %%", 100 * share) }

  /// A count with thousands separated: "3,538,984".
  static func count(_ value: Int) -> String {
    var digits = Array(String(value.magnitude))
    var index = digits.count - 3
    while index > 0 {
      digits.insert(",", at: index)
      index -= 3
    }
    return (value < 0 ? "-" : "") + String(digits)
  }

  /// A number of bytes: "9.4 MB".
  static func bytes(_ value: Int) -> String {
    switch Double(value) {
    case ..<1e3: "\(value) B"
    case ..<1e6: String(format: "%.1f kB", Double(value) / 1e3)
    case ..<1e9: String(format: "%.1f MB", Double(value) / 1e6)
    default: String(format: "%.2f GB", Double(value) / 1e9)
    }
  }

  /// A rate with as many decimals as help: "0.82", "14.3", "208".
  static func rate(_ value: Double) -> String {
    String(format: value < 1 ? "%.2f" : value < 100 ? "%.1f" : "%.0f", value)
  }

  /// A span of time: "0:14", "1:02:03".
  static func duration(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds < 1e7 else { return "?" }
    let total = Int(seconds.rounded(.up))
    let (hours, minutes, rest) = (total / 3600, total / 60 % 60, total % 60)
    return hours > 0
      ? String(format: "%d:%02d:%02d", hours, minutes, rest) : String(format: "%d:%02d", minutes, rest)
  }

  /// A number and its noun: "1 picture", "3 pictures".
  static func plural(_ count: Int, _ noun: String, _ nouns: String? = nil) -> String {
    "\(self.count(count)) \(count == 1 ? noun : nouns ?? noun + "s")"
  }

  /// A number with `decimals` decimals.
  static func decimal(_ value: Double, _ decimals: Int) -> String { String(format: "%.\(decimals)f", value) }
}

extension Format {
  /// A field of comma-separated values (RFC 4180): quoted where it needs to be.
  static func csv(_ field: String) -> String {
    guard field.contains(where: { ",\"\r\n".contains($0) || $0.isNewline }) else { return field }
    return "\"" + field.replacingOccurrences(of: "\"", with: "\"\"") + "\""
  }
}

extension Format {
  /// A name or message on one line that does nothing to a terminal: control characters as in Swift's source.
  static func printable(_ text: String) -> String { ReportText.printable(text) }
}

extension Format {
  /// The strength of a penalty, or a rate: "0.001", "1e-05".
  static func strength(_ value: Double) -> String { String(format: "%.3g", value) }
}
