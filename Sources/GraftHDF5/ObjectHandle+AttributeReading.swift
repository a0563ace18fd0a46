internal import CHDF5

extension ObjectHandle {
  func attributeNames() throws -> [String] {
    try use { place in
      // The library goes through garbage when it has to give up half way while it lists attributes, but not while
      // it looks for one; so it looks first for one that is not there, which reads them all.
      _ = try hasAttribute(Self.unlikelyName, place)
      var names = NameList(limit: SafetyLimits.stringBytes(fileBytes: file.size))
      var index: hsize_t = 0
      let status = withUnsafeMutablePointer(to: &names) { pointer in
        H5Aiterate2(
          id, H5_INDEX_NAME, H5_ITER_NATIVE, &index,
          { _, name, _, context in
            guard let names = context?.assumingMemoryBound(to: NameList.self) else { return -1 }
            return names.pointee.append(name)
          }, pointer)
      }
      try names.check(place)
      try place.check(status, .damaged, "its attributes cannot be listed")
      return names.sorted
    }
  }

  func attribute(_ name: String) throws -> HDF5Attribute? {
    try use { place in
      guard try hasAttribute(name, place) else { return nil }
      let attribute = try place.check(
        H5Aopen(id, name, graft_h5_default_properties()), .damaged, "attribute \"\(name)\" cannot be opened")
      defer { H5Aclose(attribute) }
      return try AttributeReader(attribute, name: name, file: file, place).value()
    }
  }

  /// A name that nobody gives to anything.
  static let unlikelyName = "\u{1}\u{2}\u{3}"

  func hasAttribute(_ name: String, _ place: Place) throws -> Bool {
    // A name with a zero byte would be cut there by C, and so name something else.
    guard !name.utf8.contains(0) else { return false }
    return try place.check(H5Aexists(id, name), .damaged, "attribute \"\(name)\" cannot be looked up") > 0
  }
}

/// Reads one open attribute. The library's lock is held.
private struct AttributeReader {
  let id: hid_t
  let name: String
  let file: FileHandle
  let place: Place
  let isNull: Bool
  let shape: [Int]
  let count: Int
  let typeID: hid_t
  let stored: StoredType
  private let closeType: TypeCloser

  init(_ id: hid_t, name: String, file: FileHandle, _ place: Place) throws {
    self.id = id
    self.name = name
    self.file = file
    self.place = place
    let space = try place.check(H5Aget_space(id), .damaged, "attribute \"\(name)\" cannot be read")
    defer { H5Sclose(space) }
    isNull = H5Sget_simple_extent_type(space) == H5S_NULL
    shape = try HDF5Dataset.shape(ofSpace: space, place)
    count = shape.reduce(1, *)
    typeID = try place.check(H5Aget_type(id), .damaged, "attribute \"\(name)\" cannot be read")
    closeType = TypeCloser(id: typeID)
    stored = try StoredType(typeID, place)
    let (bytes, overflow) = count.multipliedReportingOverflow(by: max(stored.elementBytes, 8))
    // The 64 KB of an object header, or the file as a whole for attributes kept apart; and each number may grow
    // from one byte to eight.
    guard !overflow, bytes <= 8 * max(file.size, 1 << 16) else {
      throw place.error(
        .tooLarge,
        "attribute \"\(name)\" declares the shape \(shape), more than the file can hold; it is damaged")
    }
  }

  func value() throws -> HDF5Attribute {
    if isNull { return .empty }
    if stored.type.isString {
      let strings = try strings()
      return shape.isEmpty ? .string(strings[0]) : .strings(strings)
    }
    if stored.type.isInteger {
      let integers = try integers()
      return shape.isEmpty ? .integer(integers[0]) : .integers(integers)
    }
    if stored.type.isFloatingPoint {
      let floats = try floats()
      return shape.isEmpty ? .float(floats[0]) : .floats(floats)
    }
    throw place.error(
      .wrongType, "attribute \"\(name)\" is of type \(stored.type), where numbers or strings were expected")
  }

  private func read(as memoryType: hid_t, into buffer: UnsafeMutableRawPointer?) throws {
    guard count > 0 else { return }
    try place.check(H5Aread(id, memoryType, buffer), .cannotRead, "attribute \"\(name)\" cannot be read")
  }

  private func strings() throws -> [String] {
    if case .fixedString(let bytes) = stored.type {
      var buffer = [UInt8](repeating: 0, count: count * bytes)
      try buffer.withUnsafeMutableBytes { try read(as: typeID, into: $0.baseAddress) }
      return FixedStrings.unpack(buffer, bytes: bytes, padding: stored.padding)
    }
    let referenceType = try StringReferences.type(place)
    defer { H5Tclose(referenceType) }
    var buffer = [UInt8](repeating: 0, count: count * StringReferences.size)
    try buffer.withUnsafeMutableBytes { try read(as: referenceType, into: $0.baseAddress) }
    do {
      var heap = try GlobalHeap(file, place)
      return try heap.strings(StringReferences(buffer))
    } catch {
      throw place.error(error.code, "attribute \"\(name)\": \(error.message)", reason: error.reason)
    }
  }

  private func integers() throws -> [Int] {
    var values = [UInt64](repeating: 0, count: count)
    let isUnsigned = stored.type == .uint64
    try values.withUnsafeMutableBytes {
      try read(as: isUnsigned ? graft_h5_native_uint64() : graft_h5_native_int64(), into: $0.baseAddress)
    }
    guard isUnsigned else { return values.map { Int(truncatingIfNeeded: $0) } }
    return try values.map { value in
      guard let number = Int(exactly: value) else {
        throw place.error(
          .invalidValue, "attribute \"\(name)\" holds \(value), beyond the integers up to \(Int.max)")
      }
      return number
    }
  }

  private func floats() throws -> [Double] {
    var values = [Double](repeating: 0, count: count)
    try values.withUnsafeMutableBytes { try read(as: graft_h5_native_double(), into: $0.baseAddress) }
    return values
  }
}

/// Closes a type when the reader that holds it is gone.
private final class TypeCloser {
  let id: hid_t
  init(id: hid_t) { self.id = id }
  deinit { H5Tclose(id) }
}
