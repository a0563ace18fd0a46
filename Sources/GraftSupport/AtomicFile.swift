internal import Foundation

/// Writing a file so that its name only ever refers to a whole one: under a temporary name in the same
/// folder, flushed to the disk, then renamed.
package enum AtomicFile {
  /// Writes `bytes` to `path`.
  ///
  /// - Throws: `FileError`; then what stood at `path` before still stands there.
  package static func write(_ bytes: [UInt8], to path: String) throws {
    try replace(path) { temporary in
      let file = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
      guard file >= 0 else { throw FileError(path: path, action: "create") }
      defer { close(file) }
      try bytes.withUnsafeBytes { bytes in
        var written = 0
        while written < bytes.count {
          let count = Foundation.write(file, bytes.baseAddress.map { $0 + written }, bytes.count - written)
          if count < 0 && errno == EINTR { continue }
          guard count > 0 else { throw FileError(path: path, action: "write") }
          written += count
        }
      }
    }
  }

  /// Writes `text` to `path` in UTF-8.
  ///
  /// - Throws: `FileError`; then what stood at `path` before still stands there.
  package static func write(_ text: String, to path: String) throws {
    try write(Array(text.utf8), to: path)
  }

  /// Lets `body` make a file under a temporary name, then gives it the name `path`.
  ///
  /// - Throws: `FileError`, and what `body` throws; then the temporary file is removed and what stood at
  ///   `path` before still stands there.
  package static func replace<Result>(_ path: String, with body: (_ temporary: String) throws -> Result)
    throws
    -> Result
  {
    let temporary = temporaryName(for: path)
    do {
      let result = try body(temporary)
      try rename(temporary, to: path)
      return result
    } catch {
      unlink(temporary)
      throw error
    }
  }

  /// A name beside `path` that no other process uses.
  package static func temporaryName(for path: String) -> String {
    "\(path).\(ProcessInfo.processInfo.processIdentifier).part"
  }

  /// Flushes `temporary` to the disk and renames it to `path`.
  ///
  /// - Throws: `FileError`.
  package static func rename(_ temporary: String, to path: String) throws {
    let file = open(temporary, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw FileError(path: temporary, action: "open") }
    let synced = fsync(file)
    close(file)
    guard synced == 0 else { throw FileError(path: path, action: "write") }
    guard Foundation.rename(temporary, path) == 0 else { throw FileError(path: path, action: "write") }
  }
}
