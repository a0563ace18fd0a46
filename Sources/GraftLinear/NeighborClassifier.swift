public import GraftData
public import GraftFeatures
internal import GraftTensor

/// Rows with known classes, for others to be compared with. It is no linear classifier, and no layer of a network can
/// stand for it: it holds all rows that it was made of.
public struct NeighborClassifier: Sendable {
  /// How cross-validation judged numbers of neighbors.
  public struct Path: Hashable, Sendable, Codable {
    /// The judgement on one number.
    public struct Point: Hashable, Sendable, Codable {
      /// How many rows voted.
      public let neighbors: Int
      /// The share of held-out rows that were given the right class.
      public let accuracy: Double
    }

    /// The numbers tried, the smallest first.
    public let points: [Point]
    /// How many rows were held out in one of the folds.
    public let rows: Int

    /// The number with the highest accuracy; of several the largest.
    public var neighbors: Int {
      points.reduce(into: (1, -1.0)) { best, point in
        if point.accuracy >= best.1 { best = (point.neighbors, point.accuracy) }
      }.0
    }
  }

  /// The classes.
  public let labels: Labels
  /// The class of each row.
  public let classIndices: [Int]
  /// How many rows vote.
  public let neighbors: Int
  /// What near means.
  public let metric: NearestNeighbors.Metric
  /// How the number was chosen; nil where it was given.
  public let path: Path?

  private let search: NeighborSearch

  init(
    labels: Labels, classIndices: [Int], neighbors: Int, metric: NearestNeighbors.Metric, path: Path?,
    search: NeighborSearch
  ) {
    self.labels = labels
    self.classIndices = classIndices
    self.neighbors = neighbors
    self.metric = metric
    self.path = path
    self.search = search
  }

  /// The number of features.
  public var width: Int { search.width }

  /// Of each row, the share of votes for each class: N x C.
  ///
  /// - Throws: `LinearError` with the code `.widthMismatch`, and what reading rows from disk throws.
  public func probabilities(of features: FeatureMatrix) throws -> [Float] {
    let rows = FeatureRows(features)
    guard rows.width == width else {
      throw LinearError(
        .widthMismatch,
        """
        the classifier is for rows of \(width) features; these have \(rows.width). Were they extracted with the same \
        network, layer and pooling?
        """)
    }
    return try search.neighbors(of: rows, count: neighbors).flatMap { nearest in
      Votes(nearest.lazy.map { classIndices[$0] }, classes: labels.count).counts
        .map { Float($0) / Float(neighbors) }
    }
  }

  /// How well the classifier does on rows whose classes are some of its own, by name.
  ///
  /// - Throws: `LinearError` with the code `.missingLabels`, `.widthMismatch`, `.notFinite`; `DataError` with the
  ///   code `.unknownClass`.
  public func evaluate(_ dataset: FeatureDataset) throws -> Evaluation {
    let (truth, labels) = try dataset.classified(to: "judge by")
    try TrainingRows.checkFinite(FeatureRows(dataset.features), dataset.paths)
    return try Evaluation(
      probabilities: try probabilities(of: dataset.features), truth: truth, labels: labels,
      classes: self.labels, paths: dataset.paths, skipped: dataset.skipped)
  }
}
