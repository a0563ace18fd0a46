internal import Foundation

/// Bytes that can be read at any place: an open file, or memory.
final class ByteSource: Sendable {
  private enum Kind {
    case file(Int32)
    case memory([UInt8])
  }

  private let kind: Kind
  /// The number of bytes.
  let count: Int

  init(_ bytes: [UInt8]) {
    kind = .memory(bytes)
    count = bytes.count
  }

  /// Opens a regular file.
  init(path: String) throws(ZipError) {
    let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard file >= 0 else { throw ZipError(.cannotRead, "cannot open: \(String(cString: strerror(errno)))") }
    var status = stat()
    guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(file)
      throw ZipError(.cannotRead, "is not a regular file")
    }
    kind = .file(file)
    count = Int(status.st_size)
  }

  deinit { if case .file(let file) = kind { close(file) } }

  /// `count` bytes from `offset` on.
  func bytes(at offset: Int, count: Int) throws(ZipError) -> [UInt8] {
    guard offset >= 0, count >= 0, offset <= self.count, count <= self.count - offset else {
      throw ZipError(
        .damaged, "refers to \(count) bytes from byte \(offset) on, but has only \(self.count) bytes")
    }
    switch kind {
    case .memory(let bytes): return Array(bytes[offset..<offset + count])
    case .file(let file):
      var bytes = [UInt8](repeating: 0, count: count)
      var filled = 0
      while filled < count {
        let read = bytes.withUnsafeMutableBytes {
          pread(file, $0.baseAddress.map { $0 + filled }, count - filled, off_t(offset + filled))
        }
        if read < 0 && errno == EINTR { continue }
        guard read > 0 else {
          throw ZipError(
            .cannotRead,
            "cannot be read: " + (read < 0 ? String(cString: strerror(errno)) : "it has become shorter"))
        }
        filled += read
      }
      return bytes
    }
  }
}

/// Numbers in the order of a zip archive: the least byte first.
extension [UInt8] {
  func integer16(at offset: Int) -> Int { Int(self[offset]) | Int(self[offset + 1]) << 8 }

  func integer32(at offset: Int) -> Int { integer16(at: offset) | integer16(at: offset + 2) << 16 }

  /// Nil for more than an `Int` holds.
  func integer64(at offset: Int) -> Int? {
    let high = integer32(at: offset + 4)
    return high < 1 << 31 ? integer32(at: offset) | high << 32 : nil
  }

  mutating func append16(_ value: Int) {
    append(contentsOf: [UInt8(value & 0xff), UInt8(value >> 8 & 0xff)])
  }

  mutating func append32(_ value: Int) {
    append16(value & 0xffff)
    append16(value >> 16 & 0xffff)
  }
}
