internal import CHDF5

/// An array of numbers or strings in a file.
///
/// Values are in row-major order: the last axis varies fastest. A row is one index of the first axis.
public final class HDF5Dataset: Sendable {
  /// How the values are stored.
  public let type: HDF5Type

  let handle: ObjectHandle
  let stored: StoredType
  private let openedShape: [Int]

  /// - Throws: ``HDF5Error`` with code `refused` where the values are kept in other files.
  init(_ handle: ObjectHandle) throws {
    self.handle = handle
    (stored, openedShape) = try handle.use { place in
      // First of all: the library looks into the other files as soon as it is asked for the shape.
      try Self.refuseOtherFiles(handle, place)
      let typeID = try place.check(H5Dget_type(handle.id), .damaged, "its type cannot be read")
      defer { H5Tclose(typeID) }
      return (try StoredType(typeID, place), try Self.shape(of: handle, place))
    }
    let mark = stored.isOpaquePair ? try handle.attribute("dtype")?.stringValue : nil
    type = mark == "bfloat16" ? .bfloat16 : stored.type
  }

  /// The absolute path inside the file.
  public var path: String { handle.path }

  /// Extent of each axis; `[]` for a single value. An empty dataset without axes has shape `[0]`.
  public var shape: [Int] { (try? handle.use { try Self.shape(of: handle, $0) }) ?? openedShape }

  /// Number of values.
  public var count: Int { shape.reduce(1, *) }

  /// Bytes the values take in the file, compressed where they are compressed; zero when nothing was written yet.
  public var storedBytes: Int {
    (try? handle.use { _ in Int(clamping: H5Dget_storage_size(handle.id)) }) ?? 0
  }

  /// Changes the extents, within the maximum shape the dataset was made with.
  ///
  /// Values inside both shapes stay, new ones are zero or empty.
  public func resize(to shape: [Int]) throws {
    precondition(shape.allSatisfy { $0 >= 0 }, "shape \(shape) of an HDF5 dataset")
    try handle.change { place in
      let current = try Self.shape(of: handle, place)
      guard shape.count == current.count else {
        throw place.error(.wrongShape, "has \(current.count) axes and cannot be resized to \(shape)")
      }
      try place.check(
        H5Dset_extent(handle.id, shape.map { hsize_t($0) }), .wrongShape,
        "of shape \(current) cannot be resized to \(shape)")
    }
  }
}

// MARK: - What the file says. The library's lock is held.

extension HDF5Dataset {
  private static func refuseOtherFiles(_ handle: ObjectHandle, _ place: Place) throws {
    // Both were looked for in the header, before the library saw it. To ask for the properties takes long.
    if ObjectHeader.looksThrough(handle.file) { return }
    let creation = try place.check(H5Dget_create_plist(handle.id), .damaged, "its storage cannot be read")
    defer { H5Pclose(creation) }
    let layout = H5Pget_layout(creation)
    if layout == H5D_VIRTUAL {
      throw place.error(
        .refused,
        "is a virtual dataset, whose values are in other files; Graft reads only what is stored in place")
    }
    let others = try place.check(H5Pget_external_count(creation), .damaged, "its storage cannot be read")
    if others > 0 {
      throw place.error(
        .refused, "keeps its values in \(others) other file(s); Graft reads only what is stored in place")
    }
  }

  static func shape(of handle: ObjectHandle, _ place: Place) throws -> [Int] {
    let space = try place.check(H5Dget_space(handle.id), .damaged, "its shape cannot be read")
    defer { H5Sclose(space) }
    return try shape(ofSpace: space, place)
  }

  static func shape(ofSpace space: hid_t, _ place: Place) throws -> [Int] {
    switch H5Sget_simple_extent_type(space) {
    case H5S_SCALAR: return []
    case H5S_NULL: return [0]
    case H5S_SIMPLE: break
    default: throw place.error(.damaged, "its shape cannot be read", reason: HDF5Library.lastReason())
    }
    let rank = try place.check(H5Sget_simple_extent_ndims(space), .damaged, "its shape cannot be read")
    var extents = [hsize_t](repeating: 0, count: Int(rank))
    try place.check(
      H5Sget_simple_extent_dims(space, &extents, nil), .damaged, "its shape cannot be read")
    let shape = extents.map { Int(clamping: $0) }
    // Counting must not overflow later, in whatever order: so an extent of zero makes the others no better.
    var count = 1
    for extent in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: max(extent, 1))
      guard !overflow, product <= 1 << 48 else {
        throw place.error(.tooLarge, "declares the shape \(shape), more values than any file holds")
      }
      count = product
    }
    return shape
  }
}
