internal import Crypto
internal import Foundation

/// Digests of bytes and files, in lower-case hexadecimal.
package enum Digest {
  /// SHA-256 of bytes in memory.
  package static func sha256(of bytes: [UInt8]) -> String { hexadecimal(SHA256.hash(data: bytes)) }

  /// SHA-256 of bytes in memory.
  package static func sha256(of bytes: UnsafeRawBufferPointer) -> String {
    var hash = SHA256()
    hash.update(bufferPointer: bytes)
    return hexadecimal(hash.finalize())
  }

  /// SHA-256 of a file's content, read in blocks.
  ///
  /// - Throws: `FileError` if the file cannot be read.
  package static func sha256(ofFile path: String) throws -> String {
    var hash = SHA256()
    try FileBlocks.forEach(in: path) { hash.update(bufferPointer: $0) }
    return hexadecimal(hash.finalize())
  }

  /// MD5 of bytes in memory; see `md5(ofFile:)`.
  package static func md5(of bytes: [UInt8]) -> String { hexadecimal(Insecure.MD5.hash(data: bytes)) }

  /// MD5 of a file's content, which is what Keras publishes for most weight files. Not a safeguard
  /// against malice, only against damage.
  ///
  /// - Throws: `FileError` if the file cannot be read.
  package static func md5(ofFile path: String) throws -> String {
    var hash = Insecure.MD5()
    try FileBlocks.forEach(in: path) { hash.update(bufferPointer: $0) }
    return hexadecimal(hash.finalize())
  }

  private static func hexadecimal(_ digest: some Sequence<UInt8>) -> String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    for byte in digest {
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
  }
}
