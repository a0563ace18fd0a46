internal import CZlib

extension ZipArchive {
  /// Bytes that an entry may always unpack to.
  private static let harmless = 64 << 20
  /// How many times what it takes an entry may unpack to beyond that. Weights hardly shrink.
  private static let maximumRatio = 20
  /// Bytes that are read at once.
  private static let block = 1 << 20

  /// What an entry holds.
  ///
  /// - Parameter limit: bytes that it may have.
  /// - Throws: `ZipError`.
  package func data(of entry: Entry, limit: Int) throws -> [UInt8] {
    guard entry.size <= limit else {
      throw ZipError(
        .refused,
        "\(Self.printable(entry.name)) would unpack to \(entry.size) bytes, more than the \(limit) allowed")
    }
    var data: [UInt8] = []
    try unpack(entry) { data += $0 }
    return data
  }

  /// Unpacks an entry, handing on one piece after the other.
  ///
  /// - Throws: `ZipError`, at the end also for a wrong checksum; what `body` throws.
  package func unpack(_ entry: Entry, to body: (UnsafeRawBufferPointer) throws -> Void) throws {
    let start = try check(entry)
    var checksum = crc32(0, nil, 0)
    var count = 0
    func take(_ piece: UnsafeRawBufferPointer) throws {
      count += piece.count
      guard count <= entry.size else { throw larger(entry) }
      checksum = crc32(checksum, piece.bindMemory(to: UInt8.self).baseAddress, UInt32(piece.count))
      try body(piece)
    }
    if entry.method == 0 {
      for offset in stride(from: 0, to: entry.packedSize, by: Self.block) {
        let bytes = try source.bytes(
          at: start + offset, count: min(Self.block, entry.packedSize - offset))
        try bytes.withUnsafeBytes(take)
      }
    } else {
      try inflate(entry, from: start, to: take)
    }
    guard count == entry.size else {
      throw ZipError(
        .damaged,
        "\(Self.printable(entry.name)) has \(count) bytes, not the \(entry.size) that the archive says")
    }
    guard UInt32(checksum) == entry.checksum else {
      throw ZipError(
        .damaged, "\(Self.printable(entry.name)) has another checksum than the archive says; it is damaged")
    }
  }

  /// Where the data of an entry starts, if it may be read.
  private func check(_ entry: Entry) throws(ZipError) -> Int {
    let name = Self.printable(entry.name)
    guard !entry.isEncrypted else { throw ZipError(.refused, "\(name) is encrypted") }
    guard entry.method == 0 || entry.method == 8 else {
      throw ZipError(.refused, "\(name) is packed by method \(entry.method), not stored or deflated")
    }
    guard entry.size <= Self.harmless || entry.size / Self.maximumRatio <= entry.packedSize else {
      throw ZipError(
        .refused, "\(name) would unpack from \(entry.packedSize) to \(entry.size) bytes, as weights never do")
    }
    let header = try source.bytes(at: entry.header, count: 30)
    guard header.integer32(at: 0) == 0x0403_4b50 else { throw ZipError(.damaged, "has a damaged directory") }
    let length = header.integer16(at: 26)
    let start = entry.header + 30 + length + header.integer16(at: 28)
    let own = String(decoding: try source.bytes(at: entry.header + 30, count: length), as: UTF8.self)
    guard own == entry.name else {
      throw ZipError(
        .damaged, "calls a file \(name) in its directory and \(Self.printable(own)) beside its data")
    }
    guard start <= directory, entry.packedSize <= directory - start else {
      throw ZipError(.damaged, "\(name) reaches beyond the data of the archive")
    }
    guard entry.method == 8 || entry.packedSize == entry.size else { throw larger(entry) }
    return start
  }

  private func larger(_ entry: Entry) -> ZipError {
    ZipError(
      .damaged, "\(Self.printable(entry.name)) is not of the \(entry.size) bytes that the archive says")
  }

  private func inflate(
    _ entry: Entry, from start: Int, to body: (UnsafeRawBufferPointer) throws -> Void
  ) throws {
    var stream = z_stream()
    guard graft_inflate_raw(&stream) == Z_OK else {
      throw ZipError(.cannotRead, "cannot be unpacked: no memory")
    }
    defer { inflateEnd(&stream) }
    var output = [UInt8](repeating: 0, count: Self.block)
    var status = Z_OK
    var offset = 0
    while offset < entry.packedSize, status != Z_STREAM_END {
      var input = try source.bytes(at: start + offset, count: min(Self.block, entry.packedSize - offset))
      offset += input.count
      try input.withUnsafeMutableBytes { input in
        stream.next_in = input.bindMemory(to: UInt8.self).baseAddress
        stream.avail_in = UInt32(input.count)
        repeat {
          try output.withUnsafeMutableBytes { output in
            stream.next_out = output.bindMemory(to: UInt8.self).baseAddress
            stream.avail_out = UInt32(output.count)
            status = CZlib.inflate(&stream, Z_NO_FLUSH)
            guard status == Z_OK || status == Z_STREAM_END || status == Z_BUF_ERROR else {
              throw ZipError(.damaged, "\(Self.printable(entry.name)) cannot be unpacked; it is damaged")
            }
            try body(UnsafeRawBufferPointer(rebasing: output[..<(output.count - Int(stream.avail_out))]))
          }
          // A full output may have left something behind.
        } while status != Z_STREAM_END && stream.avail_out == 0
      }
    }
    guard status == Z_STREAM_END else {
      throw ZipError(.damaged, "\(Self.printable(entry.name)) ends too early; the archive is damaged")
    }
  }
}
