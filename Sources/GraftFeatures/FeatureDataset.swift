public import GraftData
internal import GraftTensor

/// The features of pictures with their classes, in memory or on disk: what a classifier is fitted to and judged on.
public struct FeatureDataset: Sendable {
  /// The features, N x D.
  public let features: FeatureMatrix
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
  /// The layers whose features stand side by side in a row.
  public let layers: [FeatureLayer]
  /// Where the features come from, where that is known.
  public let origin: FeatureOrigin?

  /// The rows of a table.
  public init(_ table: FeatureTable) {
    self.init(
      features: FeatureMatrix(table.features), classIndices: table.classIndices, labels: table.labels,
      paths: table.paths, digests: table.digests, skipped: table.skipped, layers: [table.layer],
      origin: table.origin)
  }

  init(
    features: FeatureMatrix, classIndices: [Int]?, labels: Labels?, paths: [String], digests: [String],
    skipped: [SkippedPicture] = [], layers: [FeatureLayer], origin: FeatureOrigin?
  ) {
    self.features = features
    self.classIndices = classIndices
    self.labels = labels
    self.paths = paths
    self.digests = digests
    self.skipped = skipped
    self.layers = layers
    self.origin = origin
  }

  /// The number of rows.
  public var count: Int { features.count }

  /// The number of features of a row.
  public var width: Int { features.width }

  /// The same rows with the classes only that have a row, and the names of the others.
  public func withoutEmptyClasses() -> (dataset: FeatureDataset, empty: [String]) {
    guard let classIndices, let labels, let used = UsedClasses(classIndices, of: labels) else {
      return (self, [])
    }
    let dataset = FeatureDataset(
      features: features, classIndices: used.classIndices, labels: used.labels, paths: paths,
      digests: digests,
      skipped: skipped, layers: layers, origin: origin)
    return (dataset, used.empty)
  }
}

extension FeatureStore {
  /// The features of some layers, side by side in the given order.
  ///
  /// - Parameters:
  ///   - names: the layers; may be left out where there is only one.
  ///   - memory: how many bytes the features may take, as they are stored; more of them stay on disk. Nil for no
  ///     limit.
  /// - Throws: `FeatureError` with code `wrongLayer` if there is no such layer, one was named twice, or there are
  ///   several and none was named; `damaged` or `cannotRead`.
  public func dataset(layers names: [String] = [], memory: Int? = nil) throws -> FeatureDataset {
    let places = try positions(of: names)
    return FeatureDataset(
      features: try matrix(places, memory: memory), classIndices: classIndices, labels: labels, paths: paths,
      digests: digests, layers: places.map { layers[$0] }, origin: origin)
  }
}

/// Those of some classes that have a row.
struct UsedClasses {
  /// The class of each row, an index into `labels`.
  var classIndices: [Int]
  /// The classes that have a row.
  var labels: Labels
  /// The names of the others.
  var empty: [String]

  /// Nil where every class has a row.
  init?(_ indices: [Int], of labels: Labels) {
    let used = Set(indices)
    let kept = labels.names.indices.filter(used.contains)
    guard kept.count < labels.count, !kept.isEmpty,
      let fewer = try? Labels(
        kept.map { labels.names[$0] }, identifiers: kept.map { labels.identifiers[$0] })
    else { return nil }
    var places = [Int](repeating: 0, count: labels.count)
    for (place, index) in kept.enumerated() { places[index] = place }
    classIndices = indices.map { places[$0] }
    self.labels = fewer
    empty = labels.names.indices.filter { !used.contains($0) }.map { labels.names[$0] }
  }
}
