internal import GraftData
public import GraftFeatures

/// The k nearest rows vote: the options, from which `fit` makes a `NeighborClassifier`.
///
/// That is scikit-learn's `KNeighborsClassifier(n_neighbors=k, algorithm="brute")`: Euclidean distances on the features
/// that `StandardScaler` gives, cosine distances on features as they are.
public struct NearestNeighbors: Hashable, Sendable {
  /// What near means.
  public enum Metric: String, Hashable, Sendable, CaseIterable, Codable {
    /// The length of the difference of standardized features.
    case euclidean
    /// 1 less the cosine of the angle between features as they are.
    case cosine
  }

  /// How many rows vote.
  public enum Count: Hashable, Sendable, ExpressibleByIntegerLiteral {
    /// So many.
    case fixed(Int)
    /// Of 1, 3, 5, 9, 15 and 25 the number that predicts held-out training rows best.
    case auto

    /// So many.
    public init(integerLiteral value: Int) { self = .fixed(value) }
  }

  /// How many rows vote.
  public var neighbors: Count
  /// What near means.
  public var metric: Metric
  /// Parts of the rows that cross-validation holds out in turn.
  public var folds: Int
  /// Fixes the division of rows in cross-validation.
  public var seed: UInt64

  private static let candidates = [1, 3, 5, 9, 15, 25]

  /// The options of a fit.
  public init(neighbors: Count = .auto, metric: Metric = .euclidean, folds: Int = 5, seed: UInt64 = 0) {
    self.neighbors = neighbors
    self.metric = metric
    self.folds = folds
    self.seed = seed
  }

  /// Keeps rows for others to be compared with.
  ///
  /// - Parameters:
  ///   - dataset: rows with classes, each class with a row.
  ///   - progress: told of every fold of cross-validation; stops the fit by throwing.
  /// - Throws: `LinearError` with the code `.missingLabels`, `.tooFewRows`, `.singleClass`, `.emptyClass`,
  ///   `.notFinite`, `.invalidOption` or `.cannotCrossValidate`, and what reading rows from disk throws.
  public func fit(
    _ dataset: FeatureDataset, progress: (FitEvent) throws -> Void = { _ in }
  ) throws -> NeighborClassifier {
    let (classIndices, labels) = try dataset.classified(to: "learn from")
    if case .fixed(let count) = neighbors, count < 1 {
      throw LinearError(.invalidOption, "at least one neighbor must vote, not \(count)")
    }
    try FittingOptions(folds: folds).check()
    let rows = FeatureRows(dataset.features)
    _ = try TrainingRows.counts(
      rows, classIndices: classIndices, labels: labels, digests: dataset.digests, paths: dataset.paths)
    let all = try NeighborSearch(rows, metric: metric, paths: dataset.paths)
    let path = try path(rows, classIndices, labels, dataset.digests, progress)
    let count: Int =
      if case .fixed(let given) = neighbors { given } else { path?.neighbors ?? 1 }
    return NeighborClassifier(
      labels: labels, classIndices: classIndices, neighbors: min(count, rows.count), metric: metric,
      path: path, search: all)
  }

  private func path(
    _ rows: FeatureRows, _ classIndices: [Int], _ labels: Labels, _ digests: [String],
    _ progress: (FitEvent) throws -> Void
  ) throws -> NeighborClassifier.Path? {
    guard neighbors == .auto else { return nil }
    let parts = Folds(classIndices: classIndices, count: folds, seed: seed, digests: digests)
    guard parts.heldOut.count > 1 else {
      throw LinearError(
        .cannotCrossValidate,
        """
        the number of neighbors cannot be chosen by cross-validation: there are not two different pictures of any \
        class. Give more pictures, or name a number
        """)
    }
    var hits = [Int](repeating: 0, count: Self.candidates.count)
    for (part, heldOut) in parts.heldOut.enumerated() {
      try progress(.crossValidating(done: part, total: parts.heldOut.count))
      let training = parts.training(part)
      let search = try NeighborSearch(rows.chosen(training), metric: metric)
      let most = min(Self.candidates.last ?? 1, training.count)
      let found = try search.neighbors(of: rows.chosen(heldOut), count: most)
      for (index, row) in heldOut.enumerated() {
        let classes = found[index].map { classIndices[training[$0]] }
        for (place, count) in Self.candidates.enumerated() {
          let votes = Votes(classes.prefix(count), classes: labels.count)
          if votes.winner == classIndices[row] { hits[place] += 1 }
        }
      }
    }
    try progress(.crossValidating(done: parts.heldOut.count, total: parts.heldOut.count))
    let rows = parts.heldOut.reduce(0) { $0 + $1.count }
    let points = zip(Self.candidates, hits).map {
      NeighborClassifier.Path.Point(neighbors: $0, accuracy: Double($1) / Double(rows))
    }
    return NeighborClassifier.Path(points: points, rows: rows)
  }
}

/// The votes of the nearest rows.
struct Votes {
  private(set) var counts: [Int]

  init(_ nearest: some Sequence<Int>, classes: Int) {
    counts = [Int](repeating: 0, count: classes)
    for label in nearest { counts[label] += 1 }
  }

  /// The class with the most votes; of several the first.
  var winner: Int { counts.indices.reduce(0) { counts[$1] > counts[$0] ? $1 : $0 } }
}
