internal import CHDF5

/// What stands in the place of a string of variable length: where in the file its bytes are.
///
/// 16 bytes: length (4), address of a heap (8), number of the object in the heap (4), little-endian (HDF5 File Format
/// Specification 3.0, section VIII.E). Zero length, or no address, is an empty string.
struct StringReferences {
  private let bytes: [UInt8]

  /// Takes bytes that were read as ``type(_:)``.
  init(_ bytes: [UInt8]) { self.bytes = bytes }

  var count: Int { bytes.count / Self.size }

  subscript(index: Int) -> (length: Int, heap: UInt64, object: Int) {
    let start = index * Self.size
    return (
      Int(bytes.littleEndian(at: start, bytes: 4)), bytes.littleEndian(at: start + 4, bytes: 8),
      Int(bytes.littleEndian(at: start + 12, bytes: 4))
    )
  }

  static let size = 16

  /// The type to read strings of variable length as; to be closed by the caller.
  static func type(_ place: Place) throws(HDF5Error) -> hid_t {
    try place.check(H5Tcreate(H5T_OPAQUE, size), .cannotRead, "strings cannot be read")
  }

  /// Makes the library leave the references as they are where they are read as ``type(_:)``.
  static func register() {
    let string = H5Tcopy(graft_h5_c_string())
    let opaque = H5Tcreate(H5T_OPAQUE, size)
    H5Tset_size(string, graft_h5_variable())
    // Without it every reading of such strings fails, and says why.
    _ = graft_h5_register_references(string, opaque)
    H5Tclose(string)
    H5Tclose(opaque)
  }
}

extension [UInt8] {
  func littleEndian(at start: Int, bytes count: Int) -> UInt64 {
    self[start..<start + count].reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }
}
