internal import CHDF5

extension HDF5Dataset {
  /// Writes all values of a numeric dataset.
  public func write(_ values: [Float]) throws { try write(values, selecting: nil) }

  /// Writes the values of some rows of a numeric dataset.
  public func write(_ values: [Float], rows: Range<Int>) throws { try write(values, selecting: rows) }

  /// Writes the values of some rows of a numeric dataset from memory of the caller.
  public func write(_ values: UnsafeBufferPointer<Float>, rows: Range<Int>) throws {
    try write(values, selecting: rows)
  }

  /// Writes all values of a numeric dataset.
  public func write(_ values: [Double]) throws { try write(values, selecting: nil) }

  /// Writes the values of some rows of a numeric dataset.
  public func write(_ values: [Double], rows: Range<Int>) throws { try write(values, selecting: rows) }

  /// Writes all values of a numeric dataset.
  ///
  /// - Throws: ``HDF5Error`` with code `invalidValue` where the stored type cannot hold a value.
  public func write(_ values: [Int]) throws { try write(values, selecting: nil) }

  /// Writes the values of some rows of a numeric dataset.
  ///
  /// - Throws: ``HDF5Error`` with code `invalidValue` where the stored type cannot hold a value.
  public func write(_ values: [Int], rows: Range<Int>) throws { try write(values, selecting: rows) }

  /// Writes all values of a numeric dataset.
  public func write(_ values: [UInt8]) throws { try write(values, selecting: nil) }

  /// Writes the values of some rows of a numeric dataset.
  public func write(_ values: [UInt8], rows: Range<Int>) throws { try write(values, selecting: rows) }
}

// MARK: -

extension HDF5Dataset {
  private func write(_ values: [Float], selecting rows: Range<Int>?) throws {
    try values.withUnsafeBufferPointer { try write($0, selecting: rows) }
  }

  private func write(_ values: UnsafeBufferPointer<Float>, selecting rows: Range<Int>?) throws {
    try handle.change { place in
      let selection = try selection(for: values.count, rows, place)
      if type == .float16 {
        try writeHalves(values.lazy.map { HalfPrecision.bits(Double($0)) }, selection, place)
      } else {
        try requireFloatingPoint(place)
        try write(selection, as: graft_h5_native_float(), from: values.baseAddress, place)
      }
    }
  }

  private func write(_ values: [Double], selecting rows: Range<Int>?) throws {
    try handle.change { place in
      let selection = try selection(for: values.count, rows, place)
      if type == .float16 {
        try writeHalves(values.lazy.map { HalfPrecision.bits($0) }, selection, place)
      } else {
        try requireFloatingPoint(place)
        try write(selection, as: graft_h5_native_double(), from: values, place)
      }
    }
  }

  private func write(_ values: [Int], selecting rows: Range<Int>?) throws {
    if type.isFloatingPoint { return try write(values.map(Double.init), selecting: rows) }
    try handle.change { place in
      let selection = try selection(for: values.count, rows, place)
      guard let range = type.integerRange else {
        throw place.error(.wrongType, "holds values of type \(type); numbers cannot be written to it")
      }
      if let value = values.first(where: { !range.contains($0) }) {
        throw place.error(.invalidValue, "of type \(type) cannot hold the value \(value)")
      }
      try write(selection, as: graft_h5_native_int64(), from: values, place)
    }
  }

  private func write(_ values: [UInt8], selecting rows: Range<Int>?) throws {
    guard type == .uint8 else { return try write(values.map(Int.init), selecting: rows) }
    try handle.change { place in
      let selection = try selection(for: values.count, rows, place)
      try write(selection, as: graft_h5_native_uint8(), from: values, place)
    }
  }

  private func writeHalves(
    _ values: some Sequence<UInt16>, _ selection: Selection, _ place: Place
  ) throws {
    let half = try HDF5Type.makeHalf(place)
    defer { H5Tclose(half) }
    try place.check(
      H5Tset_order(half, H5Tget_order(graft_h5_native_float())), .cannotWrite, "type float16 is not available"
    )
    try write(selection, as: half, from: Array(values), place)
  }

  /// A fraction would be cut off without a word.
  private func requireFloatingPoint(_ place: Place) throws {
    guard type.isFloatingPoint, !stored.isOpaquePair else {
      throw place.error(
        .wrongType, "holds values of type \(type); numbers with a fraction cannot be written to it")
    }
  }

  /// The selection, after checking that there are as many values as it has places.
  func selection(for count: Int, _ rows: Range<Int>?, _ place: Place) throws -> Selection {
    let selection = try Selection(self, rows: rows, place)
    guard selection.count == count else {
      let part = rows.map { "rows \($0)" } ?? "the dataset"
      throw place.error(
        .wrongShape, "of shape \(shape) takes \(selection.count) values in \(part); \(count) were given")
    }
    return selection
  }
}

extension HDF5Type {
  /// The integers a value of this type can be; nil for other types.
  fileprivate var integerRange: ClosedRange<Int>? {
    switch self {
    case .int8: Int(Int8.min)...Int(Int8.max)
    case .uint8: 0...Int(UInt8.max)
    case .int16: Int(Int16.min)...Int(Int16.max)
    case .uint16: 0...Int(UInt16.max)
    case .int32: Int(Int32.min)...Int(Int32.max)
    case .uint32: 0...Int(UInt32.max)
    case .int64: Int.min...Int.max
    case .uint64: 0...Int.max
    default: nil
    }
  }
}
