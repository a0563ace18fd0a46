extension ObjectHeader {
  /// The members of a group in the older form: an index, which is a B-tree of version 1, and a heap of their names.
  struct Members {
    /// Address of the index.
    var index: UInt64
    /// Address of the heap.
    var names: UInt64

    func check(in file: FileHandle) throws {
      try checkHeap(in: file)
      var seen: Set<UInt64> = []
      try checkIndex(at: index, level: nil, seen: &seen, in: file)
    }

    /// The list of gaps in the heap, which the library follows wherever it leads (HDF5 File Format Specification 3.0,
    /// section III.D).
    private func checkHeap(in file: FileHandle) throws {
      var header = ByteReader(try file.bytes(at: names, count: 32))
      guard header.starts(with: "HEAP") else { throw ByteReader.Flaw(what: "its members have no names") }
      try header.skip(8)
      let (size, first) = (try header.size(8), try header.size(8))
      let heap = try file.bytes(at: try header.number(8), count: size)
      var gap = first
      var gapsLeft = size / 16
      // 1 ends the list.
      while gap != 1 {
        gapsLeft -= 1
        guard gap >= 0, gap <= size - 16, gapsLeft >= 0 else {
          throw ByteReader.Flaw(what: "the list of gaps between its names leads nowhere")
        }
        gap = Int(clamping: heap.littleEndian(at: gap, bytes: 8))
      }
    }

    /// That the index is a tree (section III.A.1). What is at its ends, the library checks.
    private func checkIndex(
      at address: UInt64, level expected: UInt64?, seen: inout Set<UInt64>, in file: FileHandle
    ) throws {
      var header = ByteReader(try file.bytes(at: address, count: 24))
      guard seen.insert(address).inserted, header.starts(with: "TREE") else {
        throw ByteReader.Flaw(what: "its members have no index")
      }
      try header.skip(4)
      let (kind, level, count) = (try header.number(1), try header.number(1), try header.size(2))
      guard kind == 0, level == expected ?? level, level < 16 else {
        throw ByteReader.Flaw(what: "the index of its members is none")
      }
      guard level > 0 else { return }
      var entries = ByteReader(try file.bytes(at: address + 24, count: count * 16))
      for _ in 0..<count {
        try entries.skip(8)
        try checkIndex(at: try entries.number(8), level: level - 1, seen: &seen, in: file)
      }
    }
  }
}
