public import GraftData
public import GraftFeatures

extension LogisticRegression {
  /// Fits a classifier to a table of features.
  ///
  /// - Parameters:
  ///   - table: rows with classes, each class with a row.
  ///   - progress: told of every step; stops the fit by throwing.
  /// - Throws: `LinearError` with the code `.missingLabels` for rows without classes; otherwise as the fit of
  ///   plain features.
  public func fit(
    _ table: FeatureTable, progress: (Event) throws -> Void = { _ in }
  ) throws -> LinearClassifier {
    let (classIndices, labels) = try table.classified(to: "learn from")
    return try fit(
      features: table.features, classIndices: classIndices, labels: labels, digests: table.digests,
      paths: table.paths, progress: progress)
  }
}

extension LinearClassifier {
  /// How well the classifier does on a table whose classes are some of its own, by name.
  ///
  /// - Throws: `LinearError` with the code `.missingLabels` for rows without classes, `.widthMismatch`,
  ///   `.notFinite`; `DataError` with the code `.unknownClass`.
  public func evaluate(_ table: FeatureTable) throws -> Evaluation {
    let (classIndices, labels) = try table.classified(to: "judge by")
    // Of what is not a number, no class is likeliest; the first would be taken for it.
    try TrainingRows.checkFinite(FeatureRows(features: table.features), table.paths)
    return try evaluate(
      features: table.features, classIndices: classIndices, labels: labels, paths: table.paths,
      skipped: table.skipped)
  }
}

extension FeatureTable {
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
