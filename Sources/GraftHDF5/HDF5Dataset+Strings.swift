internal import CHDF5

extension HDF5Dataset {
  /// All strings, of fixed or variable length; bytes that are not UTF-8 are replaced by U+FFFD.
  public func readStrings() throws -> [String] { try readStrings(selecting: nil) }

  /// The strings of some rows, of fixed or variable length; bytes that are not UTF-8 are replaced by U+FFFD.
  public func readStrings(rows: Range<Int>) throws -> [String] { try readStrings(selecting: rows) }

  /// Writes all strings.
  ///
  /// - Throws: ``HDF5Error`` with code `invalidValue` for a string that holds a zero byte, or that is longer in
  ///   UTF-8 than the stored type has room for.
  public func write(_ values: [String]) throws { try write(values, selecting: nil) }

  /// Writes the strings of some rows.
  ///
  /// - Throws: ``HDF5Error`` with code `invalidValue` for a string that holds a zero byte, or that is longer in
  ///   UTF-8 than the stored type has room for.
  public func write(_ values: [String], rows: Range<Int>) throws { try write(values, selecting: rows) }
}

// MARK: -

extension HDF5Dataset {
  private func readStrings(selecting rows: Range<Int>?) throws -> [String] {
    try handle.use { place in
      guard type.isString else {
        throw place.error(.wrongType, "holds values of type \(type), where strings were expected")
      }
      let selection = try Selection(self, rows: rows, place)
      try checkSize(selection, bytesEach: stored.elementBytes, place)
      if case .fixedString(let bytes) = type {
        let typeID = try place.check(H5Dget_type(handle.id), .damaged, "its type cannot be read")
        defer { H5Tclose(typeID) }
        var buffer = [UInt8](repeating: 0, count: selection.count * bytes)
        try buffer.withUnsafeMutableBytes { try read(selection, as: typeID, into: $0.baseAddress, place) }
        return FixedStrings.unpack(buffer, bytes: bytes, padding: stored.padding)
      }
      return try readVariableStrings(selection, place)
    }
  }

  private func readVariableStrings(_ selection: Selection, _ place: Place) throws -> [String] {
    let typeID = try StringReferences.type(place)
    defer { H5Tclose(typeID) }
    var buffer = [UInt8](repeating: 0, count: selection.count * StringReferences.size)
    try buffer.withUnsafeMutableBytes { try read(selection, as: typeID, into: $0.baseAddress, place) }
    var heap = try GlobalHeap(handle.file, place)
    return try heap.strings(StringReferences(buffer))
  }

  private func write(_ values: [String], selecting rows: Range<Int>?) throws {
    try handle.change { place in
      let selection = try selection(for: values.count, rows, place)
      switch type {
      case .fixedString(let bytes):
        let packed = try FixedStrings.pack(values, bytes: bytes, padding: stored.padding, place)
        let typeID = try place.check(H5Dget_type(handle.id), .damaged, "its type cannot be read")
        defer { H5Tclose(typeID) }
        try write(selection, as: typeID, from: packed, place)
      case .variableString:
        let typeID = try place.check(H5Dget_type(handle.id), .damaged, "its type cannot be read")
        defer { H5Tclose(typeID) }
        try CStrings.withPointers(to: values, place) { try write(selection, as: typeID, from: $0, place) }
      default:
        throw place.error(.wrongType, "holds values of type \(type); strings cannot be written to it")
      }
    }
  }
}

/// Strings of one size each, in one piece of memory.
enum FixedStrings {
  /// - Parameter padding: What fills up a string that is shorter.
  static func unpack(_ buffer: [UInt8], bytes: Int, padding: H5T_str_t) -> [String] {
    stride(from: 0, to: buffer.count, by: max(bytes, 1)).map { start in
      var text = buffer[start..<start + bytes]
      switch padding {
      case H5T_STR_NULLTERM: text = text.prefix { $0 != 0 }
      case H5T_STR_SPACEPAD: while text.last == UInt8(ascii: " ") { text.removeLast() }
      default: while text.last == 0 { text.removeLast() }
      }
      return String(decoding: text, as: UTF8.self)
    }
  }

  static func pack(_ values: [String], bytes: Int, padding: H5T_str_t, _ place: Place) throws -> [UInt8] {
    let room = padding == H5T_STR_NULLTERM ? bytes - 1 : bytes
    let filler = padding == H5T_STR_SPACEPAD ? UInt8(ascii: " ") : 0
    var buffer = [UInt8](repeating: filler, count: values.count * bytes)
    for (index, value) in values.enumerated() {
      try CStrings.requireNoZeroByte(value, place)
      let text = Array(value.utf8)
      guard text.count <= room else {
        throw place.error(
          .invalidValue, "has room for strings of \(room) bytes; \"\(value.prefix(64))\" takes \(text.count)")
      }
      buffer.replaceSubrange(index * bytes..<index * bytes + text.count, with: text)
    }
    return buffer
  }
}

/// Strings that end with a zero byte, as C has them.
enum CStrings {
  /// Runs `body` with an array of pointers to the strings.
  static func withPointers<Result>(
    to values: [String], _ place: Place, _ body: (UnsafeRawPointer?) throws -> Result
  ) throws -> Result {
    var bytes: [UInt8] = []
    var offsets: [Int] = []
    for value in values {
      try requireNoZeroByte(value, place)
      offsets.append(bytes.count)
      bytes += value.utf8
      bytes.append(0)
    }
    return try bytes.withUnsafeBytes { text in
      let pointers: [UnsafeRawPointer?] = offsets.map { offset in text.baseAddress.map { $0 + offset } }
      return try pointers.withUnsafeBytes { try body($0.baseAddress) }
    }
  }

  static func requireNoZeroByte(_ value: String, _ place: Place) throws {
    if value.utf8.contains(0) {
      throw place.error(
        .invalidValue, "a string with a zero byte in it cannot be stored: \"\(value.prefix(64))\"")
    }
  }
}
