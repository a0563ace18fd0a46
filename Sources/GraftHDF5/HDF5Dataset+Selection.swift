internal import CHDF5

/// A range of rows of a dataset, or all of it, and the room it takes in memory. The library's lock is held.
struct Selection {
  /// Number of values selected.
  var count: Int
  /// The shape of the whole dataset.
  private(set) var shape: [Int]
  private var rows: Range<Int>?

  /// How many indices of each axis are selected.
  var extents: [Int] { rows.map { [$0.count] + shape.dropFirst() } ?? shape }

  /// - Throws: ``HDF5Error`` with code `wrongShape` where there are no such rows.
  init(_ dataset: HDF5Dataset, rows: Range<Int>?, _ place: Place) throws {
    shape = try HDF5Dataset.shape(of: dataset.handle, place)
    self.rows = rows
    guard let rows else {
      count = shape.reduce(1, *)
      return
    }
    guard let extent = shape.first else {
      throw place.error(.wrongShape, "is a single value and has no rows")
    }
    guard rows.lowerBound >= 0, rows.upperBound <= extent else {
      throw place.error(.wrongShape, "has rows 0..<\(extent); rows \(rows) were asked for")
    }
    count = shape.dropFirst().reduce(rows.count, *)
  }

  /// Runs `body` with the data spaces of the selection in memory and in the file.
  func withSpaces<Result>(
    _ dataset: HDF5Dataset, _ place: Place, _ body: (_ memory: hid_t, _ file: hid_t) throws -> Result
  ) throws -> Result {
    guard let rows else { return try body(graft_h5_all(), graft_h5_all()) }
    let file = try place.check(H5Dget_space(dataset.handle.id), .damaged, "its shape cannot be read")
    defer { H5Sclose(file) }
    let start = [hsize_t(rows.lowerBound)] + shape.dropFirst().map { _ in 0 }
    let extents = [hsize_t(rows.count)] + shape.dropFirst().map { hsize_t($0) }
    try place.check(
      H5Sselect_hyperslab(file, H5S_SELECT_SET, start, nil, extents, nil), .wrongShape,
      "rows \(rows) cannot be selected")
    // Of the same shape: between shapes that differ the library walks element by element.
    let memory = try place.check(
      H5Screate_simple(CInt(extents.count), extents, nil), .wrongShape, "rows \(rows) cannot be selected")
    defer { H5Sclose(memory) }
    return try body(memory, file)
  }
}

extension HDF5Dataset {
  /// Reads the selected values as `memoryType` says. The library's lock is held.
  func read(
    _ selection: Selection, as memoryType: hid_t, into buffer: UnsafeMutableRawPointer?,
    transfer: hid_t = graft_h5_default_properties(), _ place: Place
  ) throws {
    guard selection.count > 0 else { return }
    try selection.withSpaces(self, place) { memory, file in
      _ = try place.check(
        H5Dread(handle.id, memoryType, memory, file, transfer, buffer), .cannotRead,
        "its values cannot be read")
    }
  }

  /// Writes the selected values from memory that is as `memoryType` says. The library's lock is held.
  func write(
    _ selection: Selection, as memoryType: hid_t, from buffer: UnsafeRawPointer?, _ place: Place
  ) throws {
    guard selection.count > 0 else { return }
    try selection.withSpaces(self, place) { memory, file in
      _ = try place.check(
        H5Dwrite(handle.id, memoryType, memory, file, graft_h5_default_properties(), buffer), .cannotWrite,
        "its values cannot be written")
    }
  }
}
