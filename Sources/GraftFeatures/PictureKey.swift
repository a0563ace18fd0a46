/// The SHA-256 digest of a picture's bytes, in the form in which it is looked up and stored.
struct PictureKey: Hashable, Sendable {
  static let byteCount = 32

  private let words: (UInt64, UInt64, UInt64, UInt64)

  /// Reads 64 hexadecimal digits; nil for anything else.
  init?(hexadecimal text: String) {
    var text = text
    let words: (UInt64, UInt64, UInt64, UInt64)? = text.withUTF8 { digits in
      guard digits.count == 64 else { return nil }
      func word(_ index: Int) -> UInt64? {
        var value: UInt64 = 0
        for digit in digits[index * 16..<(index + 1) * 16] {
          switch digit {
          case UInt8(ascii: "0")...UInt8(ascii: "9"): value = value << 4 | UInt64(digit - UInt8(ascii: "0"))
          case UInt8(ascii: "a")...UInt8(ascii: "f"):
            value = value << 4 | UInt64(digit - UInt8(ascii: "a") + 10)
          default: return nil
          }
        }
        return value
      }
      guard let a = word(0), let b = word(1), let c = word(2), let d = word(3) else { return nil }
      return (a, b, c, d)
    }
    guard let words else { return nil }
    self.words = words
  }

  /// Reads what `store` wrote.
  init(from bytes: UnsafeRawPointer) {
    func word(_ index: Int) -> UInt64 {
      UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8 * index, as: UInt64.self))
    }
    words = (word(0), word(1), word(2), word(3))
  }

  /// Writes the 32 bytes of the digest.
  func store(to bytes: UnsafeMutableRawPointer) {
    for (index, word) in [words.0, words.1, words.2, words.3].enumerated() {
      bytes.storeBytes(of: word.bigEndian, toByteOffset: 8 * index, as: UInt64.self)
    }
  }

  static func == (a: PictureKey, b: PictureKey) -> Bool { a.words == b.words }

  func hash(into hasher: inout Hasher) {
    // A digest is random already; a part of it is enough to spread keys.
    hasher.combine(words.0)
    hasher.combine(words.3)
  }
}
