internal import CHDF5
internal import Foundation

extension FileHandle {
  /// Bytes of the file as they are on disk or in the image, from an address on as the file itself counts: from the
  /// start of its HDF5 part.
  ///
  /// The library's lock is held. What was written since the last flush is not there.
  func bytes(at address: UInt64, count: Int) throws(HDF5Error) -> [UInt8] {
    let creation = try place.check(H5Fget_create_plist(id), .cannotRead, "the file cannot be read")
    defer { H5Pclose(creation) }
    var start: hsize_t = 0
    try place.check(H5Pget_userblock(creation, &start), .cannotRead, "the file cannot be read")
    let size = UInt64(self.size)
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
