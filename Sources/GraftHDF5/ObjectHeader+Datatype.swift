extension ByteReader {
  /// Whether the description of a type that follows is of a string or list of variable length, class 9.
  var isVariableType: Bool {
    var copy = self
    return (try? copy.number(1)).map { $0 & 15 == 9 } ?? false
  }
}

extension ObjectHeader {
  /// The description of a type, which may be made of others (HDF5 File Format Specification 3.0, section IV.A.2.d).
  enum Datatype {
    /// Passes over a description and returns the size of a value in bytes.
    static func check(_ data: inout ByteReader, depth: Int = 0) throws(ByteReader.Flaw) -> Int {
      guard depth < 16 else { throw ByteReader.Flaw(what: "a type inside \(depth) others") }
      let kind = try data.number(1)
      let (version, bits) = (kind >> 4, try data.size(3))
      let size = try data.size(4)
      guard (1...4).contains(version), size > 0 else {
        throw ByteReader.Flaw(what: "a type of \(size) bytes in version \(version)")
      }
      let alignment = version < 3 ? 8 : 1
      switch kind & 15 {
      case 0, 4: try data.skip(4)
      case 1: try data.skip(12)
      case 2: try data.skip(2)
      case 5: try data.skip(bits & 0xff)
      case 6:
        for _ in 0..<(bits & 0xffff) {
          try data.skipName(alignment: alignment)
          let offset = try data.size(version < 3 ? 4 : width(of: size))
          if version == 1 { try data.skip(28) }
          let member = try check(&data, depth: depth + 1)
          guard offset <= size, member <= size - offset else {
            throw ByteReader.Flaw(what: "a part of a value is larger than the whole")
          }
        }
      case 8:
        let base = try check(&data, depth: depth + 1)
        guard base == size else {
          throw ByteReader.Flaw(what: "an enumeration of another size than its values")
        }
        let count = bits & 0xffff
        for _ in 0..<count { try data.skipName(alignment: alignment) }
        try data.skip(SafetyLimits.product([count, base]))
      case 9: _ = try check(&data, depth: depth + 1)
      case 10:
        let rank = try data.size(1)
        guard rank <= 32 else { throw ByteReader.Flaw(what: "an array of \(rank) axes") }
        if version < 3 { try data.skip(3) }
        var extents: [Int] = []
        for _ in 0..<rank { extents.append(try data.size(4)) }
        if version < 3 { try data.skip(4 * rank) }
        let base = try check(&data, depth: depth + 1)
        guard SafetyLimits.product(extents + [base]) == size else {
          throw ByteReader.Flaw(what: "an array of another size than its values")
        }
      default: break
      }
      return size
    }

    /// How many bytes an offset inside a value takes.
    private static func width(of size: Int) -> Int {
      (Int.bitWidth - size.leadingZeroBitCount + 7) / 8
    }
  }
}
