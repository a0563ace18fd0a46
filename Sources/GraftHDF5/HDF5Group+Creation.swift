internal import CHDF5

extension HDF5Group {
  /// Makes a group, and those on the way to it; one that is there already is returned.
  public func createGroup(_ path: String) throws -> HDF5Group {
    try handle.change { _ in
      var current = path.hasPrefix("/") ? try Self.root(of: handle.file) : handle
      for part in Self.parts(of: path) {
        if let next = try current.member(part) {
          guard Self.kind(of: next) == .group else {
            throw next.place.error(.exists, "is there already and is not a group; choose another name")
          }
          current = next
        } else {
          current = try current.addGroup(part)
        }
      }
      return HDF5Group(current)
    }
  }

  /// Makes a dataset, and the groups on the way to it. Its values are zero, or empty strings, until written.
  ///
  /// - Parameters:
  ///   - path: Name, or path with `/`.
  ///   - type: How values are stored; little-endian.
  ///   - shape: Extent of each axis; `[]` is a single value. Zero is allowed.
  ///   - maximumShape: How far ``HDF5Dataset/resize(to:)`` may go, nil for without end; by default not at all.
  ///   - chunk: Shape of the blocks that are stored and compressed as one; chosen when it is nil and needed.
  ///   - deflate: gzip level from 0 to 9; nil for no compression.
  ///   - shuffle: Whether bytes are sorted by significance first, which helps compression.
  /// - Precondition: Extents are not negative, and all shapes have the same number of axes.
  /// - Throws: ``HDF5Error`` with code `exists` where something has this name already.
  public func createDataset(
    _ path: String, type: HDF5Type, shape: [Int], maximumShape: [Int?]? = nil, chunk: [Int]? = nil,
    deflate: Int? = nil, shuffle: Bool = false
  ) throws -> HDF5Dataset {
    let layout = DatasetLayout(
      type: type, shape: shape, maximumShape: maximumShape, chunk: chunk, deflate: deflate, shuffle: shuffle)
    return try handle.change { place in
      var parts = Self.parts(of: path)
      guard let name = parts.popLast() else {
        throw place.error(.invalidValue, "\"\(path)\" is no name for a dataset")
      }
      let absolute = path.hasPrefix("/") ? "/" : ""
      let parent = try createGroup(absolute + parts.joined(separator: "/"))
      let target = Place(file: place.file, object: parent.handle.path(of: name))
      if try parent.open(name) != nil {
        throw target.error(.exists, "is there already; choose another name")
      }
      let id = try layout.create(name, in: parent.handle, target)
      return try HDF5Dataset(ObjectHandle(id: id, file: handle.file, path: parent.handle.path(of: name)))
    }
  }
}

extension ObjectHandle {
  /// Adds an empty group. The library's lock is held.
  fileprivate func addGroup(_ name: String) throws -> ObjectHandle {
    let place = Place(file: file.place.file, object: path(of: name))
    let links = try LinkProperties.make(for: name, place)
    defer { H5Pclose(links) }
    let creation = try place.check(H5Pcreate(graft_h5_group_create()), .cannotWrite, "cannot be created")
    defer { H5Pclose(creation) }
    H5Pset_obj_track_times(creation, false)
    let id = try place.check(
      H5Gcreate2(id, name, links, creation, graft_h5_default_properties()), .cannotWrite, "cannot be created")
    return ObjectHandle(id: id, file: file, path: path(of: name))
  }
}

enum LinkProperties {
  /// Properties that mark a name as UTF-8 where it is not plain ASCII, as h5py does.
  static func make(for name: String, _ place: Place) throws -> hid_t {
    guard !name.utf8.contains(0) else {
      throw place.error(.invalidValue, "a name cannot hold a zero byte")
    }
    let links = try place.check(H5Pcreate(graft_h5_link_create()), .cannotWrite, "cannot be created")
    if !name.utf8.allSatisfy({ $0 < 128 }) { H5Pset_char_encoding(links, H5T_CSET_UTF8) }
    return links
  }
}

/// Shape, type and storage of a dataset that is about to be made.
struct DatasetLayout {
  var type: HDF5Type
  var shape: [Int]
  var maximumShape: [Int?]
  var chunk: [Int]?
  var deflate: Int?
  var shuffle: Bool

  init(
    type: HDF5Type, shape: [Int], maximumShape: [Int?]?, chunk: [Int]?, deflate: Int?, shuffle: Bool
  ) {
    precondition(shape.count <= 32 && shape.allSatisfy { $0 >= 0 }, "shape \(shape) of an HDF5 dataset")
    let maximum = maximumShape ?? shape.map { $0 }
    precondition(maximum.count == shape.count, "maximum shape \(maximum) for shape \(shape)")
    for (extent, limit) in zip(shape, maximum) {
      if let limit { precondition(limit >= extent, "maximum shape \(maximum) below shape \(shape)") }
    }
    if let chunk {
      precondition(
        chunk.count == shape.count && chunk.allSatisfy { $0 > 0 }, "chunk \(chunk) for shape \(shape)")
    }
    if let deflate { precondition((0...9).contains(deflate), "gzip level \(deflate) is not within 0...9") }
    self.type = type
    self.shape = shape
    self.maximumShape = maximum
    self.deflate = deflate
    self.shuffle = shuffle
    let mustBeChunked = deflate != nil || shuffle || maximum != shape.map { $0 }
    // A single value and an extent that can never be anything but zero have no chunks to compress.
    let canBeChunked = !shape.isEmpty && !maximum.contains(0)
    self.chunk =
      canBeChunked && (mustBeChunked || chunk != nil)
      ? Self.fit(chunk ?? Self.chunk(for: shape, elementBytes: type.elementBytes), into: maximum) : nil
  }

  /// Whole rows, together about 256 KB: a chunk is read, unpacked and kept in memory as one.
  private static func chunk(for shape: [Int], elementBytes: Int) -> [Int] {
    let target = 256 * 1024
    var chunk = shape.map { max($0, 1) }
    for axis in chunk.indices {
      let inner = chunk[(axis + 1)...].reduce(elementBytes) {
        $0.multipliedReportingOverflow(by: $1).partialValue
      }
      let rows = max(1, target / max(inner, 1))
      if axis == 0 {
        // The first axis is the one that grows, so its present extent does not count.
        chunk[0] = rows
      } else {
        chunk[axis] = min(chunk[axis], rows)
      }
      if rows > 1 { break }
    }
    return chunk
  }

  private static func fit(_ chunk: [Int], into maximum: [Int?]) -> [Int] {
    zip(chunk, maximum).map { extent, limit in limit.map { min($0, extent) } ?? extent }
  }

  /// Makes the dataset and returns its id. The library's lock is held.
  func create(_ name: String, in group: ObjectHandle, _ place: Place) throws -> hid_t {
    let typeID = try type.makeID(place)
    defer { H5Tclose(typeID) }
    let space = try makeSpace(place)
    defer { H5Sclose(space) }
    let links = try LinkProperties.make(for: name, place)
    defer { H5Pclose(links) }
    let creation = try place.check(H5Pcreate(graft_h5_dataset_create()), .cannotWrite, "cannot be created")
    defer { H5Pclose(creation) }
    // Without times of writing, the same values give the same bytes.
    H5Pset_obj_track_times(creation, false)
    if let chunk {
      let extents = chunk.map { hsize_t($0) }
      try place.check(
        H5Pset_chunk(creation, Int32(extents.count), extents), .cannotWrite, "chunk \(chunk) cannot be used")
      // Strings of variable length are stored elsewhere; what is in the chunks are references to them.
      if shuffle {
        try place.check(H5Pset_shuffle(creation), .cannotWrite, "the shuffle filter cannot be used")
      }
      if let deflate {
        try place.check(
          H5Pset_deflate(creation, UInt32(deflate)), .cannotWrite, "the gzip filter cannot be used")
      }
    }
    return try place.check(
      H5Dcreate2(group.id, name, typeID, space, links, creation, graft_h5_default_properties()), .cannotWrite,
      "the dataset of shape \(shape) cannot be created")
  }

  private func makeSpace(_ place: Place) throws -> hid_t {
    let space: hid_t
    if shape.isEmpty {
      space = H5Screate(H5S_SCALAR)
    } else {
      let maximum = maximumShape.map { $0.map { hsize_t($0) } ?? graft_h5_unlimited() }
      space = H5Screate_simple(Int32(shape.count), shape.map { hsize_t($0) }, maximum)
    }
    return try place.check(space, .cannotWrite, "shape \(shape) cannot be used")
  }
}
