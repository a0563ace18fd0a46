import GraftHDF5

/// Reads all there is in a file: every attribute, every value, by every way of reading that suits its type.
///
/// What cannot be read is counted, never passed on; any error that is not an ``HDF5Error`` is.
struct ReadEverything {
  private(set) var valuesRead = 0
  private(set) var errors: [HDF5Error] = []
  private var groupsLeft = 200

  init(_ open: () throws -> HDF5File) throws {
    if let file = try attempt(open) {
      try visit(file.root, depth: 0)
      try attempt { try file.close() }
    }
  }

  @discardableResult
  private mutating func attempt<Result>(_ body: () throws -> Result) throws -> Result? {
    do { return try body() } catch let error as HDF5Error {
      errors.append(error)
      return nil
    }
  }

  private mutating func visit(_ group: HDF5Group, depth: Int) throws {
    try attributes(of: group)
    _ = try attempt { try group.datasetPaths() }
    // A damaged group may contain itself, several times over.
    groupsLeft -= 1
    guard depth < 6, groupsLeft > 0, let names = try attempt({ try group.memberNames() }) else { return }
    for name in names.prefix(200) {
      switch try attempt({ try group.kind(of: name) }) {
      case .group:
        if let member = try attempt({ try group.group(name) }) { try visit(member, depth: depth + 1) }
      case .dataset:
        if let dataset = try attempt({ try group.dataset(name) }) { try values(of: dataset) }
      default: break
      }
    }
  }

  private mutating func attributes(of holder: any HDF5AttributeHolder) throws {
    for name in try attempt({ try holder.attributeNames() }) ?? [] {
      if try attempt({ try holder.attribute(name) }) != nil { valuesRead += 1 }
    }
  }

  private mutating func values(of dataset: HDF5Dataset) throws {
    try attributes(of: dataset)
    _ = dataset.storedBytes
    if dataset.type.isString {
      valuesRead += try attempt { try dataset.readStrings() }?.count ?? 0
    } else {
      valuesRead += try attempt { try dataset.readFloats() }?.count ?? 0
      if dataset.type.isInteger { valuesRead += try attempt { try dataset.readIntegers() }?.count ?? 0 }
      if dataset.type == .uint8 { valuesRead += try attempt { try dataset.readBytes() }?.count ?? 0 }
    }
    if let rows = dataset.shape.first, rows > 0 {
      valuesRead += try attempt { try dataset.readFloats(rows: rows - 1..<rows) }?.count ?? 0
    }
  }
}
