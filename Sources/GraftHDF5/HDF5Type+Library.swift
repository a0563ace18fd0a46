internal import CHDF5

// The library's lock is held throughout this file.

extension HDF5Type {
  /// Bytes of one value in the file; for strings of variable length, of the reference to it.
  var elementBytes: Int {
    switch self {
    case .int8, .uint8: 1
    case .float16, .bfloat16, .int16, .uint16: 2
    case .float32, .int32, .uint32: 4
    case .float64, .int64, .uint64: 8
    case .fixedString(let bytes): bytes
    case .variableString, .other: 16
    }
  }

  /// A new type of the library for values in a file; to be closed by the caller.
  func makeID(_ place: Place) throws -> hid_t {
    let id: hid_t
    switch self {
    case .float16: return try Self.makeHalf(place)
    case .float32: id = H5Tcopy(graft_h5_f32le())
    case .float64: id = H5Tcopy(graft_h5_f64le())
    case .int8: id = H5Tcopy(graft_h5_i8le())
    case .uint8: id = H5Tcopy(graft_h5_u8le())
    case .int16: id = H5Tcopy(graft_h5_i16le())
    case .uint16: id = H5Tcopy(graft_h5_u16le())
    case .int32: id = H5Tcopy(graft_h5_i32le())
    case .uint32: id = H5Tcopy(graft_h5_u32le())
    case .int64: id = H5Tcopy(graft_h5_i64le())
    case .uint64: id = H5Tcopy(graft_h5_u64le())
    case .fixedString(let bytes):
      guard bytes > 0 else {
        throw place.error(.invalidValue, "a string type of \(bytes) bytes cannot be stored")
      }
      return try Self.makeString(bytes: bytes, place)
    case .variableString: return try Self.makeString(bytes: nil, place)
    case .bfloat16, .other: throw place.error(.wrongType, "values of type \(self) cannot be written")
    }
    return try place.check(id, .cannotWrite, "type \(self) is not available")
  }

  /// Half precision, little-endian: 1.10 knows no such type, so it is made of its bit fields.
  static func makeHalf(_ place: Place) throws -> hid_t {
    let id = try place.check(H5Tcopy(graft_h5_f32le()), .cannotRead, "type float16 is not available")
    // Sign at bit 15, exponent of 5 bits at 10 with bias 15, fraction of 10 bits at 0 (IEEE 754 binary16); the
    // fields must lie within the smaller size before it is set.
    if H5Tset_fields(id, 15, 10, 5, 0, 10) < 0 || H5Tset_size(id, 2) < 0 || H5Tset_ebias(id, 15) < 0 {
      let reason = HDF5Library.lastReason()
      H5Tclose(id)
      throw place.error(.cannotRead, "type float16 is not available", reason: reason)
    }
    return id
  }

  /// A string type: of fixed size, padded with zeros, or of variable length when `bytes` is nil.
  static func makeString(bytes: Int?, ascii: Bool = false, _ place: Place) throws -> hid_t {
    let id = try place.check(H5Tcopy(graft_h5_c_string()), .cannotRead, "the string type is not available")
    if H5Tset_size(id, bytes ?? graft_h5_variable()) < 0
      || H5Tset_strpad(id, bytes == nil ? H5T_STR_NULLTERM : H5T_STR_NULLPAD) < 0
      || H5Tset_cset(id, ascii ? H5T_CSET_ASCII : H5T_CSET_UTF8) < 0
    {
      let reason = HDF5Library.lastReason()
      H5Tclose(id)
      throw place.error(.cannotRead, "the string type is not available", reason: reason)
    }
    return id
  }
}

/// What the file says about the type of a dataset or attribute.
struct StoredType {
  var type: HDF5Type
  /// Bytes of one value in the file.
  var elementBytes: Int
  /// How a string of fixed size is padded.
  var padding = H5T_STR_NULLPAD
  /// Two opaque bytes, which Keras uses for bfloat16 and marks by an attribute.
  var isOpaquePair = false

  /// Reads the description of a type.
  init(_ id: hid_t, _ place: Place) throws {
    let size = H5Tget_size(id)
    guard size > 0, size <= UInt32.max else {
      throw place.error(.damaged, "its type cannot be read", reason: HDF5Library.lastReason())
    }
    elementBytes = Int(size)
    switch H5Tget_class(id) {
    case H5T_INTEGER: type = Self.integer(id, size)
    case H5T_FLOAT: type = Self.float(id, size)
    case H5T_ENUM:
      let base = H5Tget_super(id)
      guard base >= 0 else {
        throw place.error(.damaged, "its type cannot be read", reason: HDF5Library.lastReason())
      }
      defer { H5Tclose(base) }
      type = Self.integer(base, H5Tget_size(base))
    case H5T_STRING:
      let isVariable = try place.check(H5Tis_variable_str(id), .damaged, "its type cannot be read") > 0
      padding = H5Tget_strpad(id)
      type = isVariable ? .variableString : .fixedString(elementBytes)
    case H5T_OPAQUE:
      isOpaquePair = size == 2
      type = .other("opaque, \(size) bytes each")
    case H5T_BITFIELD: type = .other("bit field")
    case H5T_COMPOUND: type = .other("compound")
    case H5T_REFERENCE: type = .other("reference")
    case H5T_VLEN: type = .other("sequence of variable length")
    case H5T_ARRAY: type = .other("array")
    case H5T_TIME: type = .other("time")
    default: throw place.error(.damaged, "its type cannot be read", reason: HDF5Library.lastReason())
    }
  }

  private static func integer(_ id: hid_t, _ size: Int) -> HDF5Type {
    // Fewer significant bits than the size has, or an offset, make a different number.
    guard H5Tget_precision(id) == size * 8, H5Tget_offset(id) == 0 else {
      return .other("integer of \(H5Tget_precision(id)) bits")
    }
    switch (size, H5Tget_sign(id) == H5T_SGN_NONE) {
    case (1, false): return .int8
    case (1, true): return .uint8
    case (2, false): return .int16
    case (2, true): return .uint16
    case (4, false): return .int32
    case (4, true): return .uint32
    case (8, false): return .int64
    case (8, true): return .uint64
    default: return .other("integer of \(size) bytes")
    }
  }

  private static func float(_ id: hid_t, _ size: Int) -> HDF5Type {
    var fields = (sign: 0, exponent: 0, exponentBits: 0, fraction: 0, fractionBits: 0)
    guard
      H5Tget_fields(
        id, &fields.sign, &fields.exponent, &fields.exponentBits, &fields.fraction, &fields.fractionBits)
        >= 0,
      H5Tget_norm(id) == H5T_NORM_IMPLIED, H5Tget_offset(id) == 0,
      [H5T_ORDER_LE, H5T_ORDER_BE].contains(H5Tget_order(id)),
      fields.sign == size * 8 - 1, fields.fraction == 0, fields.exponent == fields.fractionBits
    else { return .other("floating point of \(size) bytes") }
    switch (size, fields.exponentBits, fields.fractionBits, H5Tget_ebias(id)) {
    case (2, 5, 10, 15): return .float16
    case (2, 8, 7, 127): return .bfloat16
    case (4, 8, 23, 127): return .float32
    case (8, 11, 52, 1023): return .float64
    default: return .other("floating point of \(size) bytes")
    }
  }
}
