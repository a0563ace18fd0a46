internal import CHDF5
internal import Foundation

/// The collections in which strings of variable length are kept.
///
/// Releases of the library before 1.14 walk through a collection without looking where they go: an object that
/// says it has no length keeps them for ever, and one that is longer than its collection leads them out of
/// memory. So collections are looked at before the library is let at them. Layout: HDF5 File Format
/// Specification 3.0, section III.E.
struct GlobalHeaps {
  /// Reads up to so many bytes at a place of the file; fewer at its end.
  let read: (_ offset: Int, _ count: Int) -> [UInt8]
  let size: Int
  /// Bytes that a length takes in this file.
  let lengthBytes: Int

  private static let signature = Array("GCOL".utf8)
  private static let block = 1 << 20
  /// No collection is smaller.
  private static let smallest = 4096

  /// Where the first damaged collection is, if there is one.
  func firstDamaged() -> Int? {
    var offset = 0
    // Blocks overlap by what a signature could be cut by.
    while offset < size {
      let bytes = read(offset, Self.block + Self.signature.count - 1)
      var next = offset + Self.block
      var place = 0
      while let found = Self.find(bytes, from: place) {
        place = found + 1
        let collection = offset + found
        guard let end = end(of: collection) else { continue }
        guard isSound(collection, end: end) else { return collection }
        // What is inside a sound collection is its own business.
        if end >= next {
          next = max(next, end)
          break
        }
        place = max(place, end - offset)
      }
      offset = next
    }
    return nil
  }

  private static func find(_ bytes: [UInt8], from start: Int) -> Int? {
    bytes.withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress else { return nil }
      var place = start
      while place + signature.count <= bytes.count {
        guard
          let found = memchr(base + place, Int32(signature[0]), bytes.count - signature.count + 1 - place)
        else { return nil }
        place = UnsafeRawPointer(found) - base
        if memcmp(found, signature, signature.count) == 0 { return place }
        place += 1
      }
      return nil
    }
  }

  /// The end of the collection at `start`; nil if there is none, or if it goes beyond the file, which the library
  /// sees for itself.
  private func end(of start: Int) -> Int? {
    let header = read(start, 8 + lengthBytes)
    guard header.count == 8 + lengthBytes, header[4] == 1, header[5...7].allSatisfy({ $0 == 0 }),
      let length = Self.integer(header[8...]), length >= Self.smallest, length <= size - start
    else { return nil }
    return start + length
  }

  /// Whether the objects of a collection follow each other to its end.
  private func isSound(_ start: Int, end: Int) -> Bool {
    let bytes = read(start, end - start)
    guard bytes.count == end - start else { return true }
    // The headers of collection and object, both filled up to a multiple of 8.
    let header = (8 + lengthBytes + 7) / 8 * 8
    var place = header
    while place + header <= bytes.count {
      let isFree = bytes[place] == 0 && bytes[place + 1] == 0
      guard let length = Self.integer(bytes[(place + 8)..<(place + 8 + lengthBytes)]),
        length <= bytes.count - place
      else { return false }
      // Free space counts its own header, an object does not.
      let step = isFree ? length : header + (length + 7) / 8 * 8
      guard step > 0, step <= bytes.count - place else { return false }
      place += step
    }
    return true
  }

  /// A little-endian number; nil for one that is larger than any file.
  private static func integer(_ bytes: ArraySlice<UInt8>) -> Int? {
    guard bytes.dropFirst(7).allSatisfy({ $0 == 0 }) else { return nil }
    return bytes.prefix(7).reversed().reduce(0) { $0 << 8 | Int($1) }
  }
}

extension FileHandle {
  /// Looks at the collections of strings once, if that was asked for; a file under change is Graft's own.
  func checkHeaps(_ place: Place) throws(HDF5Error) {
    guard checksHeaps else { return }
    checksHeaps = false
    let creation = try self.place.check(H5Fget_create_plist(id), .damaged, "the file's layout cannot be read")
    defer { H5Pclose(creation) }
    var (addressBytes, lengthBytes) = (0, 0)
    try self.place.check(
      H5Pget_sizes(creation, &addressBytes, &lengthBytes), .damaged, "the file's layout cannot be read")
    var pointer: UnsafeMutableRawPointer?
    guard [2, 4, 8].contains(lengthBytes),
      H5Fget_vfd_handle(id, graft_h5_default_properties(), &pointer) >= 0,
      let descriptor = pointer?.load(as: Int32.self)
    else { return }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { return }
    let heaps = GlobalHeaps(
      read: { offset, count in
        [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
          initialized = max(0, pread(descriptor, buffer.baseAddress, count, off_t(offset)))
        }
      }, size: Int(status.st_size), lengthBytes: lengthBytes)
    try refuse(heaps.firstDamaged(), place)
  }

  /// Looks at the collections of strings in a file that is in memory.
  func checkHeaps(in image: [UInt8]) throws(HDF5Error) {
    checksHeaps = false
    let heaps = GlobalHeaps(
      read: { offset, count in Array(image[min(offset, image.count)..<min(offset + count, image.count)]) },
      size: image.count, lengthBytes: 8)
    try refuse(heaps.firstDamaged(), place)
  }

  private func refuse(_ damaged: Int?, _ place: Place) throws(HDF5Error) {
    guard let damaged else { return }
    throw place.error(.damaged, "the collection of strings at byte \(damaged) of the file is damaged")
  }
}
