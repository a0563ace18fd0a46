extension ObjectHeader {
  /// How the values of a dataset are cut up, as its header says.
  struct Chunks {
    /// Where the index of the chunks starts, a B-tree of version 1; nil for other indexes, which carry checksums.
    var index: UInt64?
    /// The extents of a chunk, that of a value in bytes last.
    var extents: [Int] = []
    /// What chunks go through before they are stored, by their registered numbers.
    var filters: [UInt64] = []
  }

  /// An index of chunks (HDF5 File Format Specification 3.0, section III.A.1).
  ///
  /// The library takes what comes out of the filters for a whole chunk. Where the index says that a chunk went
  /// through none of them, or that it is shorter than it is, the library reads beyond its memory.
  struct ChunkIndex {
    private let file: FileHandle
    private let chunks: Chunks
    private let chunkBytes: Int
    private var seen: Set<UInt64> = []

    init(_ chunks: Chunks, in file: FileHandle) {
      self.file = file
      self.chunks = chunks
      chunkBytes = SafetyLimits.product(chunks.extents)
    }

    /// Whether the chunks fit the dataset: where they are larger than it may become, what is stored is less than a
    /// chunk.
    func checkExtents(_ space: Message.Dataspace?, valueBytes: Int?) throws(ByteReader.Flaw) {
      let extents = chunks.extents
      if let space {
        guard extents.count == space.limits.count + 1,
          zip(extents, space.limits).allSatisfy({ $0 <= $1 || $1 == 0 })
        else {
          throw ByteReader.Flaw(what: "chunks of shape \(extents.dropLast()) in a dataset of \(space.limits)")
        }
      }
      if let valueBytes, extents.last != valueBytes {
        throw ByteReader.Flaw(what: "chunks of values of \(extents.last ?? 0) bytes, which are \(valueBytes)")
      }
    }

    /// Looks through the part of the index that starts at an address.
    ///
    /// - Parameter level: How far above the chunks it is, if that is known.
    mutating func check(at address: UInt64, level expected: UInt64? = nil) throws {
      guard seen.insert(address).inserted else {
        throw ByteReader.Flaw(what: "the index of its chunks is a circle")
      }
      var header = ByteReader(try file.bytes(at: address, count: 24))
      guard header.starts(with: "TREE") else { throw ByteReader.Flaw(what: "its chunks have no index") }
      try header.skip(4)
      let (kind, level, count) = (try header.number(1), try header.number(1), try header.size(2))
      guard kind == 1, level == expected ?? level, level < 16 else {
        throw ByteReader.Flaw(what: "the index of its chunks is none")
      }
      // Size and skipped filters of a chunk, its place in the dataset, its address; at the end one more place.
      let entryBytes = 8 + 8 * chunks.extents.count + 8
      var entries = ByteReader(try file.bytes(at: address + 24, count: count * entryBytes))
      for _ in 0..<count {
        let (size, skipped) = (try entries.size(4), try entries.number(4))
        for extent in chunks.extents {
          guard try entries.size(8) % extent == 0 || level > 0 else {
            throw ByteReader.Flaw(what: "a chunk begins inside another")
          }
        }
        let child = try entries.number(8)
        if level > 0 {
          try check(at: child, level: level - 1)
        } else {
          try checkChunk(at: child, size: size, skipped: skipped)
        }
      }
    }

    private func checkChunk(at address: UInt64, size: Int, skipped: UInt64) throws(ByteReader.Flaw) {
      guard address <= UInt64(file.size), size <= file.size - Int(address) else {
        throw ByteReader.Flaw(what: "a chunk of \(size) bytes at byte \(address) goes beyond the file")
      }
      let used = chunks.filters.enumerated().filter { skipped >> UInt64($0.offset) & 1 == 0 }.map(\.element)
      // 1 is deflate, 2 shuffle, 3 a checksum of 4 bytes. What others do to the size is theirs to know.
      guard used.allSatisfy({ $0 == 2 || $0 == 3 }) else { return }
      let expected = chunkBytes + 4 * used.count { $0 == 3 }
      guard size == expected else {
        throw ByteReader.Flaw(what: "a chunk of \(size) bytes where \(expected) belong")
      }
    }
  }
}
