extension ObjectHeader {
  /// The contents of the messages of one object header, as far as the library trusts them: lengths and addresses.
  struct Message {
    /// The values are in other files.
    enum Elsewhere: Error {
      case virtual
      case external(files: Int)
    }

    let fileBytes: UInt64
    /// Whether the type, once it was seen, is a string or list of variable length.
    private(set) var isVariable = false
    /// Where the members of a group are, once it was seen.
    private(set) var members: Members?
    /// The shape, once it was seen.
    private(set) var space: Dataspace?
    /// Bytes of a value, once its type was seen.
    private(set) var valueBytes: Int?
    /// How values are cut up, once it was seen.
    private(set) var chunks = Chunks()
    /// What values are where none was written, once it was seen.
    private(set) var fill: [UInt8] = []

    /// A shape.
    struct Dataspace {
      /// Number of values.
      var count: Int
      /// How far each axis may grow; the largest integer for without end.
      var limits: [Int]
    }

    init(fileBytes: UInt64) { self.fileBytes = fileBytes }

    /// Whether objects may share a message of a type: shapes, types, values of what was not written, filters, attributes
    /// (section III.I).
    static func canBeShared(_ type: UInt64) -> Bool { [0x01, 0x03, 0x04, 0x05, 0x0b, 0x0c].contains(type) }

    /// What stands in place of a message that several objects share (section IV.A.1).
    static func checkShared(_ data: inout ByteReader) throws(ByteReader.Flaw) {
      switch try data.number(1) {
      case 1: try data.skip(23)
      case 2, 3: try data.skip(9)
      default: throw ByteReader.Flaw(what: "it is shared in an unknown way")
      }
    }

    mutating func check(_ type: UInt64, _ data: inout ByteReader) throws {
      switch type {
      case 0x01: space = try dataspace(&data)
      case 0x02: try linkInfo(&data)
      case 0x03:
        isVariable = data.isVariableType
        valueBytes = try Datatype.check(&data)
      case 0x04: fill = try data.bytes(try data.size(4))
      case 0x05: try fillValue(&data)
      case 0x06: try link(&data)
      case 0x07:
        try data.skip(6)
        throw Elsewhere.external(files: try data.size(2))
      case 0x08: try layout(&data)
      case 0x0b: try filters(&data)
      case 0x0c: try attribute(&data)
      case 0x0d: try data.skipName(alignment: 1)
      case 0x0e: try data.skip(16)
      case 0x11: members = Members(index: try data.number(8), names: try data.number(8))
      case 0x12: try data.skip(8)
      case 0x15: try attributeInfo(&data)
      case 0x16: try data.skip(5)
      default: break
      }
    }

    private func dataspace(_ data: inout ByteReader) throws(ByteReader.Flaw) -> Dataspace {
      let version = try data.number(1)
      let (rank, flags) = (try data.size(1), try data.number(1))
      let kind = try data.number(1)
      guard version == 1 || version == 2, rank <= 32 else {
        throw ByteReader.Flaw(what: "version \(version), \(rank) axes")
      }
      if version == 1 { try data.skip(4) }
      var extents: [Int] = []
      for _ in 0..<rank { extents.append(try data.size(8)) }
      var limits: [Int] = []
      if flags & 1 != 0 { for _ in 0..<rank { limits.append(try data.size(8)) } }
      // Version 2 tells apart one value and none.
      let count = version == 2 && kind == 2 ? 0 : SafetyLimits.product(extents)
      return Dataspace(count: count, limits: limits.isEmpty ? extents : limits)
    }

    /// Where the links of a group, or the attributes of an object, are when they are many: in a heap, with an index.
    private func heapAndIndex(_ data: inout ByteReader) throws(ByteReader.Flaw) {
      let (heap, index) = (try data.number(8), try data.number(8))
      guard (heap == .max) == (index == .max) else {
        throw ByteReader.Flaw(what: "a heap and no index, or an index and no heap")
      }
      guard heap == .max || (heap < fileBytes && index < fileBytes) else {
        throw ByteReader.Flaw(what: "a heap beyond the file")
      }
    }

    private func linkInfo(_ data: inout ByteReader) throws(ByteReader.Flaw) {
      try data.skip(1)
      let flags = try data.number(1)
      if flags & 1 != 0 { try data.skip(8) }
      try heapAndIndex(&data)
      if flags & 2 != 0 { try data.skip(8) }
    }

    private func attributeInfo(_ data: inout ByteReader) throws(ByteReader.Flaw) {
      try data.skip(1)
      let flags = try data.number(1)
      if flags & 1 != 0 { try data.skip(2) }
      try heapAndIndex(&data)
      if flags & 2 != 0 { try data.skip(8) }
    }

    private mutating func fillValue(_ data: inout ByteReader) throws(ByteReader.Flaw) {
      let version = try data.number(1)
      if version >= 3 {
        let flags = try data.number(1)
        if flags & 0x20 != 0 { fill = try data.bytes(try data.size(4)) }
      } else {
        try data.skip(2)
        let isDefined = try data.number(1) != 0
        if version == 1 || isDefined { fill = try data.bytes(try data.size(4)) }
      }
    }

    private func link(_ data: inout ByteReader) throws(ByteReader.Flaw) {
      try data.skip(1)
      let flags = try data.number(1)
      let kind = flags & 8 != 0 ? try data.number(1) : 0
      if flags & 4 != 0 { try data.skip(8) }
      if flags & 0x10 != 0 { try data.skip(1) }
      let length = try data.size(1 << Int(flags & 3))
      guard length > 0 else { throw ByteReader.Flaw(what: "a link without a name") }
      try data.skip(length)
      try data.skip(kind == 0 ? 8 : try data.size(2))
    }

    private mutating func layout(_ data: inout ByteReader) throws {
      let version = try data.number(1)
      switch version {
      case 1, 2:
        let (rank, kind) = (try data.size(1), try data.number(1))
        try data.skip(5)
        let address = kind == 0 ? .max : try data.number(8)
        let found = try extents(&data, rank, isChunk: kind == 2)
        if kind == 2 { (chunks.index, chunks.extents) = (address, found) }
        if kind == 0 { try data.skip(try data.size(4)) }
      case 3, 4:
        switch try data.number(1) {
        case 0: try data.skip(try data.size(2))
        case 1: try data.skip(16)
        case 2 where version == 3:
          let rank = try data.size(1)
          chunks.index = try data.number(8)
          chunks.extents = try extents(&data, rank, isChunk: true)
        case 2:
          try data.skip(1)
          let (rank, width) = (try data.size(1), try data.size(1))
          guard (1...8).contains(width) else { throw ByteReader.Flaw(what: "numbers of \(width) bytes") }
          chunks.extents = try extents(&data, rank, width: width, isChunk: true)
        case 3: throw Elsewhere.virtual
        default: break
        }
      default: break
      }
    }

    /// The extents of a chunk, that of a value in bytes last; the library divides by each of them.
    private func extents(
      _ data: inout ByteReader, _ rank: Int, width: Int = 4, isChunk: Bool
    ) throws(ByteReader.Flaw) -> [Int] {
      guard rank <= 33, rank >= 2 || !isChunk else { throw ByteReader.Flaw(what: "\(rank) axes") }
      var extents: [Int] = []
      for _ in 0..<rank { extents.append(try data.size(width)) }
      guard !isChunk || !extents.contains(0) else { throw ByteReader.Flaw(what: "chunks without extent") }
      return extents
    }

    private mutating func filters(_ data: inout ByteReader) throws(ByteReader.Flaw) {
      let version = try data.number(1)
      let count = try data.size(1)
      guard count <= 32 else { throw ByteReader.Flaw(what: "\(count) filters") }
      if version == 1 { try data.skip(6) }
      chunks.filters = []
      for _ in 0..<count {
        let id = try data.number(2)
        chunks.filters.append(id)
        let nameLength = version == 1 || id >= 256 ? try data.size(2) : 0
        try data.skip(2)
        let values = try data.size(2)
        if nameLength > 0 {
          var name = try data.part(version == 1 ? (nameLength + 7) / 8 * 8 : nameLength)
          try name.skipName(alignment: 1)
        }
        try data.skip(4 * values + (version == 1 && values % 2 == 1 ? 4 : 0))
      }
    }

    private func attribute(_ data: inout ByteReader) throws(ByteReader.Flaw) {
      let version = try data.number(1)
      let flags = try data.number(1)
      guard (1...3).contains(version) else { throw ByteReader.Flaw(what: "version \(version)") }
      let lengths = (name: try data.size(2), type: try data.size(2), space: try data.size(2))
      if version == 3 { try data.skip(1) }
      func padded(_ length: Int) -> Int { version == 1 ? (length + 7) / 8 * 8 : length }
      var name = try data.part(padded(lengths.name))
      try name.skipName(alignment: 1)
      var type = try data.part(padded(lengths.type))
      var space = try data.part(padded(lengths.space))
      let sharesType = version > 1 && flags & 1 != 0
      let sharesSpace = version > 1 && flags & 2 != 0
      let valueBytes = sharesType ? nil : try Datatype.check(&type)
      if sharesType { try Self.checkShared(&type) }
      let count = sharesSpace ? nil : try dataspace(&space).count
      if sharesSpace { try Self.checkShared(&space) }
      guard let valueBytes, let count else { return }
      try data.skip(SafetyLimits.product([count, valueBytes]))
    }
  }
}
