extension JSON {
  /// What is wrong with a text that is not JSON.
  struct ParsingError: Error, CustomStringConvertible {
    /// What was expected.
    let expected: String
    /// Where, in bytes from the start.
    let offset: Int

    var description: String { "\(expected) expected at byte \(offset)" }
  }

  /// Bytes of the longest text that is read: several times what the largest networks take, and little enough for what
  /// becomes of it to stay small.
  static let maximumText = 4 << 20

  /// Values, those in others counted too: NASNetLarge, which has most, takes 62,000.
  static let maximumValues = 200_000

  /// Reads a text (RFC 8259), and the `NaN` and `Infinity` that Python writes into it. Of members with one key the
  /// last counts.
  ///
  /// Configurations are large (half a megabyte for a ResNet) and are read at every opening of a file, which
  /// `JSONDecoder` takes a hundred times as long for, since it has to be asked for one type after the other.
  ///
  /// - Throws: `ParsingError`, also for nesting deeper than 200, for texts longer than `maximumText` and for more than
  ///   `maximumValues`.
  init(_ text: [UInt8]) throws {
    guard text.count <= Self.maximumText else {
      throw ParsingError(expected: "the end", offset: Self.maximumText)
    }
    self = try text.withUnsafeBufferPointer { bytes in
      var parser = Parser(bytes: bytes)
      let value = try parser.value(depth: 0)
      parser.skipSpace()
      guard parser.offset == bytes.count else { throw parser.error("the end") }
      return value
    }
  }
}

private struct Parser {
  let bytes: UnsafeBufferPointer<UInt8>
  var offset = 0
  private var values = 0

  static let maximumDepth = 200

  init(bytes: UnsafeBufferPointer<UInt8>) {
    self.bytes = bytes
    // A mark of the byte order.
    if bytes.starts(with: [0xef, 0xbb, 0xbf]) { offset = 3 }
  }

  func error(_ expected: String) -> JSON.ParsingError { .init(expected: expected, offset: offset) }

  /// The byte at the present place; 0 at the end, which no JSON has outside strings.
  private var current: UInt8 { offset < bytes.count ? bytes[offset] : 0 }

  mutating func skipSpace() {
    while [UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "\t")].contains(current) {
      offset += 1
    }
  }

  /// Takes `word` if it stands here.
  private mutating func take(_ word: StaticString) -> Bool {
    let count = word.utf8CodeUnitCount
    guard offset + count <= bytes.count else { return false }
    for index in 0..<count where bytes[offset + index] != word.utf8Start[index] { return false }
    offset += count
    return true
  }

  mutating func value(depth: Int) throws -> JSON {
    guard depth <= Self.maximumDepth else { throw error("nesting of at most \(Self.maximumDepth)") }
    values += 1
    guard values <= JSON.maximumValues else { throw error("no more than \(JSON.maximumValues) values") }
    skipSpace()
    switch current {
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "["): return try array(depth: depth)
    case UInt8(ascii: "{"): return try object(depth: depth)
    default: break
    }
    if take("null") { return .null }
    if take("true") { return .bool(true) }
    if take("false") { return .bool(false) }
    if take("NaN") { return .number(.nan) }
    if take("Infinity") { return .number(.infinity) }
    if take("-Infinity") { return .number(-.infinity) }
    return try number()
  }

  private mutating func array(depth: Int) throws -> JSON {
    offset += 1
    var elements: [JSON] = []
    skipSpace()
    if take("]") { return .array([]) }
    while true {
      elements.append(try value(depth: depth + 1))
      skipSpace()
      if take("]") { return .array(elements) }
      guard take(",") else { throw error("a comma or ]") }
    }
  }

  private mutating func object(depth: Int) throws -> JSON {
    offset += 1
    var members: [String: JSON] = [:]
    skipSpace()
    if take("}") { return .object([:]) }
    while true {
      skipSpace()
      guard current == UInt8(ascii: "\"") else { throw error("a key in quotes") }
      let key = try string()
      skipSpace()
      guard take(":") else { throw error("a colon") }
      members[key] = try value(depth: depth + 1)
      skipSpace()
      if take("}") { return .object(members) }
      guard take(",") else { throw error("a comma or }") }
    }
  }

  private mutating func number() throws -> JSON {
    let start = offset
    var isInteger = true
    scan: while offset < bytes.count {
      switch current {
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): break
      case UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"), UInt8(ascii: "+"): isInteger = false
      default: break scan
      }
      offset += 1
    }
    let text = String(decoding: bytes[start..<offset], as: UTF8.self)
    if isInteger, let value = Int(text) { return .integer(value) }
    // Swift would also take "+1" and ".5", which are no JSON but do no harm.
    guard let value = Double(text) else {
      offset = start
      throw error("a value")
    }
    return .number(value)
  }

  private mutating func string() throws -> String {
    offset += 1
    let start = offset
    while current != UInt8(ascii: "\""), current != UInt8(ascii: "\\") {
      guard current >= 32 else { throw error("the end of a string") }
      offset += 1
    }
    var text = String(decoding: bytes[start..<offset], as: UTF8.self)
    while !take("\"") {
      if take("\\") {
        text.unicodeScalars.append(try escape())
      } else {
        let start = offset
        while current != UInt8(ascii: "\""), current != UInt8(ascii: "\\") {
          guard current >= 32 else { throw error("the end of a string") }
          offset += 1
        }
        text += String(decoding: bytes[start..<offset], as: UTF8.self)
      }
    }
    return text
  }

  private mutating func escape() throws -> Unicode.Scalar {
    let letter = current
    offset += 1
    switch letter {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(letter)
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{c}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"):
      let first = try hexadecimal()
      guard (0xd800..<0xdc00).contains(first) else { return Unicode.Scalar(first) ?? "\u{fffd}" }
      // Two halves make one character; a half alone is none.
      guard take("\\u") else { return "\u{fffd}" }
      let second = try hexadecimal()
      guard (0xdc00..<0xe000).contains(second) else { return "\u{fffd}" }
      return Unicode.Scalar(0x10000 + (first - 0xd800) << 10 + (second - 0xdc00)) ?? "\u{fffd}"
    default:
      offset -= 1
      throw error("a letter that may follow a backslash")
    }
  }

  private mutating func hexadecimal() throws -> UInt32 {
    guard offset + 4 <= bytes.count,
      let value = UInt32(String(decoding: bytes[offset..<offset + 4], as: UTF8.self), radix: 16)
    else { throw error("four hexadecimal digits") }
    offset += 4
    return value
  }
}
