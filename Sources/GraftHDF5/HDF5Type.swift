/// How the values of a dataset are stored.
///
/// Byte order is not part of it: the library turns values into the machine's order on reading, and Graft writes
/// little-endian.
public enum HDF5Type: Hashable, Sendable {
  /// IEEE half precision.
  case float16
  /// The upper half of a single-precision number, also in the form in which Keras stores it: two opaque bytes
  /// and an attribute `dtype`. Read only.
  case bfloat16
  /// IEEE single precision.
  case float32
  /// IEEE double precision.
  case float64
  /// Signed integer of one byte; truth values and enumerations of that size are read as this.
  case int8
  /// Unsigned integer of one byte.
  case uint8
  /// Signed integer of two bytes.
  case int16
  /// Unsigned integer of two bytes.
  case uint16
  /// Signed integer of four bytes.
  case int32
  /// Unsigned integer of four bytes.
  case uint32
  /// Signed integer of eight bytes.
  case int64
  /// Unsigned integer of eight bytes.
  case uint64
  /// A string in this many bytes, padded with zeros when written; any padding is read.
  case fixedString(Int)
  /// A string of any length.
  case variableString
  /// Something Graft neither reads nor writes, in words.
  case other(String)

  /// Whether values are numbers with a fraction.
  public var isFloatingPoint: Bool {
    switch self {
    case .float16, .bfloat16, .float32, .float64: true
    default: false
    }
  }

  /// Whether values are whole numbers.
  public var isInteger: Bool {
    switch self {
    case .int8, .uint8, .int16, .uint16, .int32, .uint32, .int64, .uint64: true
    default: false
    }
  }

  /// Whether values are strings.
  public var isString: Bool {
    switch self {
    case .fixedString, .variableString: true
    default: false
    }
  }
}

extension HDF5Type: CustomStringConvertible {
  /// The name users of NumPy know it by.
  public var description: String {
    switch self {
    case .float16: "float16"
    case .bfloat16: "bfloat16"
    case .float32: "float32"
    case .float64: "float64"
    case .int8: "int8"
    case .uint8: "uint8"
    case .int16: "int16"
    case .uint16: "uint16"
    case .int32: "int32"
    case .uint32: "uint32"
    case .int64: "int64"
    case .uint64: "uint64"
    case .fixedString(let bytes): "string of \(bytes) bytes"
    case .variableString: "string"
    case .other(let words): words
    }
  }
}
