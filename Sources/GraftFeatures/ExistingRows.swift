internal import Foundation

/// The rows of the store that stands where a writer writes.
struct ExistingRows: KeyedRows {
  let file: StoreFile
  private let rows: [PictureKey: Int]

  /// Opens the store; nil where there is no file.
  ///
  /// - Throws: `FeatureError`; with code `otherOrigin` if its header is another.
  init?(path: String, header: FeatureHeader) throws {
    var status = stat()
    // A link to nowhere is in the way as well.
    guard lstat(path, &status) == 0 else { return nil }
    do {
      file = try StoreFile(path)
      var rows: [PictureKey: Int] = [:]
      for (row, digest) in try file.digests().enumerated() {
        if let key = PictureKey(hexadecimal: digest) { rows[key] = row }
      }
      self.rows = rows
    } catch let error as FeatureError {
      throw FeatureError(
        error.code, "is in the way: \(error.message); move it, delete it, or write elsewhere", file: path,
        underlying: error)
    }
    guard file.header == header else {
      throw OriginCheck.refusal(
        file.header, header, file: path, what: "features",
        advice: "extract as before, delete it, or write elsewhere")
    }
  }

  var keys: some Collection<PictureKey> { rows.keys }

  func row(of key: PictureKey) -> Int? { rows[key] }

  func read(layer: Int, rows: Range<Int>, into buffer: UnsafeMutableBufferPointer<Float>) throws {
    try file.read(layer: layer, rows: rows, into: buffer)
  }
}

extension StoreFile {
  /// Whether the store is already, to the last byte, what is to be written.
  func holds(_ rows: [FeatureRow], classes: [String], weights: String) throws -> Bool {
    // Not `==`, for which different bytes may be the same text.
    func areSame(_ a: [String], _ b: some Collection<String>) -> Bool {
      a.count == b.count && zip(a, b).allSatisfy { $0.utf8.elementsEqual($1.utf8) }
    }
    guard rows.count == count, areSame([header.origin.weights], [weights]),
      areSame(try self.classes(), classes), areSame(try digests(), rows.lazy.map(\.digest)),
      areSame(try paths(), rows.lazy.map(\.path))
    else { return false }
    return try classIndices(classes: classes.count) == (classes.isEmpty ? nil : rows.map(\.label))
  }
}
