public import GraftData
public import GraftFeatures

/// Ridge regression on 1 for a row's own class and -1 for the others: the options, from which `fit` makes a
/// `LinearClassifier`.
///
/// Features are standardized on the training rows, and then
///
///     1/(2N) ||Y - Z W - b||^2  +  l2/2 ||W||^2
///
/// is minimised exactly, by a Cholesky factorization. In scikit-learn's terms that is `RidgeClassifier(alpha=N * l2)`,
/// which for two classes fits only one of the two opposite scores.
public struct RidgeClassifier: ClassifierOptions {
  /// The strength of the penalty on squares of weights.
  public var l2: PenaltyStrength
  /// How the classifier is fitted.
  public var options: FittingOptions

  /// The options of a fit.
  public init(l2: PenaltyStrength = .auto, options: FittingOptions = FittingOptions()) {
    self.l2 = l2
    self.options = options
  }

  /// Fits a classifier to rows of features, one class each.
  public func fit(
    features: FeatureMatrix, classIndices: [Int], labels: Labels, sampleWeights: [Double]? = nil,
    digests: [String]? = nil, paths: [String]? = nil, progress: (FitEvent) throws -> Void = { _ in }
  ) throws -> LinearClassifier {
    try ClassifierFit(method: RidgeMethod(), l2: l2, options: options).run(
      .init(
        features: features, classIndices: classIndices, labels: labels, sampleWeights: sampleWeights,
        digests: digests, paths: paths), progress: progress)
  }
}
