internal import CZlib
internal import Foundation

/// Writes a zip archive of files that are stored as they are.
///
/// Dates are those of no day: the same content gives the same bytes.
package final class ZipWriter {
  private let file: FileHandle
  private var directory: [UInt8] = []
  private var entries = 0
  private var offset = 0

  /// More needs fields of 64 bits, which are not written.
  private static let maximumSize = 0xffff_fffe
  private static let block = 1 << 20

  /// Creates an archive; what was there under this name is lost.
  ///
  /// - Throws: `ZipError` with code `.cannotWrite`, as all of this.
  package init(path: String) throws {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      throw ZipError(.cannotWrite, "cannot create: \(String(cString: strerror(errno)))")
    }
    file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
  }

  /// Adds a file of the given bytes.
  package func add(_ name: String, _ bytes: [UInt8]) throws {
    let checksum = bytes.withUnsafeBytes { Self.checksum(0, $0) }
    try begin(name, size: bytes.count, checksum)
    try write(Data(bytes))
  }

  /// Adds a copy of the file at `path`.
  package func add(_ name: String, fileAt path: String) throws {
    guard let input = FileHandle(forReadingAtPath: path) else {
      throw ZipError(.cannotRead, "cannot open \(path)")
    }
    defer { try? input.close() }
    func forEachBlock(_ body: (Data) throws -> Void) throws {
      try input.seek(toOffset: 0)
      while let block = try input.read(upToCount: Self.block), !block.isEmpty { try body(block) }
    }
    var checksum: UInt = 0
    var size = 0
    try forEachBlock {
      size += $0.count
      checksum = $0.withUnsafeBytes { [checksum] in Self.checksum(checksum, $0) }
    }
    try begin(name, size: size, checksum)
    try forEachBlock(write)
  }

  /// Writes the directory and closes the file.
  package func close() throws {
    let start = offset
    try write(Data(directory))
    var end: [UInt8] = []
    end.append32(0x0605_4b50)
    end.append32(0)
    end.append16(entries)
    end.append16(entries)
    end.append32(directory.count)
    end.append32(start)
    end.append16(0)
    try write(Data(end))
    try file.close()
  }

  private static func checksum(_ before: UInt, _ bytes: UnsafeRawBufferPointer) -> UInt {
    UInt(crc32(before, bytes.bindMemory(to: UInt8.self).baseAddress, UInt32(bytes.count)))
  }

  /// Writes what goes before the data of a file, and notes it for the directory.
  private func begin(_ name: String, size: Int, _ checksum: UInt) throws {
    guard offset + size <= Self.maximumSize - (1 << 20) else {
      throw ZipError(
        .cannotWrite, "would be larger than 4 GB, which .keras files of Graft cannot be; write .h5")
    }
    // Version 2.0; names in UTF-8; stored; 1 January 1980.
    var common: [UInt8] = []
    common.append16(20)
    common.append16(0x800)
    common.append16(0)
    common.append16(0)
    common.append16(0x21)
    common.append32(Int(checksum))
    common.append32(size)
    common.append32(size)
    common.append16(name.utf8.count)
    common.append16(0)
    var header: [UInt8] = []
    header.append32(0x0403_4b50)
    header += common
    header += Array(name.utf8)
    directory.append32(0x0201_4b50)
    // Made on Unix, so that the permissions below count.
    directory.append16(3 << 8 | 20)
    directory += common
    directory.append16(0)
    directory.append16(0)
    directory.append16(0)
    directory.append32(0o100644 << 16)
    directory.append32(offset)
    directory += Array(name.utf8)
    entries += 1
    try write(Data(header))
  }

  private func write(_ data: Data) throws {
    do {
      try file.write(contentsOf: data)
    } catch {
      throw ZipError(.cannotWrite, "cannot write: \(error.localizedDescription)")
    }
    offset += data.count
  }
}
