/// A zip archive, opened for reading: its directory, and what its entries hold.
///
/// Nothing is ever written under a name that the archive gives. Encrypted archives, such as consist of several files,
/// names that lead out of a folder, and entries that unpack to far more than they take are refused; what is unpacked
/// is counted and compared with the checksum. (PKWARE's APPNOTE 6.3, sections 4.3 to 4.5.)
package struct ZipArchive: Sendable {
  /// One file in the archive.
  package struct Entry: Hashable, Sendable {
    package let name: String
    /// Bytes that it takes in the archive.
    package let packedSize: Int
    /// Bytes that it unpacks to, as the archive says.
    package let size: Int
    let method: Int
    let checksum: UInt32
    let isEncrypted: Bool
    let header: Int
  }

  /// The files, in the order of the directory.
  package let entries: [Entry]

  let source: ByteSource
  /// Where the directory starts, and data must have ended.
  let directory: Int

  /// More files than an archive of a model has.
  private static let maximumEntries = 4096
  /// Bytes that such a directory takes at the most.
  private static let maximumDirectory = 4 << 20

  /// Opens a file.
  package init(path: String) throws(ZipError) { try self.init(ByteSource(path: path)) }

  /// Opens the bytes of a file that is in memory.
  package init(bytes: [UInt8]) throws(ZipError) { try self.init(ByteSource(bytes)) }

  private init(_ source: ByteSource) throws(ZipError) {
    let end = try DirectoryEnd(source)
    guard end.entries <= Self.maximumEntries, end.size <= Self.maximumDirectory else {
      throw ZipError(.refused, "lists \(end.entries) files in \(end.size) bytes, more than any model has")
    }
    var entries: [Entry] = []
    var names: Set<String> = []
    let bytes = try source.bytes(at: end.start, count: end.size)
    var offset = 0
    for _ in 0..<end.entries {
      let entry = try Self.entry(bytes, &offset)
      guard names.insert(entry.name).inserted else {
        throw ZipError(.refused, "holds two files named \(Self.printable(entry.name))")
      }
      entries.append(entry)
    }
    self.entries = entries
    self.source = source
    directory = end.start
  }

  /// The entry of a name.
  package subscript(name: String) -> Entry? { entries.first { $0.name == name } }

  private static func entry(_ bytes: [UInt8], _ offset: inout Int) throws(ZipError) -> Entry {
    guard offset + 46 <= bytes.count, bytes.integer32(at: offset) == 0x0201_4b50 else {
      throw ZipError(.damaged, "has a damaged directory")
    }
    let lengths = (
      name: bytes.integer16(at: offset + 28), extra: bytes.integer16(at: offset + 30),
      comment: bytes.integer16(at: offset + 32)
    )
    let next = offset + 46 + lengths.name + lengths.extra + lengths.comment
    guard next <= bytes.count else { throw ZipError(.damaged, "has a damaged directory") }
    let name = String(decoding: bytes[offset + 46..<offset + 46 + lengths.name], as: UTF8.self)
    guard isSafe(name) else {
      throw ZipError(.refused, "holds a file whose name leads elsewhere: \(printable(name))")
    }
    var sizes = [
      bytes.integer32(at: offset + 24), bytes.integer32(at: offset + 20), bytes.integer32(at: offset + 42),
    ]
    // Numbers too large for 32 bits follow in the order size, packed size, place, as far as they are needed.
    let extra = Array(bytes[offset + 46 + lengths.name..<offset + 46 + lengths.name + lengths.extra])
    if sizes.contains(0xffff_ffff) {
      var wide = wideNumbers(extra)[...]
      for index in sizes.indices where sizes[index] == 0xffff_ffff {
        guard let value = wide.popFirst() else { throw ZipError(.damaged, "has a damaged directory") }
        sizes[index] = value
      }
    }
    let entry = Entry(
      name: name, packedSize: sizes[1], size: sizes[0], method: bytes.integer16(at: offset + 10),
      checksum: UInt32(bytes.integer32(at: offset + 16)),
      isEncrypted: bytes.integer16(at: offset + 8) & 0x41 != 0, header: sizes[2])
    offset = next
    return entry
  }

  /// The numbers of the zip64 field among the extra fields of an entry.
  private static func wideNumbers(_ extra: [UInt8]) -> [Int] {
    var offset = 0
    while offset + 4 <= extra.count {
      let (kind, length) = (extra.integer16(at: offset), extra.integer16(at: offset + 2))
      let end = offset + 4 + length
      guard end <= extra.count else { return [] }
      if kind == 1 {
        return stride(from: offset + 4, to: end - 7, by: 8).compactMap { extra.integer64(at: $0) }
      }
      offset = end
    }
    return []
  }

  /// Whether a name stays in the folder that an archive would be unpacked into.
  private static func isSafe(_ name: String) -> Bool {
    !name.isEmpty && !name.hasPrefix("/") && !name.contains("\\") && !name.utf8.contains(0)
      && !name.contains(":") && !name.split(separator: "/").contains("..")
  }

  static func printable(_ name: String) -> String {
    "\"" + name.prefix(80).map { $0.isASCII && $0 >= " " && $0 != "\u{7f}" ? String($0) : "?" }.joined()
      + "\""
  }
}

/// The end of an archive, which says where its directory is.
private struct DirectoryEnd {
  var start: Int
  var size: Int
  var entries: Int

  init(_ source: ByteSource) throws(ZipError) {
    // The end is followed by a comment of at most 65535 bytes.
    let count = min(source.count, 22 + 0xffff)
    let first = source.count - count
    let bytes = try source.bytes(at: first, count: count)
    guard
      let offset = stride(from: count - 22, through: 0, by: -1).first(where: {
        bytes.integer32(at: $0) == 0x0605_4b50 && $0 + 22 + bytes.integer16(at: $0 + 20) == count
      })
    else {
      throw ZipError(.damaged, "is a zip archive without an end; the download or copy was cut off")
    }
    var disks = (bytes.integer16(at: offset + 4), bytes.integer16(at: offset + 6))
    entries = bytes.integer16(at: offset + 10)
    size = bytes.integer32(at: offset + 12)
    start = bytes.integer32(at: offset + 16)
    var end = first + offset
    if entries == 0xffff || size == 0xffff_ffff || start == 0xffff_ffff {
      guard offset >= 20, bytes.integer32(at: offset - 20) == 0x0706_4b50,
        let place = bytes.integer64(at: offset - 12)
      else { throw ZipError(.damaged, "has a damaged directory") }
      let record = try source.bytes(at: place, count: 56)
      guard record.integer32(at: 0) == 0x0606_4b50, let entries = record.integer64(at: 32),
        let size = record.integer64(at: 40), let start = record.integer64(at: 48)
      else { throw ZipError(.damaged, "has a damaged directory") }
      disks = (record.integer32(at: 16), record.integer32(at: 20))
      (self.entries, self.size, self.start) = (entries, size, start)
      end = place
    }
    guard disks == (0, 0) else { throw ZipError(.refused, "is one of several files of an archive") }
    guard start <= end, size <= end - start else { throw ZipError(.damaged, "has a damaged directory") }
  }
}
