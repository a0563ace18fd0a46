internal import Foundation
internal import GraftTensor

/// Rows of features in a file that survives the death of the program at any moment.
///
/// An HDF5 file that is open for writing does not, so an extraction keeps what it has computed here until all
/// is there. A header says where the rows come from; then follow records of one size: the picture's digest,
/// the features in Float32, a checksum over both and the record's place. Records are only ever added at the
/// end, so the worst that can happen is a torn last one, which its checksum gives away; it is cut off on
/// opening. Documentation/feature-store.md has the bytes.
///
/// While it is open the file is locked; a second opening, in this process or another, is refused.
final class FeatureJournal: KeyedRows {
  let path: String
  let header: FeatureHeader

  /// The number of rows.
  private(set) var count = 0

  private let file: Int32
  private var headerBytes: Int
  private let layerOffsets: [Int]
  private let featureBytes: Int
  private let recordBytes: Int
  private let record: UnsafeMutableRawBufferPointer
  private var rows: [PictureKey: Int] = [:]
  /// Whether what is in the file is known to be of this origin.
  private var isOurs = false
  private var isRemoved = false

  /// Opens the journal at `path`, or starts it.
  ///
  /// - Throws: `FeatureError` with code `busy`, `otherOrigin`, `notFeatures`, `unknownVersion`, `cannotRead`
  ///   or `cannotWrite`.
  init(path: String, header: FeatureHeader) throws {
    self.path = path
    self.header = header
    var offsets: [Int] = []
    var bytes = 0
    for layer in header.layers {
      offsets.append(bytes)
      bytes += 4 * layer.shape.count
    }
    layerOffsets = offsets
    featureBytes = bytes
    let content = PictureKey.byteCount + (bytes + 7) / 8 * 8
    recordBytes = content + 8
    let start = try JournalHeader.encode(header, path: path)
    headerBytes = start.count
    file = try JournalLock.open(path)
    record = .allocate(byteCount: recordBytes, alignment: 16)
    record.initializeMemory(as: UInt8.self, repeating: 0)
    // From here on `deinit` runs also where this throws.
    try recover(start)
    isOurs = true
  }

  deinit {
    // An extraction that came to nothing leaves nothing behind.
    if isOurs, count == 0, !isRemoved { unlink(path) }
    close(file)
    record.deallocate()
  }

  /// The pictures that have a row.
  var keys: some Collection<PictureKey> { rows.keys }

  func row(of key: PictureKey) -> Int? { rows[key] }

  /// Adds a row; a picture that is there already is passed over.
  func append(_ key: PictureKey, features: [UnsafeBufferPointer<Float>]) throws {
    precondition(
      features.map(\.count) == header.layers.map(\.shape.count),
      "layers \(header.layers) were given \(features.map(\.count)) numbers")
    guard rows[key] == nil, let base = record.baseAddress else { return }
    key.store(to: base)
    for (offset, values) in zip(layerOffsets, features) {
      UnsafeMutableRawBufferPointer(rebasing: record[(PictureKey.byteCount + offset)...])
        .copyMemory(from: UnsafeRawBufferPointer(values))
    }
    record.storeBytes(of: checksum(at: count).littleEndian, toByteOffset: recordBytes - 8, as: UInt64.self)
    try write(UnsafeRawBufferPointer(record), at: offset(of: count))
    rows[key] = count
    count += 1
  }

  /// Reads one layer of consecutive rows.
  ///
  /// - Throws: `FeatureError` with code `cannotRead`.
  func read(layer: Int, rows: Range<Int>, into buffer: UnsafeMutableBufferPointer<Float>) throws {
    let width = header.layers[layer].shape.count
    precondition(buffer.count == width * rows.count, "\(rows.count) rows of \(width) into \(buffer.count)")
    for (index, row) in rows.enumerated() {
      let target = UnsafeMutableRawBufferPointer(
        UnsafeMutableBufferPointer(rebasing: buffer[index * width..<(index + 1) * width]))
      let found = try read(
        into: target, at: offset(of: row) + PictureKey.byteCount + layerOffsets[layer])
      guard found == target.count else {
        throw FeatureError(.cannotRead, "row \(row) is no longer there; was the file changed?", file: path)
      }
    }
  }

  /// Removes the file; the journal must not be used afterwards.
  func remove() {
    unlink(path)
    isRemoved = true
  }

  // MARK: -

  private func offset(of row: Int) -> Int { headerBytes + row * recordBytes }

  private func checksum(at row: Int) -> UInt64 {
    Checksum.of(UnsafeRawBufferPointer(rebasing: record[..<(recordBytes - 8)]), seed: UInt64(row + 1))
  }

  /// Reads what is there, cuts off what is torn, and writes the header where there is none.
  private func recover(_ start: [UInt8]) throws {
    let found = try JournalHeader.read(file, path: path)
    guard let found else { return try begin(start) }
    if found.header != header {
      // Another's rows are not ours to throw away, but of another's header nothing is lost.
      guard found.fileBytes <= found.byteCount else {
        throw JournalHeader.refusal(found.header, header, path)
      }
      return try begin(start)
    }
    // Equal headers may differ in length: in what weights are called, for one.
    headerBytes = found.byteCount
    while try read(into: record, at: offset(of: count)) == recordBytes, let base = record.baseAddress {
      let stored = record.loadUnaligned(fromByteOffset: recordBytes - 8, as: UInt64.self)
      guard UInt64(littleEndian: stored) == checksum(at: count) else { break }
      rows[PictureKey(from: base)] = count
      count += 1
    }
    try truncate(to: offset(of: count))
    // What lies behind the features, up to a whole word, is part of the checksum.
    record.initializeMemory(as: UInt8.self, repeating: 0)
  }

  /// Writes the header of an empty journal.
  private func begin(_ start: [UInt8]) throws {
    try truncate(to: 0)
    // Also on a full disk nothing is left behind that holds nothing.
    isOurs = true
    try start.withUnsafeBytes { try write($0, at: 0) }
  }

  private func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws -> Int {
    do {
      return try PositionedFile.read(file, into: buffer, at: offset)
    } catch {
      throw FeatureError(.cannotRead, "cannot be read: \(error.reason)", file: path)
    }
  }

  private func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws {
    do {
      try PositionedFile.write(file, bytes, at: offset)
    } catch {
      // Half a record would be recognised, but why leave it.
      _ = ftruncate(file, off_t(offset))
      let kept =
        count == 0 ? "" : "; the \(count) pictures computed so far are kept in it: run again to go on"
      throw FeatureError(.cannotWrite, "cannot be written: \(error.reason)\(kept)", file: path)
    }
  }

  private func truncate(to size: Int) throws {
    guard ftruncate(file, off_t(size)) == 0 else {
      throw FeatureError(
        .cannotWrite, "cannot be written: \(String(cString: strerror(errno)))", file: path)
    }
  }
}
