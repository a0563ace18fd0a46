public import GraftData
public import GraftFeatures
public import GraftTensor

/// The options of a kind of linear classifier, from which `fit` makes a `LinearClassifier`.
public protocol ClassifierOptions: Hashable, Sendable {
  /// Fits a classifier to rows of features, one class each.
  ///
  /// - Parameters:
  ///   - features: finite values, N x D.
  ///   - classIndices: the class of each row, an index into `labels`.
  ///   - labels: the classes; each must have a row.
  ///   - sampleWeights: how much each row counts; nil for all alike.
  ///   - digests: a key of each row's content, equal for equal rows: cross-validation does not divide those.
  ///   - paths: the picture of each row, for errors to name.
  ///   - progress: told of every step; stops the fit by throwing.
  /// - Throws: `LinearError` with the code `.tooFewRows`, `.singleClass`, `.emptyClass`, `.notFinite`,
  ///   `.widthMismatch`, `.invalidOption` or `.cannotCrossValidate`, and what reading rows from disk throws.
  func fit(
    features: FeatureMatrix, classIndices: [Int], labels: Labels, sampleWeights: [Double]?,
    digests: [String]?,
    paths: [String]?, progress: (FitEvent) throws -> Void
  ) throws -> LinearClassifier
}

extension ClassifierOptions {
  /// Fits a classifier to rows of features in memory: N x D, or with more axes, each row as one vector.
  ///
  /// - Throws: as the fit to a `FeatureMatrix`.
  public func fit(
    features: Tensor, classIndices: [Int], labels: Labels, sampleWeights: [Double]? = nil,
    digests: [String]? = nil, paths: [String]? = nil, progress: (FitEvent) throws -> Void = { _ in }
  ) throws -> LinearClassifier {
    try fit(
      features: FeatureMatrix(features), classIndices: classIndices, labels: labels,
      sampleWeights: sampleWeights, digests: digests, paths: paths, progress: progress)
  }

  /// Fits a classifier to features in memory or on disk.
  ///
  /// - Parameters:
  ///   - dataset: rows with classes, each class with a row.
  ///   - progress: told of every step; stops the fit by throwing.
  /// - Throws: `LinearError` with the code `.missingLabels` for rows without classes; otherwise as the fit of
  ///   plain features.
  public func fit(
    _ dataset: FeatureDataset, progress: (FitEvent) throws -> Void = { _ in }
  ) throws -> LinearClassifier {
    let (classIndices, labels) = try dataset.classified(to: "learn from")
    return try fit(
      features: dataset.features, classIndices: classIndices, labels: labels, sampleWeights: nil,
      digests: dataset.digests, paths: dataset.paths, progress: progress)
  }

  /// Fits a classifier to a table of features.
  ///
  /// - Throws: as the fit to a `FeatureDataset`.
  public func fit(
    _ table: FeatureTable, progress: (FitEvent) throws -> Void = { _ in }
  ) throws -> LinearClassifier {
    try fit(FeatureDataset(table), progress: progress)
  }
}

extension LinearClassifier {
  /// How well the classifier does on rows whose classes are some of its own, by name.
  ///
  /// - Throws: `LinearError` with the code `.missingLabels` for rows without classes, `.widthMismatch`,
  ///   `.notFinite`; `DataError` with the code `.unknownClass`.
  public func evaluate(_ dataset: FeatureDataset) throws -> Evaluation {
    let (classIndices, labels) = try dataset.classified(to: "judge by")
    // Of what is not a number, no class is likeliest; the first would be taken for it.
    try TrainingRows.checkFinite(FeatureRows(dataset.features), dataset.paths)
    return try Evaluation(
      probabilities: try probabilities(of: dataset.features).scalars, truth: classIndices, labels: labels,
      classes: self.labels, paths: dataset.paths, skipped: dataset.skipped)
  }

  /// How well the classifier does on a table whose classes are some of its own, by name.
  ///
  /// - Throws: as for a `FeatureDataset`.
  public func evaluate(_ table: FeatureTable) throws -> Evaluation { try evaluate(FeatureDataset(table)) }
}

extension FeatureDataset {
  /// The classes of the rows.
  ///
  /// - Throws: `LinearError` with the code `.missingLabels`.
  func classified(to purpose: String) throws -> (classIndices: [Int], labels: Labels) {
    guard let classIndices, let labels else {
      throw LinearError(
        .missingLabels,
        """
        the \(count) pictures have no classes to \(purpose): they come from a folder without sub-folders. Put them in \
        one folder for each class and extract their features again
        """)
    }
    return (classIndices, labels)
  }
}

extension FeatureTable {
  /// The classes of the rows.
  ///
  /// - Throws: `LinearError` with the code `.missingLabels`.
  func classified(to purpose: String) throws -> (classIndices: [Int], labels: Labels) {
    try FeatureDataset(self).classified(to: purpose)
  }
}
