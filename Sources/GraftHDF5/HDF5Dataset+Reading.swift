internal import CHDF5

extension HDF5Dataset {
  /// All values of any numeric type, as single-precision numbers.
  public func readFloats() throws -> [Float] {
    try readFloats(selecting: nil)
  }

  /// The values of some rows, of any numeric type, as single-precision numbers.
  public func readFloats(rows: Range<Int>) throws -> [Float] {
    try readFloats(selecting: rows)
  }

  /// The values of some rows, of any numeric type, as single-precision numbers, into memory of the caller.
  ///
  /// - Precondition: `buffer` has room for exactly the values of the rows.
  public func readFloats(rows: Range<Int>, into buffer: UnsafeMutableBufferPointer<Float>) throws {
    try handle.use { place in
      let selection = try numberSelection(rows, memoryBytes: 4, place)
      precondition(
        buffer.count == selection.count,
        "rows \(rows) of \(path) hold \(selection.count) values, the buffer has room for \(buffer.count)")
      try readFloats(selection, into: buffer, place)
    }
  }

  /// The values of some rows of a dataset of type `float16`, by their bits, into memory of the caller.
  ///
  /// - Precondition: `buffer` has room for exactly the values of the rows.
  public func readHalves(rows: Range<Int>, into buffer: UnsafeMutableBufferPointer<UInt16>) throws {
    try handle.use { place in
      guard type == .float16 else {
        throw place.error(.wrongType, "holds values of type \(type), where float16 was expected")
      }
      let selection = try numberSelection(rows, memoryBytes: 2, place)
      precondition(
        buffer.count == selection.count,
        "rows \(rows) of \(path) hold \(selection.count) values, the buffer has room for \(buffer.count)")
      guard selection.count > 0 else { return }
      try readHalves(selection, into: UnsafeMutableRawPointer(buffer.baseAddress), place)
    }
  }

  /// All values of any numeric type, as double-precision numbers.
  public func readDoubles() throws -> [Double] {
    switch type {
    case .float16, .bfloat16: return try readFloats().map(Double.init)
    default: break
    }
    return try handle.use { place in
      let selection = try numberSelection(nil, memoryBytes: 8, place)
      return try readArray(selection, of: Double.self, as: graft_h5_native_double(), place)
    }
  }

  /// All values of an integer type; truth values are 0 and 1.
  public func readIntegers() throws -> [Int] { try readIntegers(selecting: nil) }

  /// The values of some rows, of an integer type; truth values are 0 and 1.
  public func readIntegers(rows: Range<Int>) throws -> [Int] { try readIntegers(selecting: rows) }

  /// All values of a dataset of type `uint8`.
  public func readBytes() throws -> [UInt8] { try readBytes(selecting: nil) }

  /// The values of some rows of a dataset of type `uint8`.
  public func readBytes(rows: Range<Int>) throws -> [UInt8] { try readBytes(selecting: rows) }
}

// MARK: -

extension HDF5Dataset {
  private func readFloats(selecting rows: Range<Int>?) throws -> [Float] {
    try handle.use { place in
      let selection = try numberSelection(rows, memoryBytes: 4, place)
      return try [Float](unsafeUninitializedCapacity: selection.count) { buffer, count in
        try readFloats(
          selection, into: UnsafeMutableBufferPointer(rebasing: buffer[..<selection.count]), place)
        count = selection.count
      }
    }
  }

  private func readFloats(
    _ selection: Selection, into buffer: UnsafeMutableBufferPointer<Float>, _ place: Place
  ) throws {
    guard selection.count > 0, let base = buffer.baseAddress else { return }
    let raw = UnsafeMutableRawPointer(base)
    if type == .float16 {
      try readHalves(selection, into: raw + 2 * selection.count, place)
      HalfPrecision.expand(raw, count: selection.count)
    } else if type == .bfloat16, stored.isOpaquePair {
      let pair = try place.check(H5Dget_type(handle.id), .damaged, "its type cannot be read")
      defer { H5Tclose(pair) }
      try read(selection, as: pair, into: raw + 2 * selection.count, place)
      HalfPrecision.expandBrain(raw, count: selection.count)
    } else {
      try read(selection, as: graft_h5_native_float(), into: raw, place)
    }
  }

  /// Reads halves by their bits, in the machine's order.
  private func readHalves(_ selection: Selection, into buffer: UnsafeMutableRawPointer?, _ place: Place)
    throws
  {
    let half = try HDF5Type.makeHalf(place)
    defer { H5Tclose(half) }
    try place.check(
      H5Tset_order(half, H5Tget_order(graft_h5_native_float())), .cannotRead, "type float16 is not available")
    try read(selection, as: half, into: buffer, place)
  }

  private func readIntegers(selecting rows: Range<Int>?) throws -> [Int] {
    try handle.use { place in
      guard type.isInteger else {
        throw place.error(.wrongType, "holds values of type \(type), where integers were expected")
      }
      let selection = try numberSelection(rows, memoryBytes: 8, place)
      guard type == .uint64 else {
        return try readArray(selection, of: Int64.self, as: graft_h5_native_int64(), place).map(Int.init)
      }
      // The library would silently turn what is beyond the range into its end.
      let values = try readArray(selection, of: UInt64.self, as: graft_h5_native_uint64(), place)
      return try values.map { value in
        guard let number = Int(exactly: value) else {
          throw place.error(.invalidValue, "holds \(value), beyond the integers up to \(Int.max)")
        }
        return number
      }
    }
  }

  private func readBytes(selecting rows: Range<Int>?) throws -> [UInt8] {
    try handle.use { place in
      guard type == .uint8 else {
        throw place.error(.wrongType, "holds values of type \(type), where uint8 was expected")
      }
      let selection = try numberSelection(rows, memoryBytes: 1, place)
      return try readArray(selection, of: UInt8.self, as: graft_h5_native_uint8(), place)
    }
  }

  /// The selection, after checking that these are numbers and that setting memory aside for them is sane.
  private func numberSelection(_ rows: Range<Int>?, memoryBytes: Int, _ place: Place) throws -> Selection {
    guard type.isFloatingPoint || type.isInteger else {
      throw place.error(.wrongType, "holds values of type \(type), where numbers were expected")
    }
    let selection = try Selection(self, rows: rows, place)
    try checkSize(selection, bytesEach: memoryBytes, place)
    return selection
  }

  private func readArray<Value: BitwiseCopyable>(
    _ selection: Selection, of _: Value.Type, as memoryType: hid_t, _ place: Place
  ) throws -> [Value] {
    try [Value](unsafeUninitializedCapacity: selection.count) { buffer, count in
      try read(selection, as: memoryType, into: UnsafeMutableRawPointer(buffer.baseAddress), place)
      count = selection.count
    }
  }
}
