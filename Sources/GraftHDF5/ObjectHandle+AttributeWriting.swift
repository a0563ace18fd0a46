internal import CHDF5

extension ObjectHandle {
  func setAttribute(_ name: String, _ value: HDF5Attribute, _ storage: HDF5StringStorage) throws {
    try change { place in
      // All that can be wrong with the value is found out before the old one goes.
      try validate(name, value, storage, place)
      if try hasAttribute(name, place) {
        try place.check(H5Adelete(id, name), .cannotWrite, "attribute \"\(name)\" cannot be replaced")
      }
      try AttributeWriter(object: id, name: name, place: place).write(value, storage)
    }
  }

  func removeAttribute(_ name: String) throws {
    try change { place in
      guard try hasAttribute(name, place) else { return }
      try place.check(H5Adelete(id, name), .cannotWrite, "attribute \"\(name)\" cannot be removed")
    }
  }

  private func validate(
    _ name: String, _ value: HDF5Attribute, _ storage: HDF5StringStorage, _ place: Place
  ) throws {
    guard !name.isEmpty, !name.utf8.contains(0) else {
      throw place.error(.invalidValue, "an attribute cannot be named \"\(name)\"")
    }
    let bytes = value.storedBytes(storage)
    guard bytes <= HDF5Attribute.maximumBytes else {
      throw place.error(
        .tooLarge,
        "attribute \"\(name)\" would take \(bytes) bytes; HDF5 stores at most \(HDF5Attribute.maximumBytes). "
          + "Split it into several attributes")
    }
    switch value {
    case .string(let string): try CStrings.requireNoZeroByte(string, place)
    case .strings(let strings): for string in strings { try CStrings.requireNoZeroByte(string, place) }
    default: break
    }
  }
}

/// Makes one attribute. The library's lock is held.
private struct AttributeWriter {
  let object: hid_t
  let name: String
  let place: Place

  func write(_ value: HDF5Attribute, _ storage: HDF5StringStorage) throws {
    switch value {
    case .string(let string): try write([string], shape: [], storage)
    case .strings(let strings): try write(strings, shape: [strings.count], storage)
    case .integer(let number): try write([number], shape: [])
    case .integers(let numbers): try write(numbers, shape: [numbers.count])
    case .float(let number): try write([number], shape: [])
    case .floats(let numbers): try write(numbers, shape: [numbers.count])
    case .empty: try create(type: graft_h5_f32le(), shape: nil) { _ in }
    }
  }

  private func write(_ numbers: [Int], shape: [Int]) throws {
    try create(type: graft_h5_i64le(), shape: shape) { attribute in
      try put(numbers, as: graft_h5_native_int64(), to: attribute)
    }
  }

  private func write(_ numbers: [Double], shape: [Int]) throws {
    try create(type: graft_h5_f64le(), shape: shape) { attribute in
      try put(numbers, as: graft_h5_native_double(), to: attribute)
    }
  }

  private func write(_ strings: [String], shape: [Int], _ storage: HDF5StringStorage) throws {
    let isASCII = strings.allSatisfy { $0.utf8.allSatisfy { $0 < 128 } }
    // A type of no bytes does not exist.
    let bytes = storage == .fixed ? max(1, strings.map(\.utf8.count).max() ?? 1) : nil
    let type = try HDF5Type.makeString(bytes: bytes, ascii: bytes != nil && isASCII, place)
    defer { H5Tclose(type) }
    try create(type: type, shape: shape) { attribute in
      if let bytes {
        let packed = try FixedStrings.pack(strings, bytes: bytes, padding: H5T_STR_NULLPAD, place)
        try put(packed, as: type, to: attribute)
      } else {
        try CStrings.withPointers(to: strings, place) { try put(bytes: $0, as: type, to: attribute) }
      }
    }
  }

  private func put(_ values: [some BitwiseCopyable], as type: hid_t, to attribute: hid_t) throws {
    try values.withUnsafeBytes { try put(bytes: $0.baseAddress, as: type, to: attribute) }
  }

  private func put(bytes: UnsafeRawPointer?, as type: hid_t, to attribute: hid_t) throws {
    // An empty list has no memory, and nothing to write.
    guard let bytes else { return }
    try place.check(
      H5Awrite(attribute, type, bytes), .cannotWrite, "attribute \"\(name)\" cannot be written")
  }

  /// - Parameter shape: nil for an attribute without a value.
  private func create(type: hid_t, shape: [Int]?, _ fill: (hid_t) throws -> Void) throws {
    let space: hid_t
    if let shape, !shape.isEmpty {
      space = H5Screate_simple(Int32(shape.count), shape.map { hsize_t($0) }, nil)
    } else {
      space = H5Screate(shape == nil ? H5S_NULL : H5S_SCALAR)
    }
    try place.check(space, .cannotWrite, "attribute \"\(name)\" cannot be made")
    defer { H5Sclose(space) }
    let creation = try place.check(
      H5Pcreate(graft_h5_attribute_create()), .cannotWrite, "attribute \"\(name)\" cannot be made")
    defer { H5Pclose(creation) }
    // As h5py does: names are marked as UTF-8 only where they need to be.
    if !name.utf8.allSatisfy({ $0 < 128 }) { H5Pset_char_encoding(creation, H5T_CSET_UTF8) }
    let attribute = try place.check(
      H5Acreate2(object, name, type, space, creation, graft_h5_default_properties()), .cannotWrite,
      "attribute \"\(name)\" cannot be made")
    defer { H5Aclose(attribute) }
    try fill(attribute)
  }
}
