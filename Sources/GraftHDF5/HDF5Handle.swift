internal import CHDF5

/// An open file in the library. Lives as long as anything in the file is in use, or until closed.
final class FileHandle: Sendable {
  let id: hid_t
  let place: Place
  let mode: HDF5File.Mode
  /// Whether the file is an image in memory rather than one on disk.
  let isImage: Bool
  let layout: FileLayout
  /// Guarded by the library's lock, which every use of a file takes.
  nonisolated(unsafe) private(set) var isOpen = true

  /// Takes over an open file; the library's lock is held.
  init(id: hid_t, place: Place, mode: HDF5File.Mode, isImage: Bool) {
    self.id = id
    self.place = place
    self.mode = mode
    self.isImage = isImage
    layout = FileLayout(id)
  }

  deinit {
    HDF5Library.locked {
      if isOpen { H5Fclose(id) }
    }
  }

  /// Writes everything out and closes the file with all that is open in it. The second time does nothing.
  func close() throws(HDF5Error) {
    try HDF5Library.locked { () throws(HDF5Error) in
      guard isOpen else { return }
      isOpen = false
      try place.check(H5Fclose(id), .cannotWrite, "could not write everything out while closing the file")
    }
  }

  /// The library's view of how long the file is, in bytes.
  var size: Int {
    var bytes: hsize_t = 0
    guard isOpen, H5Fget_filesize(id, &bytes) >= 0 else { return 0 }
    return Int(clamping: bytes)
  }
}

/// An open group or dataset in the library.
final class ObjectHandle: Sendable {
  let id: hid_t
  let file: FileHandle
  /// Absolute path inside the file.
  let path: String

  init(id: hid_t, file: FileHandle, path: String) {
    self.id = id
    self.file = file
    self.path = path
  }

  deinit {
    HDF5Library.locked {
      // Closing the file has closed this as well.
      if file.isOpen { H5Oclose(id) }
    }
  }

  var place: Place { Place(file: file.place.file, object: path) }

  /// Runs `body` with the library to itself, on a file that is still open.
  func use<Result>(_ body: (Place) throws -> Result) throws -> Result {
    try HDF5Library.locked {
      guard file.isOpen else {
        throw place.error(.closed, "the file was closed before this use; open it again")
      }
      return try body(place)
    }
  }

  /// As `use`, for what changes the file.
  func change<Result>(_ body: (Place) throws -> Result) throws -> Result {
    try use { place in
      guard file.mode != .read else {
        throw place.error(.cannotWrite, "the file was opened for reading only; open it with mode .update")
      }
      return try body(place)
    }
  }

  /// The path of a member of this group.
  func path(of name: String) -> String { path == "/" ? "/" + name : path + "/" + name }
}
