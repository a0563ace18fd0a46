internal import Foundation

/// Reading files in whole or in blocks, with errors that name the file.
package enum FileBlocks {
  /// Calls `body` with successive blocks of the file, each at most 1 MiB.
  ///
  /// - Throws: `FileError`, also for a folder, a pipe or a device; and what `body` throws.
  package static func forEach(in path: String, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
    // Without O_NONBLOCK, opening a named pipe would wait for a writer.
    let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard file >= 0 else { throw FileError(path: path, action: "open") }
    defer { close(file) }
    var status = stat()
    guard fstat(file, &status) == 0 else { throw FileError(path: path, action: "read") }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw FileError(
        path: path, action: "read",
        reason: status.st_mode & S_IFMT == S_IFDIR ? "it is a folder" : "it is not a regular file")
    }
    let block = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 64)
    defer { block.deallocate() }
    while true {
      let count = read(file, block.baseAddress, block.count)
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw FileError(path: path, action: "read") }
      if count == 0 { return }
      try body(UnsafeRawBufferPointer(rebasing: block[..<count]))
    }
  }

  /// The whole content of a file.
  ///
  /// - Throws: `FileError` if it cannot be read, or is larger than `limit` bytes.
  package static func bytes(of path: String, limit: Int = .max) throws -> [UInt8] {
    var bytes: [UInt8] = []
    try forEach(in: path) { block in
      guard bytes.count + block.count <= limit else {
        throw FileError(path: path, action: "read", reason: "larger than \(limit) bytes")
      }
      bytes.append(contentsOf: block)
    }
    return bytes
  }
}
