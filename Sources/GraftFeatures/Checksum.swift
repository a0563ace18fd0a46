/// A 64-bit checksum that tells a record that was written whole from one that was not.
///
/// One multiplication a word, in the manner of FNV-1a over words instead of bytes (Fowler, Noll and Vo), with
/// a shift that lets high bits reach low ones. A safeguard against torn writes, not against malice.
enum Checksum {
  /// The checksum of bytes, whose number must be a multiple of 8. Never that of another `seed` by design, so
  /// a record that stands in the wrong place is noticed; of zeros it is not zero.
  static func of(_ bytes: UnsafeRawBufferPointer, seed: UInt64) -> UInt64 {
    precondition(bytes.count % 8 == 0, "a checksum is taken of whole words, not of \(bytes.count) bytes")
    var hash = seed ^ 0xcbf2_9ce4_8422_2325
    for offset in stride(from: 0, to: bytes.count, by: 8) {
      let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
      hash = (hash ^ word) &* 0x9e37_79b9_7f4a_7c15
      hash ^= hash >> 32
    }
    return hash
  }
}
