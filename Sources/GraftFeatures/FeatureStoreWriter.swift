internal import Foundation
internal import GraftData
internal import GraftSupport

/// Writes features to a file as an extraction gives them, in such a way that nothing computed is lost.
///
/// What is appended goes to a journal beside the file, `<path>.journal`, and survives the death of the
/// program at any moment. `finish` puts rows from the journal, and from the store that stood there before, in
/// order, writes the file under a temporary name and renames it; until then the old file stays as it was. A
/// writer that is let go of without `finish` or `abandon` leaves its journal for the next one.
///
/// One writer at a time: while it exists, the journal is locked. Not for use by several threads at once.
public final class FeatureStoreWriter: FeatureSource {
  /// What became of the pictures.
  public struct FinishReport: Sendable, Hashable {
    /// The rows of the file.
    public var stored: Int
    /// The pictures whose features were there and that no row asked for: removed or changed since.
    public var dropped: Int
  }

  /// The file to write.
  public let path: String
  /// How it is laid out, by the end of its name.
  public let format: FeatureFormat

  private let header: FeatureHeader
  private let journal: FeatureJournal
  private let existing: ExistingRows?
  private var isFinished = false

  /// Opens the store at `path` to continue it, together with what a run that was broken off left, or begins
  /// one.
  ///
  /// Files in other formats than HDF5 are begun anew and take the place of what stands there when they are
  /// finished; what a run left that was broken off is continued for them as well.
  ///
  /// - Parameters:
  ///   - layers: The layers, in the order of `origin.layers`; one only for `.npy` and `.csv`.
  ///   - scalar: How numbers are stored; in text they are always what the network gave.
  /// - Throws: `FeatureError` with code `otherOrigin` if the features there were made otherwise, `busy` while
  ///   another process writes them, `wrongLayer` for no layers, doubled ones, or more than the format has
  ///   room for, `invalidValue` for a name whose format is unknown, `notFeatures`, `unknownVersion` or
  ///   `damaged` for what stands there, `cannotRead`, `cannotWrite`.
  /// - Precondition: `origin.layers` are the names of `layers`.
  public init(
    path: String, origin: FeatureOrigin, layers: [FeatureLayer], scalar: FeatureScalar = .float32
  ) throws {
    format = try FeatureFormat(path: path)
    header = FeatureHeader(origin: origin, layers: layers, scalar: scalar)
    self.path = path
    try header.check(path: path)
    guard format == .hdf5 || layers.count == 1 else {
      throw FeatureError(
        .wrongLayer,
        "has room for one layer only; choose one of \(layers.map(\.name).joined(separator: ", ")), "
          + "or a name that ends in .h5",
        file: path)
    }
    try Self.checkFolder(of: path)
    journal = try FeatureJournal(path: path + ".journal", header: header)
    // Only under the lock, or else the file might be replaced after it was looked at.
    existing = format == .hdf5 ? try ExistingRows(path: path, header: header) : nil
    unlink(temporary)
  }

  /// The layers that are kept, in their order.
  public var layers: [FeatureLayer] { header.layers }

  package var place: String { path }

  /// The number of pictures whose features are there.
  public var count: Int {
    journal.count + (existing?.keys.count { journal.row(of: $0) == nil } ?? 0)
  }

  /// Whether the features of the picture with these bytes are there already.
  ///
  /// - Precondition: `digest` is 64 lower-case hexadecimal digits.
  public func hasRow(digest: String) -> Bool {
    let key = PictureKey(digest: digest)
    return journal.row(of: key) != nil || existing?.row(of: key) != nil
  }

  /// Keeps the features of one picture. A picture that is there already is passed over.
  ///
  /// - Throws: `FeatureError` with code `cannotWrite` (what was kept before is still there), or
  ///   `invalidValue` for a number beyond half precision where that was asked for.
  /// - Precondition: `digest` is 64 lower-case hexadecimal digits; there are as many numbers as the layers
  ///   have; the writer is neither finished nor abandoned.
  public func append(digest: String, features: [UnsafeBufferPointer<Float>]) throws {
    requireOpen()
    let key = PictureKey(digest: digest)
    guard existing?.row(of: key) == nil else { return }
    if header.scalar == .float16 { try checkRange(features) }
    try journal.append(key, features: features)
  }

  /// Writes the file: these rows, in this order. Features of pictures that have no row are dropped.
  ///
  /// After an error the old file is as it was and the journal is still there.
  ///
  /// - Parameters:
  ///   - rows: What the file is to hold; each with features that were appended or were in the old store.
  ///   - classes: The names of the classes, all different; empty where rows have no classes.
  /// - Throws: `FeatureError` with code `missingFeatures` for a row without features, `invalidValue` for
  ///   classes that do not fit, `cannotWrite`, `cannotRead`.
  /// - Precondition: the writer is neither finished nor abandoned.
  public func finish(rows: [FeatureRow], classes: [String]) throws -> FinishReport {
    requireOpen()
    let labels = try RowLabels.labels(classes, path: path)
    let classIndices = try RowLabels.indices(of: rows, labels: labels, path: path)
    if let row = rows.first(where: { !hasRow(digest: $0.digest) }) { throw missing(row) }
    if try existing?.file.holds(rows, classes: classes, weights: header.origin.weights) != true {
      try OutputFile.reporting(path, kept: journal.count == 0 ? nil : journal.path) {
        try write(rows, classes: classes, classIndices: classIndices)
      }
    }
    let report = FinishReport(
      stored: rows.count, dropped: count - Set(rows.map { PictureKey(digest: $0.digest) }).count)
    journal.remove()
    isFinished = true
    return report
  }

  /// Forgets what was appended, by this and by earlier runs that were broken off; the file stays as it was.
  public func abandon() {
    if !isFinished { journal.remove() }
    isFinished = true
  }

  package func read(
    layer: Int, of rows: ArraySlice<FeatureRow>, into buffer: UnsafeMutableBufferPointer<Float>
  ) throws {
    requireOpen()
    let parts: [(any KeyedRows)?] = [existing, journal]
    try gather(layer: layer, of: rows, from: parts.compactMap { $0 }, into: buffer)
  }
}

// MARK: -

extension FeatureStoreWriter {
  /// Says that a folder is missing, rather than that a file in it cannot be created.
  private static func checkFolder(of path: String) throws {
    var isFolder: ObjCBool = false
    let folder = URL(filePath: path).deletingLastPathComponent().path
    guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder), isFolder.boolValue else {
      throw FeatureError(
        .cannotWrite,
        "cannot be written: No such file or directory: \(folder); make this folder, or write elsewhere",
        file: path)
    }
    if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue {
      throw FeatureError(
        .cannotRead, "is in the way: it is a folder; name a file in it, such as \(path)/features.h5",
        file: path)
    }
  }

  private var temporary: String { path + ".part" }

  private func requireOpen() {
    precondition(!isFinished, "\(path): the writer was finished or abandoned before")
  }

  private func write(_ rows: [FeatureRow], classes: [String], classIndices: [Int]?) throws {
    try AtomicFile.removingOnFailure(temporary) {
      switch format {
      case .hdf5:
        try StoreOutput.write(
          self, rows, classes: classes, classIndices: classIndices, header: header, to: temporary)
      case .npy:
        try ArrayOutput.write(self, rows, scalar: header.scalar, to: temporary)
        try ArrayOutput.writeCompanions(of: path, rows, classes: classes, classIndices: classIndices)
      case .csv:
        try TableOutput.write(self, rows, classes: classes, to: temporary)
      }
      try AtomicFile.rename(temporary, to: path)
    }
  }

  private func checkRange(_ features: [UnsafeBufferPointer<Float>]) throws {
    for (layer, values) in zip(layers, features) {
      // From 65520 on, the nearest half is infinity.
      if let value = values.first(where: { $0.isFinite && abs($0) >= 65520 }) {
        throw FeatureError(
          .invalidValue,
          "layer \(layer.name) gave \(value), and float16 ends at 65504; store the features as float32",
          file: path)
      }
    }
  }
}
