/// The value of an attribute, in the terms of its reader; how it was stored is not remembered.
public enum HDF5Attribute: Hashable, Sendable {
  /// One string.
  case string(String)
  /// A list of strings.
  case strings([String])
  /// One integer, or a truth value as 0 or 1.
  case integer(Int)
  /// A list of integers.
  case integers([Int])
  /// One number.
  case float(Double)
  /// A list of numbers. An empty list written from Python is this, whatever it would have held.
  case floats([Double])
  /// An attribute that says that it has no value.
  case empty
}

extension HDF5Attribute {
  /// The string, where it is one; also that of a list of one.
  public var stringValue: String? {
    switch self {
    case .string(let value): value
    case .strings(let values) where values.count == 1: values[0]
    default: nil
    }
  }

  /// The strings, where it is a list of them or a single one; an empty list for an empty list of anything.
  public var stringList: [String]? {
    switch self {
    case .string(let value): [value]
    case .strings(let values): values
    case .integers([]), .floats([]), .empty: []
    default: nil
    }
  }

  /// The integer, where it is one; also that of a list of one, and a number without a fraction.
  public var integerValue: Int? {
    switch self {
    case .integer(let value): value
    case .integers(let values) where values.count == 1: values[0]
    case .float(let value): Int(exactly: value)
    case .floats(let values) where values.count == 1: Int(exactly: values[0])
    default: nil
    }
  }

  /// The integers, where it is a list of them or a single one; an empty list for an empty list of anything.
  public var integerList: [Int]? {
    switch self {
    case .integer(let value): [value]
    case .integers(let values): values
    case .strings([]), .floats([]), .empty: []
    default: nil
    }
  }

  /// The number, where it is one; also that of a list of one.
  public var doubleValue: Double? {
    switch self {
    case .float(let value): value
    case .floats(let values) where values.count == 1: values[0]
    case .integer(let value): Double(value)
    case .integers(let values) where values.count == 1: Double(values[0])
    default: nil
    }
  }

  /// The numbers, where it is a list of them or a single one; an empty list for an empty list of anything.
  public var doubleList: [Double]? {
    switch self {
    case .float(let value): [value]
    case .floats(let values): values
    case .integer(let value): [Double(value)]
    case .integers(let values): values.map(Double.init)
    case .strings([]), .empty: []
    default: nil
    }
  }
}

/// How the strings of an attribute are stored.
public enum HDF5StringStorage: Hashable, Sendable {
  /// Each string by itself, of any length, as h5py stores a `str` and a list of them.
  case variable
  /// All strings in as many bytes as the longest takes, padded with zeros, as h5py stores a NumPy array of bytes.
  case fixed
}

extension HDF5Attribute {
  /// The most bytes an attribute may have: what Keras allows itself of the 65,536 of an object header.
  public static let maximumBytes = 64512

  /// Bytes the value takes in the object header, to be held against ``maximumBytes``.
  public func storedBytes(_ storage: HDF5StringStorage = .variable) -> Int {
    switch self {
    case .string(let value): storage == .variable ? 16 : value.utf8.count
    case .strings(let values):
      values.count * (storage == .variable ? 16 : values.map(\.utf8.count).max() ?? 0)
    case .integer, .float: 8
    case .integers(let values): 8 * values.count
    case .floats(let values): 8 * values.count
    case .empty: 0
    }
  }
}
