internal import CHDF5

/// The part of a file in which strings of variable length are, for the duration of one reading.
///
/// Read here and not by the library, which takes a heap's word for the lengths in it: where they are wrong, it
/// overwrites its memory or never comes back. Layout: HDF5 File Format Specification 3.0, section III.E.
struct GlobalHeap {
  private let file: FileHandle
  private let place: Place
  private var collections: [UInt64: Collection] = [:]
  /// How many bytes of collections may still be read: they do not overlap, so together they are less than the file.
  private var budget: Int

  /// Prepares for reading; what was written before is made visible. The library's lock is held.
  init(_ file: FileHandle, _ place: Place) throws(HDF5Error) {
    if file.mode != .read {
      try place.check(H5Fflush(file.id, H5F_SCOPE_LOCAL), .cannotWrite, "could not write to the file")
    }
    self.file = file
    self.place = place
    budget = file.size
  }

  /// The strings that are referred to; bytes that are not UTF-8 are replaced by U+FFFD.
  ///
  /// - Throws: ``HDF5Error`` with code `damaged` where there is no such string, `tooLarge` where so many references
  ///   lead to the same long strings that they take far more memory than the file.
  mutating func strings(_ references: StringReferences) throws(HDF5Error) -> [String] {
    let limit = SafetyLimits.stringBytes(fileBytes: file.size)
    var total = 0
    var strings: [String] = []
    strings.reserveCapacity(references.count)
    for index in 0..<references.count {
      let (length, heap, object) = references[index]
      if length == 0 || heap == 0 || heap == .max {
        strings.append("")
        continue
      }
      total += length
      guard total <= limit else {
        throw place.error(
          .tooLarge,
          "its strings together take more than \(limit) bytes, far more than the file has; the file is damaged, or "
            + "made to exhaust memory")
      }
      let collection = try collection(at: heap)
      guard let range = collection.objects[object], range.count == length else {
        throw place.error(
          .damaged,
          "string \(index) should be \(length) bytes, number \(object) of the heap at byte \(heap), where "
            + (collection.objects[object].map { "there are \($0.count)" } ?? "there is none"))
      }
      strings.append(String(decoding: collection.bytes[range].prefix { $0 != 0 }, as: UTF8.self))
    }
    return strings
  }

  private struct Collection {
    var bytes: [UInt8]
    /// Where in `bytes` each object is.
    var objects: [Int: Range<Int>]
  }

  private mutating func collection(at address: UInt64) throws(HDF5Error) -> Collection {
    if let known = collections[address] { return known }
    let header = try file.bytes(at: address, count: 16)
    let size = Int(clamping: header.littleEndian(at: 8, bytes: 8))
    guard header.starts(with: "GCOL".utf8), header[4] == 1, size >= 16, size <= budget else {
      throw place.error(.damaged, "should have strings in a heap at byte \(address), where there is none")
    }
    budget -= size
    let bytes = try file.bytes(at: address, count: size)
    let collection = Collection(bytes: bytes, objects: try objects(in: bytes, at: address))
    collections[address] = collection
    return collection
  }

  /// Number, count of references, 4 bytes unused, size (8); then the bytes, filled up to a multiple of 8.
  private func objects(in bytes: [UInt8], at address: UInt64) throws(HDF5Error) -> [Int: Range<Int>] {
    var objects: [Int: Range<Int>] = [:]
    var next = 16
    while next + 16 <= bytes.count {
      let number = Int(bytes.littleEndian(at: next, bytes: 2))
      let size = Int(clamping: bytes.littleEndian(at: next + 8, bytes: 8))
      // What is left after the last object has the number 0, and counts its own header.
      if number == 0, size >= 16, size <= bytes.count - next {
        next += size
        continue
      }
      let start = next + 16
      guard number != 0, size <= bytes.count - start, objects[number] == nil else {
        throw place.error(
          .damaged, "the heap at byte \(address), which holds its strings, contradicts itself")
      }
      objects[number] = start..<start + size
      next = start + (size + 7) / 8 * 8
    }
    return objects
  }
}
