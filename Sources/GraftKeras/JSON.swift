internal import Foundation

/// A JSON value, as the configurations inside Keras files are made of.
enum JSON: Hashable, Sendable {
  case null
  case bool(Bool)
  case integer(Int)
  case number(Double)
  case string(String)
  case array([JSON])
  case object([String: JSON])
}

extension JSON {
  /// Reads a text. Nesting is bounded by the decoder, to 512.
  ///
  /// - Throws: `DecodingError`.
  init(_ text: [UInt8]) throws { self = try JSONDecoder().decode(JSON.self, from: Data(text)) }

  /// The text, with keys in alphabetical order, so that the same value gives the same bytes.
  ///
  /// - Throws: `EncodingError` for infinite numbers and NaN.
  func text() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }

  /// The number as it is written in decimal: 0.001 for the nearest `Float`, not 0.0010000000474974513. Read as
  /// a `Float` it is the same again.
  init(_ value: Float) {
    self = Double("\(value)").map(JSON.number) ?? .number(Double(value))
  }
}

extension JSON {
  /// The member of an object; nil where there is none and for what is no object.
  subscript(key: String) -> JSON? {
    if case .object(let members) = self { members[key] } else { nil }
  }

  /// The elements of a list.
  var elements: [JSON]? { if case .array(let elements) = self { elements } else { nil } }

  /// The members of an object.
  var members: [String: JSON]? { if case .object(let members) = self { members } else { nil } }

  /// The string.
  var string: String? { if case .string(let string) = self { string } else { nil } }

  /// The truth value.
  var bool: Bool? { if case .bool(let bool) = self { bool } else { nil } }

  /// The integer; also that of a number without a fraction.
  var integer: Int? {
    switch self {
    case .integer(let value): value
    case .number(let value): Int(exactly: value)
    default: nil
    }
  }

  /// The number.
  var double: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value): value
    default: nil
    }
  }

  /// Whether it is `null`.
  var isNull: Bool { self == .null }
}

extension JSON: Codable {
  init(from decoder: any Decoder) throws {
    // The kinds that are met most often first: a kind that does not fit costs an error.
    let container = try decoder.singleValueContainer()
    if let value = try? container.decode(String.self) {
      self = .string(value)
    } else if let value = try? container.decode(Int.self) {
      self = .integer(value)
    } else if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode([JSON].self) {
      self = .array(value)
    } else if let value = try? container.decode([String: JSON].self) {
      self = .object(value)
    } else if let value = try? container.decode(Bool.self) {
      self = .bool(value)
    } else {
      self = .number(try container.decode(Double.self))
    }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .null: try container.encodeNil()
    case .bool(let value): try container.encode(value)
    case .integer(let value): try container.encode(value)
    case .number(let value): try container.encode(value)
    case .string(let value): try container.encode(value)
    case .array(let value): try container.encode(value)
    case .object(let value): try container.encode(value)
    }
  }
}

/// Whether it is short: for messages, at most 80 characters of the text.
extension JSON: CustomStringConvertible {
  var description: String {
    guard let text = try? text() else { return "a number that is not finite" }
    return text.count <= 80 ? text : text.prefix(77) + "…"
  }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
  ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral
{
  init(stringLiteral value: String) { self = .string(value) }
  init(integerLiteral value: Int) { self = .integer(value) }
  init(booleanLiteral value: Bool) { self = .bool(value) }
  init(arrayLiteral elements: JSON...) { self = .array(elements) }
  init(dictionaryLiteral members: (String, JSON)...) {
    self = .object(Dictionary(members, uniquingKeysWith: { $1 }))
  }
  init(nilLiteral: ()) { self = .null }
}
