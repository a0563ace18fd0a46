/// What has attributes: groups and datasets.
public protocol HDF5AttributeHolder: Sendable {
  /// The names of the attributes, sorted by their bytes.
  func attributeNames() throws -> [String]

  /// The value of an attribute; nil where there is none of that name.
  ///
  /// Lists of any number of axes are read as one list, the last axis varying fastest. Bytes that are not UTF-8
  /// are replaced by U+FFFD.
  ///
  /// - Throws: ``HDF5Error`` with code `wrongType` for what is neither numbers nor strings.
  func attribute(_ name: String) throws -> HDF5Attribute?

  /// Sets an attribute, in place of one of that name.
  ///
  /// - Parameter storage: How strings are stored; of no effect on others.
  /// - Throws: ``HDF5Error`` with code `tooLarge` where the value takes more than
  ///   ``HDF5Attribute/maximumBytes``, `invalidValue` for strings with a zero byte.
  func setAttribute(_ name: String, _ value: HDF5Attribute, storage: HDF5StringStorage) throws

  /// Removes an attribute, if it is there.
  func removeAttribute(_ name: String) throws
}

extension HDF5AttributeHolder {
  /// Sets an attribute, in place of one of that name; strings are stored with variable length.
  public func setAttribute(_ name: String, _ value: HDF5Attribute) throws {
    try setAttribute(name, value, storage: .variable)
  }
}

extension HDF5Group: HDF5AttributeHolder {
  /// The names of the attributes, sorted by their bytes.
  public func attributeNames() throws -> [String] { try handle.attributeNames() }

  /// The value of an attribute; nil where there is none of that name.
  public func attribute(_ name: String) throws -> HDF5Attribute? { try handle.attribute(name) }

  /// Sets an attribute, in place of one of that name.
  public func setAttribute(_ name: String, _ value: HDF5Attribute, storage: HDF5StringStorage) throws {
    try handle.setAttribute(name, value, storage)
  }

  /// Removes an attribute, if it is there.
  public func removeAttribute(_ name: String) throws { try handle.removeAttribute(name) }
}

extension HDF5Dataset: HDF5AttributeHolder {
  /// The names of the attributes, sorted by their bytes.
  public func attributeNames() throws -> [String] { try handle.attributeNames() }

  /// The value of an attribute; nil where there is none of that name.
  public func attribute(_ name: String) throws -> HDF5Attribute? { try handle.attribute(name) }

  /// Sets an attribute, in place of one of that name.
  public func setAttribute(_ name: String, _ value: HDF5Attribute, storage: HDF5StringStorage) throws {
    try handle.setAttribute(name, value, storage)
  }

  /// Removes an attribute, if it is there.
  public func removeAttribute(_ name: String) throws { try handle.removeAttribute(name) }
}
