internal import CHDF5

/// A group: named members, which are groups and datasets, and attributes.
///
/// A path given to a member is relative to the group and may have several parts (`"conv1/kernel"`); one that
/// begins with `/` counts from the root of the file.
public final class HDF5Group: Sendable {
  /// What a member is.
  public enum MemberKind: Hashable, Sendable {
    /// A group.
    case group
    /// A dataset.
    case dataset
    /// A named type.
    case other
  }

  let handle: ObjectHandle

  init(_ handle: ObjectHandle) { self.handle = handle }

  /// The absolute path inside the file; `/` for the root.
  public var path: String { handle.path }

  /// The names of the members, sorted by their bytes.
  ///
  /// The order in a group says nothing about the order in which members were made; "10" comes before "2".
  public func memberNames() throws -> [String] {
    try handle.use { place in
      // As with attributes: the library fails safely while it looks for one link, not while it lists them.
      try place.check(
        H5Lexists(handle.id, ObjectHandle.unlikelyName, graft_h5_default_properties()), .damaged,
        "the members of the group cannot be listed")
      var names = NameList(limit: SafetyLimits.stringBytes(fileBytes: handle.file.size))
      let status = withUnsafeMutablePointer(to: &names) { pointer in
        graft_h5_visit_links(handle.id, pointer) { context, name in
          guard let names = context?.assumingMemoryBound(to: NameList.self) else { return -1 }
          return names.pointee.append(name)
        }
      }
      try names.check(place)
      try place.check(status, .damaged, "the members of the group cannot be listed")
      return names.sorted
    }
  }

  /// What the member of this name or path is; nil where there is none.
  ///
  /// - Throws: ``HDF5Error`` with code `refused` for a soft or external link.
  public func kind(of name: String) throws -> MemberKind? {
    try open(name).map { Self.kind(of: $0) }
  }

  /// The group at a path.
  public func group(_ path: String) throws -> HDF5Group {
    guard let group = try groupIfPresent(path) else { throw missing("group", path) }
    return group
  }

  /// The group at a path; nil where there is nothing of that name.
  public func groupIfPresent(_ path: String) throws -> HDF5Group? {
    guard let member = try open(path) else { return nil }
    guard Self.kind(of: member) == .group else {
      throw member.place.error(.wrongKind, "is not a group, where one was expected")
    }
    return HDF5Group(member)
  }

  /// The dataset at a path.
  public func dataset(_ path: String) throws -> HDF5Dataset {
    guard let dataset = try datasetIfPresent(path) else { throw missing("dataset", path) }
    return dataset
  }

  /// The dataset at a path; nil where there is nothing of that name.
  ///
  /// - Throws: ``HDF5Error`` with code `refused` where the values are kept in other files, `tooLarge` where the
  ///   shape is beyond what can be counted, `wrongKind` for a group.
  public func datasetIfPresent(_ path: String) throws -> HDF5Dataset? {
    guard let member = try open(path) else { return nil }
    guard Self.kind(of: member) == .dataset else {
      throw member.place.error(.wrongKind, "is not a dataset, where one was expected")
    }
    return try HDF5Dataset(member)
  }

  /// The paths, relative to this group, of all datasets below it, each dataset once, sorted within its group.
  ///
  /// A damaged file in which a group contains itself ends the descent there.
  ///
  /// - Throws: ``HDF5Error`` with code `refused` for a soft or external link, `tooLarge` where groups lie more than
  ///   100 deep in one another.
  public func datasetPaths() throws -> [String] {
    var seen: Set<UInt64> = []
    return try datasetPaths(prefix: "", depth: 0, seen: &seen)
  }

  private func datasetPaths(prefix: String, depth: Int, seen: inout Set<UInt64>) throws -> [String] {
    var paths: [String] = []
    guard try seen.insert(handle.address()).inserted else { return [] }
    // Each level takes room on the stack, and a small file can have very many.
    guard depth <= 100 else {
      throw handle.place.error(
        .tooLarge, "lies more than 100 groups deep; the file is damaged, or made to exhaust memory")
    }
    for name in try memberNames() {
      guard let member = try open(name) else { continue }
      switch Self.kind(of: member) {
      case .group:
        paths += try HDF5Group(member).datasetPaths(
          prefix: prefix + name + "/", depth: depth + 1, seen: &seen)
      case .dataset: if try seen.insert(member.address()).inserted { paths.append(prefix + name) }
      case .other: break
      }
    }
    return paths
  }

  private func missing(_ kind: String, _ path: String) -> HDF5Error {
    let names = (try? memberNames()) ?? []
    let shown =
      names.prefix(8).joined(separator: ", ") + (names.count > 8 ? ", … (\(names.count) in all)" : "")
    return handle.place.error(
      .notFound,
      "has no \(kind) \"\(path)\"" + (names.isEmpty ? "; the group is empty" : "; there are: \(shown)"))
  }
}

// MARK: - Looking up

extension HDF5Group {
  static func kind(of member: ObjectHandle) -> MemberKind {
    switch HDF5Library.locked({ H5Iget_type(member.id) }) {
    case H5I_GROUP: .group
    case H5I_DATASET: .dataset
    default: .other
    }
  }

  /// The parts of a path. HDF5 ignores empty parts and "."; ".." is a name like any other.
  static func parts(of path: String) -> [String] {
    path.split(separator: "/").filter { $0 != "." }.map(String.init)
  }

  /// Opens what a path names, link by link, so that no link that leads elsewhere is ever followed.
  func open(_ path: String) throws -> ObjectHandle? {
    try handle.use { place in
      var current = path.hasPrefix("/") ? try Self.root(of: handle.file) : handle
      for part in Self.parts(of: path) {
        guard Self.kind(of: current) == .group else {
          throw current.place.error(.wrongKind, "is not a group and has no members; \"\(path)\" asks for one")
        }
        guard let next = try current.member(part) else { return nil }
        current = next
      }
      return current
    }
  }

  static func root(of file: FileHandle) throws -> ObjectHandle {
    let id = try file.place.check(
      H5Gopen2(file.id, "/", graft_h5_default_properties()), .damaged, "the root group cannot be opened")
    return ObjectHandle(id: id, file: file, path: "/")
  }
}

extension ObjectHandle {
  /// Opens a member of a group by its plain name; nil where there is none. The library's lock is held.
  func member(_ name: String) throws -> ObjectHandle? {
    let place = Place(file: file.place.file, object: path(of: name))
    // A name with a zero byte would be cut there by C, and so name something else.
    guard !name.utf8.contains(0) else { return nil }
    var address: UInt64 = 0
    var kind = graft_h5_link_kind(id, name, &address)
    if kind < 0 {
      // Most links are there, and to ask that of each first would be a second search.
      let exists = H5Lexists(id, name, graft_h5_default_properties())
      guard try place.check(exists, .damaged, "cannot be looked up") > 0 else { return nil }
      kind = try place.check(graft_h5_link_kind(id, name, &address), .damaged, "the link cannot be read")
    }
    switch kind {
    case 0: break
    case 1: throw place.error(.refused, "is a soft link; Graft reads no links, only what is stored in place")
    default:
      throw place.error(
        .refused, "is a link to another file; Graft reads no links, only what is stored in place")
    }
    try ObjectHeader.check(at: address, in: file, place)
    // By the address that was checked, rather than by the name once more.
    let member = try place.check(H5Oopen_by_addr(file.id, haddr_t(address)), .damaged, "cannot be opened")
    return ObjectHandle(id: member, file: file, path: path(of: name))
  }

  /// The object's address in the file, its identity there.
  func address() throws -> UInt64 {
    try use { place in
      var address: UInt64 = 0
      try place.check(graft_h5_object_address(id, &address), .damaged, "the object header cannot be read")
      return address
    }
  }
}
