internal import CHDF5
internal import Foundation

/// How a file counts.
struct FileLayout {
  /// Where in the file its HDF5 part starts, from which addresses are counted.
  var start: UInt64 = 0
  /// Whether addresses and lengths take 8 bytes, as in all files but a few of embedded devices.
  var usesWideNumbers = false

  /// Reads the layout of an open file; the library's lock is held.
  init(_ file: hid_t) {
    let creation = H5Fget_create_plist(file)
    guard creation >= 0 else { return }
    defer { H5Pclose(creation) }
    var (addressBytes, lengthBytes) = (0, 0)
    H5Pget_userblock(creation, &start)
    H5Pget_sizes(creation, &addressBytes, &lengthBytes)
    usesWideNumbers = addressBytes == 8 && lengthBytes == 8
  }
}

extension FileHandle {
  /// Bytes of the file as they are on disk or in the image, from an address on as the file itself counts: from the
  /// start of its HDF5 part.
  ///
  /// The library's lock is held. What was written since the last flush is not there.
  func bytes(at address: UInt64, count: Int) throws(HDF5Error) -> [UInt8] {
    let (start, size) = (layout.start, UInt64(self.size))
    guard start <= size, address <= size - start, UInt64(count) <= size - start - address else {
      throw place.error(
        .damaged, "refers to \(count) bytes from byte \(address) on, but the file has only \(size) bytes")
    }
    var pointer: UnsafeMutableRawPointer?
    try place.check(
      H5Fget_vfd_handle(id, graft_h5_default_properties(), &pointer), .cannotRead, "the file cannot be read")
    guard let pointer else { throw place.error(.cannotRead, "the file cannot be read") }
    let offset = Int(start + address)
    if isImage {
      guard let image = pointer.assumingMemoryBound(to: UnsafePointer<UInt8>?.self).pointee else {
        throw place.error(.cannotRead, "the file cannot be read")
      }
      return Array(UnsafeBufferPointer(start: image + offset, count: count))
    }
    let descriptor = pointer.assumingMemoryBound(to: Int32.self).pointee
    var bytes = [UInt8](repeating: 0, count: count)
    var filled = 0
    while filled < count {
      let read = bytes.withUnsafeMutableBytes {
        pread(descriptor, $0.baseAddress.map { $0 + filled }, count - filled, off_t(offset + filled))
      }
      if read < 0 && errno == EINTR { continue }
      guard read > 0 else {
        throw place.error(
          .cannotRead, "cannot be read",
          reason: read < 0 ? String(cString: strerror(errno)) : "the file has become shorter")
      }
      filled += read
    }
    return bytes
  }
}
