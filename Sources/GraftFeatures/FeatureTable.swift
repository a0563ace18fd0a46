public import GraftData
public import GraftTensor

/// The features of pictures in memory: a row a picture, with its path and, where there are any, its class.
public struct FeatureTable: Sendable {
  /// The features, N x D. Those of a feature map are flattened in C order; `layer.shape` says how.
  public let features: Tensor
  /// The class of each row, an index into `labels`; nil where pictures have no classes.
  public let classIndices: [Int]?
  /// The names of the classes; nil where pictures have none.
  public let labels: Labels?
  /// The path of each row's picture.
  public let paths: [String]
  /// The SHA-256 digest of each row's picture, equal for equal pictures.
  public let digests: [String]
  /// The pictures that were asked for and left out.
  public let skipped: [SkippedPicture]
  /// The layer, with the shape of its output for one picture.
  public let layer: FeatureLayer
  /// Where the features come from, where that is known.
  public let origin: FeatureOrigin?

  /// Puts a table together.
  ///
  /// - Parameters:
  ///   - features: N x D.
  ///   - paths: The path of each row; "row 0", "row 1" … where there are none.
  ///   - digests: A key of each row's content, equal for equal rows; the row's number where there are none.
  ///   - layer: By default one without a name, of shape D.
  /// - Precondition: `features` has two axes; whatever is given a row is given for every row; there are class
  ///   indices exactly where there are labels, within their range; the layer has D values.
  public init(
    features: Tensor, classIndices: [Int]? = nil, labels: Labels? = nil, paths: [String]? = nil,
    digests: [String]? = nil, skipped: [SkippedPicture] = [], layer: FeatureLayer? = nil,
    origin: FeatureOrigin? = nil
  ) {
    precondition(features.shape.rank == 2, "a table of features is N x D, not \(features.shape)")
    let count = features.shape[0]
    precondition(paths == nil || paths?.count == count, "\(paths?.count ?? 0) paths for \(count) rows")
    precondition(
      digests == nil || digests?.count == count, "\(digests?.count ?? 0) digests for \(count) rows")
    precondition(
      (classIndices == nil) == (labels == nil), "class indices need labels, and labels class indices")
    if let classIndices, let labels {
      precondition(classIndices.count == count, "\(classIndices.count) class indices for \(count) rows")
      let range = 0..<labels.count
      precondition(
        classIndices.allSatisfy(range.contains),
        "class indices must be within \(range): \(classIndices.first { !range.contains($0) } ?? 0)")
    }
    let width = features.shape[1]
    precondition(
      layer == nil || layer?.shape.count == width,
      "rows of \(width) numbers for layer \(String(describing: layer))")
    self.features = features
    self.classIndices = classIndices
    self.labels = labels
    self.paths = paths ?? (0..<count).map { "row \($0)" }
    self.digests = digests ?? (0..<count).map { "row \($0)" }
    self.skipped = skipped
    self.layer = layer ?? FeatureLayer(name: "features", shape: [width])
    self.origin = origin
  }

  /// The number of rows.
  public var count: Int { features.shape[0] }

  /// The number of features of a row.
  public var width: Int { features.shape[1] }
}

extension FeatureTable {
  /// Divides the rows: stratified by class, fixed by the seed and the pictures' bytes, whatever the order of
  /// rows; equal pictures stay on one side. A folder of the same pictures divides the same way.
  ///
  /// - Parameter fraction: The share to hold out, from 0 to below 1.
  /// - Throws: `DataError` with code `invalidFraction`.
  public func split(
    holdingOut fraction: Double, seed: UInt64
  ) throws -> (training: FeatureTable, heldOut: FeatureTable) {
    let split = try Split(
      labels: classIndices ?? [Int](repeating: 0, count: count), holdingOut: fraction, seed: seed,
      digests: digests)
    return (rows(split.training), rows(split.heldOut))
  }

  /// The table with the classes only that have a row, and the names of the others.
  public func withoutEmptyClasses() -> (table: FeatureTable, empty: [String]) {
    guard let classIndices, let labels, let used = UsedClasses(classIndices, of: labels) else {
      return (self, [])
    }
    let table = FeatureTable(
      features: features, classIndices: used.classIndices, labels: used.labels, paths: paths,
      digests: digests,
      skipped: skipped, layer: layer, origin: origin)
    return (table, used.empty)
  }

  /// A table of some rows, in the given order; a row may be there several times. Skipped pictures belong to
  /// the whole and are left out.
  ///
  /// - Precondition: every index is within 0 ..< `count`.
  public func rows(_ indices: [Int]) -> FeatureTable {
    let width = width
    let chosen = features.withUnsafeScalars { all in
      Tensor(shape: [indices.count, width]) { target in
        for (position, row) in indices.enumerated() {
          precondition(row >= 0 && row < count, "there is no row \(row); there are \(count) rows")
          let source = UnsafeBufferPointer(rebasing: all[row * width..<(row + 1) * width])
          _ = UnsafeMutableBufferPointer(rebasing: target[position * width..<(position + 1) * width])
            .update(fromContentsOf: source)
        }
      }
    }
    return FeatureTable(
      features: chosen, classIndices: classIndices.map { all in indices.map { all[$0] } }, labels: labels,
      paths: indices.map { paths[$0] }, digests: indices.map { digests[$0] }, layer: layer, origin: origin)
  }
}
