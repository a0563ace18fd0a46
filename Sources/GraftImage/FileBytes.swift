#if canImport(Darwin)
internal import Darwin
#elseif canImport(Musl)
internal import Musl
#else
internal import Glibc
#endif

/// Whole files in memory, with the system's own reason when that fails.
enum FileBytes {
  /// More bytes than any picture within the pixel limit takes.
  static let limit = 1 << 30

  /// Reads a regular file, or its first bytes.
  ///
  /// - Throws: `ImageError` with the code `.unreadable` or `.tooLarge`.
  static func read(_ path: String, first most: Int = .max) throws -> [UInt8] {
    // Without O_NONBLOCK, opening a named pipe would wait for a writer.
    let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard file >= 0 else { throw unreadable(path, errno) }
    defer { _ = close(file) }
    var status = stat()
    guard fstat(file, &status) == 0 else { throw unreadable(path, errno) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      let found = status.st_mode & S_IFMT == S_IFDIR ? "a folder" : "not a regular file"
      throw ImageError(.unreadable, path: path, reason: "\(found); expected a picture")
    }
    let size = min(Int(status.st_size), most)
    guard size <= limit else {
      throw ImageError(
        .tooLarge, path: path, reason: "\(size) bytes, more than the \(limit) that a picture's file may have")
    }
    var failure: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      count = 0
      while count < size {
        let got = Self.read(file, buffer.baseAddress?.advanced(by: count), size - count)
        if got < 0 && errno == EINTR { continue }
        if got < 0 { failure = errno }
        if got <= 0 { break }
        count += got
      }
    }
    guard failure == 0 else { throw unreadable(path, failure) }
    return bytes
  }

  private static func read(_ file: Int32, _ target: UnsafeMutablePointer<UInt8>?, _ count: Int) -> Int {
    #if canImport(Darwin)
    Darwin.read(file, target, count)
    #elseif canImport(Musl)
    Musl.read(file, target, count)
    #else
    Glibc.read(file, target, count)
    #endif
  }

  /// The system's reason for a failure, as an error.
  static func unreadable(_ path: String, _ code: Int32) -> ImageError {
    let advice =
      switch code {
      case ENOENT, ENOTDIR: "; check the spelling"
      case EACCES, EPERM: "; check who may read it"
      default: ""
      }
    return ImageError(.unreadable, path: path, reason: reason(code) + advice)
  }

  /// What the system says about an error number, such as "No such file or directory".
  static func reason(_ code: Int32) -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
      buffer.initialize(repeating: 0)
      guard let start = buffer.baseAddress else { return "error \(code)" }
      // Swift sees the POSIX variant of strerror_r, which returns a status.
      return strerror_r(code, start, buffer.count - 1) == 0 ? String(cString: start) : "error \(code)"
    }
  }
}
