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
  /// The number as it is written in decimal: 0.001 for the nearest `Float`, not 0.0010000000474974513. Read as
  /// a `Float` it is the same again.
  init(_ value: Float) {
    self = Double("\(value)").map(JSON.number) ?? .number(Double(value))
  }

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

  /// Whether all numbers in it can be written in JSON.
  var isFinite: Bool {
    switch self {
    case .number(let value): value.isFinite
    case .array(let elements): elements.allSatisfy(\.isFinite)
    case .object(let members): members.values.allSatisfy(\.isFinite)
    case .null, .bool, .integer, .string: true
    }
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
