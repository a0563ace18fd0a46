extension JSON {
  /// The text, with keys in alphabetical order, so that the same value gives the same bytes. Numbers that are not
  /// finite are written as Python writes them.
  var text: String {
    var text = ""
    write(to: &text)
    return text
  }

  /// Writes the text, or its beginning: nothing more once it has so many bytes.
  private func write(to text: inout String, most: Int = .max) {
    guard text.utf8.count < most else { return }
    switch self {
    case .null: text += "null"
    case .bool(let value): text += value ? "true" : "false"
    case .integer(let value): text += "\(value)"
    case .number(let value):
      text += value.isFinite ? "\(value)" : value.isNaN ? "NaN" : value < 0 ? "-Infinity" : "Infinity"
    case .string(let value): Self.write(value, to: &text)
    case .array(let elements):
      text += "["
      for (index, element) in elements.enumerated() {
        guard text.utf8.count < most else { return }
        if index > 0 { text += ", " }
        element.write(to: &text, most: most)
      }
      text += "]"
    case .object(let members):
      text += "{"
      for (index, member) in members.sorted(by: { $0.key < $1.key }).enumerated() {
        guard text.utf8.count < most else { return }
        if index > 0 { text += ", " }
        Self.write(member.key, to: &text)
        text += ": "
        member.value.write(to: &text, most: most)
      }
      text += "}"
    }
  }

  private static func write(_ string: String, to text: inout String) {
    text += "\""
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\u{0}"..<" ":
        let digits = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: text.unicodeScalars.append(scalar)
      }
    }
    text += "\""
  }
}

/// For messages: at most 80 characters of the text.
extension JSON: CustomStringConvertible {
  var description: String {
    var text = ""
    write(to: &text, most: 400)
    return text.count <= 80 ? text : text.prefix(77) + "…"
  }
}
