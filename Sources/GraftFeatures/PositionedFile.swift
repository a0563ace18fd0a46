internal import Foundation

/// Reading and writing at given places of an open file, whole or not at all.
enum PositionedFile {
  /// The system's reason for a failure.
  struct Failure: Error {
    let reason: String

    /// The reason as `errno` gives it.
    init() { reason = String(cString: strerror(errno)) }
  }

  /// Fills `buffer`, unless the file ends before; returns how many bytes there were.
  static func read(_ file: Int32, into buffer: UnsafeMutableRawBufferPointer, at offset: Int)
    throws(Failure) -> Int
  {
    var done = 0
    while done < buffer.count {
      let found = pread(
        file, buffer.baseAddress.map { $0 + done }, buffer.count - done, off_t(offset + done))
      if found < 0 && errno == EINTR { continue }
      guard found >= 0 else { throw Failure() }
      if found == 0 { break }
      done += found
    }
    return done
  }

  /// Writes all of `bytes`.
  static func write(_ file: Int32, _ bytes: UnsafeRawBufferPointer, at offset: Int) throws(Failure) {
    var done = 0
    while done < bytes.count {
      let written = pwrite(
        file, bytes.baseAddress.map { $0 + done }, bytes.count - done, off_t(offset + done))
      if written < 0 && errno == EINTR { continue }
      guard written > 0 else { throw Failure() }
      done += written
    }
  }

  /// The size of an open file.
  static func size(_ file: Int32) throws(Failure) -> Int {
    var status = stat()
    guard fstat(file, &status) == 0 else { throw Failure() }
    return Int(status.st_size)
  }
}
