internal import CHDF5
internal import Foundation

/// An HDF5 file: a tree of groups and datasets, both with attributes.
///
/// Links that lead elsewhere (soft, external), data kept in other files (external storage, virtual datasets) and
/// sizes that the file cannot hold are refused with an error; a file never makes the program open another file.
/// All uses of the library take turns, whatever the thread. What is written is on disk after ``close()`` or
/// ``flush()``; a file that is merely let go of is closed too, but then a failure to write goes unseen.
public final class HDF5File: Sendable {
  /// What a file is opened for.
  public enum Mode: Hashable, Sendable {
    /// Reading an existing file.
    case read
    /// Writing a new file; what was there under this name is lost.
    case create
    /// Reading and changing an existing file.
    case update
  }

  /// The file as it was named when it was opened.
  public let path: String
  /// The group `/`.
  public let root: HDF5Group

  private let handle: FileHandle

  init(_ handle: FileHandle, root: ObjectHandle) {
    path = handle.place.file
    self.handle = handle
    self.root = HDF5Group(root)
  }

  /// Opens or creates a file.
  ///
  /// - Throws: ``HDF5Error`` with code `cannotOpen`, `notHDF5`, `truncated` or `damaged`.
  public convenience init(_ path: String, mode: Mode = .read) throws {
    try self.init(path, mode: mode, calling: path)
  }

  /// Opens or creates a file that goes by another name in ``path`` and in errors: that of the archive it is out of.
  ///
  /// - Throws: ``HDF5Error``, as `init(_:mode:)` does.
  package convenience init(_ path: String, mode: Mode = .read, calling name: String) throws {
    guard !path.utf8.contains(0) else {
      // C would cut the name there, and open or make another file.
      throw HDF5Error(.cannotOpen, "cannot be opened: the name holds a zero byte", file: name)
    }
    let (file, root) = try Self.waiting { () throws(HDF5Error) in
      if mode != .create { try Self.checkContent(of: path) }
      return try Self.open(Place(file: name, object: nil), mode) { access in
        // Locking is asked for where the system has it.
        _ = graft_h5_relax_locking(access)
        return switch mode {
        case .read: H5Fopen(path, graft_h5_read_only(), access)
        case .update: H5Fopen(path, graft_h5_read_write(), access)
        case .create: H5Fcreate(path, graft_h5_truncate(), graft_h5_default_properties(), access)
        }
      }
    }
    self.init(file, root: root)
  }

  /// How often a file that is locked is tried again, and seconds between.
  private static let (attempts, pause) = (40, 0.025)

  /// Opens, and tries again for a second where the file is locked. A process that is started just while a file is open
  /// holds its lock, which it inherits, a moment longer than whoever opened it.
  private static func waiting<Result>(_ open: () throws(HDF5Error) -> Result) throws(HDF5Error) -> Result {
    var attempt = 1
    while true {
      do {
        return try HDF5Library.locked(open)
      } catch  where error.isLock && attempt < attempts {
        attempt += 1
        Thread.sleep(forTimeInterval: pause)
      }
    }
  }

  /// Hands everything written so far to the operating system.
  public func flush() throws {
    try HDF5Library.locked { () throws(HDF5Error) in
      guard handle.isOpen else {
        throw handle.place.error(.closed, "the file was closed before this use; open it again")
      }
      try handle.place.check(
        H5Fflush(handle.id, H5F_SCOPE_GLOBAL), .cannotWrite, "could not write to the file")
    }
  }

  /// Writes everything out and closes the file; any later use of it or of what is in it throws.
  ///
  /// Closing twice is allowed and does nothing.
  public func close() throws { try handle.close() }
}
