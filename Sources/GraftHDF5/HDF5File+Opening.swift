internal import CHDF5
internal import Foundation

extension HDF5File {
  /// Opens a file and its root group as `call`, which is given the access properties, does it.
  ///
  /// The library's lock is held.
  static func open(
    _ place: Place, _ mode: Mode, isImage: Bool = false, _ call: (_ access: hid_t) -> hid_t
  ) throws(HDF5Error) -> (FileHandle, ObjectHandle) {
    let access = try place.check(
      H5Pcreate(graft_h5_file_access()), .cannotOpen, "could not prepare for opening")
    defer { H5Pclose(access) }
    // Strong: closing the file closes what is open in it, so that it is closed when we say so.
    H5Pset_fclose_degree(access, H5F_CLOSE_STRONG)
    // Room for several chunks of a dataset: one that does not fit is unpacked again at every access. The
    // other numbers are the library's defaults.
    H5Pset_cache(access, 0, 521, 8 << 20, 0.75)
    let id = call(access)
    if id < 0 { throw openingError(place, mode) }
    let file = FileHandle(id: id, place: place, mode: mode, isImage: isImage)
    let root = try place.check(
      H5Gopen2(id, "/", graft_h5_default_properties()), .damaged, "the root group cannot be opened")
    let rootHandle = ObjectHandle(id: root, file: file, path: "/")
    var address: UInt64 = 0
    try place.check(
      graft_h5_object_address(root, &address), .damaged, "the root group cannot be opened")
    try ObjectHeader.check(at: address, in: file, rootHandle.place)
    return (file, rootHandle)
  }

  /// Whether there is a regular file of this name that carries the HDF5 signature.
  public static func isHDF5(_ path: String) -> Bool {
    HDF5Library.locked { isRegularFile(path) && H5Fis_hdf5(path) > 0 }
  }

  private static func isRegularFile(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
  }

  /// Says plainly what is the matter with a file that is not HDF5 at all.
  static func checkContent(of path: String) throws(HDF5Error) {
    let place = Place(file: path, object: nil)
    var status = stat()
    guard stat(path, &status) == 0 else {
      throw place.error(.cannotOpen, "cannot be opened: \(String(cString: strerror(errno)))")
    }
    // A pipe or a device could keep the library waiting for ever.
    guard status.st_mode & S_IFMT == S_IFREG else {
      let what = status.st_mode & S_IFMT == S_IFDIR ? "a folder" : "not a regular file"
      throw place.error(.cannotOpen, "is \(what); an HDF5 file was expected")
    }
    guard access(path, R_OK) == 0 else {
      throw place.error(.cannotOpen, "cannot be opened: \(String(cString: strerror(errno)))")
    }
    if H5Fis_hdf5(path) > 0 { return }
    throw place.error(.notHDF5, "is not an HDF5 file: " + Self.guess(at: path, size: Int(status.st_size)))
  }

  private static func guess(at path: String, size: Int) -> String {
    var start = [UInt8](repeating: 0, count: 16)
    if let file = fopen(path, "rb") {
      defer { fclose(file) }
      start.removeLast(start.count - fread(&start, 1, start.count, file))
    }
    return guess(from: start, size: size)
  }

  /// What bytes that are not an HDF5 file seem to be.
  static func guess(from start: [UInt8], size: Int) -> String {
    if size == 0 { return "it is empty" }
    switch start {
    case let bytes where bytes.starts(with: [0x50, 0x4b]):
      return "it is a zip archive (a .keras file is one; the weights are inside it)"
    case let bytes where bytes.starts(with: [0x1f, 0x8b]):
      return "it is compressed with gzip; unpack it first"
    case let bytes where bytes.starts(with: Array("<".utf8)):
      return "it begins with \"<\", like a web page saved by a download that failed"
    default:
      return "its \(size) bytes do not carry the signature"
    }
  }

  private static func openingError(_ place: Place, _ mode: Mode) -> HDF5Error {
    let reason = HDF5Library.lastReason()
    if mode == .create {
      return place.error(.cannotOpen, "the file cannot be created", reason: reason)
    }
    if let reason, reason.contains("truncated file") {
      return place.error(
        .truncated, "the file is shorter than it says it is; the download or copy was cut off", reason: reason
      )
    }
    if let reason, reason.contains("errno") || reason.contains("lock") {
      return place.error(.cannotOpen, "the file cannot be opened", reason: reason)
    }
    return place.error(.damaged, "the file is damaged and cannot be opened", reason: reason)
  }
}

extension HDF5Error {
  /// Whether another process, or another opening, has the file locked.
  var isLock: Bool {
    // What the library says, or the system (EAGAIN).
    code == .cannotOpen
      && ["lock file", "temporarily unavailable"].contains { reason?.contains($0) == true }
  }
}
