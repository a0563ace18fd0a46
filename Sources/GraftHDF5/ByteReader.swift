/// Reads little-endian numbers from bytes one after the other, and never beyond them.
struct ByteReader {
  /// What is wrong with the bytes.
  struct Flaw: Error {
    var what: String
  }

  private let bytes: [UInt8]
  private(set) var position: Int
  private let end: Int

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    position = 0
    end = bytes.count
  }

  private init(_ bytes: [UInt8], _ range: Range<Int>) {
    self.bytes = bytes
    position = range.lowerBound
    end = range.upperBound
  }

  var left: Int { end - position }

  /// The next `count` bytes as a number; 8 at most.
  mutating func number(_ count: Int) throws(Flaw) -> UInt64 {
    try skip(count)
    return bytes.littleEndian(at: position - count, bytes: count)
  }

  /// As `number`, for what is counted or measured: beyond the largest integer it is that.
  mutating func size(_ count: Int) throws(Flaw) -> Int { Int(clamping: try number(count)) }

  mutating func skip(_ count: Int) throws(Flaw) {
    guard count >= 0, count <= left else { throw Flaw(what: "it ends before what it says is in it") }
    position += count
  }

  /// A reader of the next `count` bytes alone.
  mutating func part(_ count: Int) throws(Flaw) -> ByteReader {
    let start = position
    try skip(count)
    return ByteReader(bytes, start..<position)
  }

  /// Passes over a name that ends with a zero byte and is filled up to a multiple of `alignment`.
  mutating func skipName(alignment: Int) throws(Flaw) {
    guard let zero = bytes[position..<end].firstIndex(of: 0) else {
      throw Flaw(what: "a name in it has no end")
    }
    try skip((zero + 1 - position + alignment - 1) / alignment * alignment)
  }

  /// The next `count` bytes.
  mutating func bytes(_ count: Int) throws(Flaw) -> [UInt8] {
    try skip(count)
    return Array(bytes[position - count..<position])
  }

  func starts(with text: String) -> Bool { bytes[position..<end].starts(with: text.utf8) }
}
