internal import CHDF5

extension HDF5Dataset {
  /// Throws where memory or time would have to be spent on values that cannot all be in the file.
  ///
  /// The library's lock is held.
  func checkSize(_ selection: Selection, bytesEach: Int, _ place: Place) throws {
    let (bytes, overflow) = selection.count.multipliedReportingOverflow(by: bytesEach)
    let fileBytes = handle.file.size
    // Of a chunked dataset the library adds this up chunk by chunk, so it is asked for only where it matters.
    func storedBytes() -> Int { Int(clamping: H5Dget_storage_size(handle.id)) }
    func refuse(_ what: String) -> HDF5Error {
      place.error(
        .tooLarge,
        "declares \(what) where \(storedBytes()) bytes are stored, in a file of \(fileBytes) bytes; the file is "
          + "damaged, or made to exhaust memory")
    }
    if overflow { throw refuse("more bytes than can be counted") }
    if SafetyLimits.isAbsurd(bytes: bytes, stored: storedBytes(), fileBytes: fileBytes) {
      throw refuse("\(bytes) bytes")
    }
    // Nothing but a filter makes values take less room in the file than they have.
    let plain = selection.count.multipliedReportingOverflow(by: stored.elementBytes)
    let isBeyondFile =
      plain.overflow || SafetyLimits.isAbsurd(plain: plain.partialValue, fileBytes: fileBytes)
    let offset = H5Dget_offset(handle.id)
    // Only what lies in one piece, as it is, has a place.
    if offset != haddr_t.max {
      if isBeyondFile { throw refuse("\(bytes) bytes") }
      let storedBytes = storedBytes()
      guard storedBytes == 0 || offset <= UInt64(fileBytes) && storedBytes <= fileBytes - Int(offset) else {
        throw place.error(
          .truncated,
          "should be \(storedBytes) bytes from byte \(offset) on, but the file has only \(fileBytes) bytes")
      }
      return
    }
    let creation = try place.check(H5Dget_create_plist(handle.id), .damaged, "its storage cannot be read")
    defer { H5Pclose(creation) }
    if H5Pget_nfilters(creation) == 0, isBeyondFile { throw refuse("\(bytes) bytes") }
    switch H5Pget_layout(creation) {
    case H5D_COMPACT:
      // Kept in the object header. The library reads beyond it if the shape says so.
      let needed = SafetyLimits.product(selection.shape + [stored.elementBytes])
      let storedBytes = storedBytes()
      guard storedBytes >= needed else {
        throw place.error(
          .damaged, "of shape \(selection.shape) should be \(needed) bytes, but \(storedBytes) are stored")
      }
    case H5D_CHUNKED:
      var extents = [hsize_t](repeating: 0, count: 32)
      let rank = try place.check(
        H5Pget_chunk(creation, 32, &extents), .damaged, "the shape of its chunks cannot be read")
      let chunk = extents.prefix(Int(rank)).map { Int(clamping: $0) }
      guard chunk.count == selection.extents.count, !chunk.contains(0) else {
        throw place.error(
          .damaged, "of shape \(selection.extents) is stored in chunks of shape \(chunk); the file is damaged"
        )
      }
      // A chunk is unpacked as a whole, however few of its values are wanted.
      let chunkBytes = SafetyLimits.product(chunk + [stored.elementBytes])
      if SafetyLimits.isAbsurd(bytes: chunkBytes, stored: storedBytes(), fileBytes: fileBytes) {
        throw refuse("chunks of \(chunkBytes) bytes")
      }
      // The library makes an entry for each chunk that is touched, whether it is in the file or not.
      let chunks = SafetyLimits.product(
        zip(selection.extents, chunk).map { extent, chunk in extent / chunk + 1 })
      if SafetyLimits.isAbsurd(chunks: chunks, fileBytes: fileBytes) { throw refuse("\(chunks) chunks") }
    default: break
    }
  }
}

/// What counts as more than a file can hold. Up to 64 MiB anything goes: a dataset that was made and never written
/// takes no room, and reads as zeros.
enum SafetyLimits {
  /// For values that are stored as they are.
  static func isAbsurd(plain bytes: Int, fileBytes: Int) -> Bool {
    bytes > 64 << 20 && bytes > fileBytes
  }

  /// For values that may be packed. Deflate packs at most 1032 bytes into one (zlib's technical page); the other bounds are Keras's own for the
  /// weight files it loads: above 4 GiB, no more than 1000 times what is stored.
  static func isAbsurd(bytes: Int, stored: @autoclosure () -> Int, fileBytes: Int) -> Bool {
    let beyondFile = bytes > 64 << 20 && bytes / 1032 > fileBytes
    let beyondStored = bytes > 4 << 30 && bytes / 1000 > stored()
    return beyondFile || beyondStored
  }

  /// How many bytes of strings a file may give in one reading: strings are not compressed, but several places
  /// may refer to one string.
  static func stringBytes(fileBytes: Int) -> Int { (64 << 20) + 8 * fileBytes }

  /// A chunk that is in the file takes at least 24 bytes of its index (HDF5 File Format Specification 3.0, section
  /// III.A.1).
  static func isAbsurd(chunks: Int, fileBytes: Int) -> Bool {
    chunks > 1 << 16 && chunks > fileBytes / 24
  }

  /// The product, or the largest number there is.
  static func product(_ factors: [Int]) -> Int {
    factors.reduce(1) { product, factor in
      let (next, overflow) = product.multipliedReportingOverflow(by: factor)
      return overflow ? .max : next
    }
  }
}
