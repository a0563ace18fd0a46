public import GraftData
public import GraftFeatures

/// The class whose mean is nearest, by Euclidean distance between standardized features: the options, from which `fit`
/// makes a `LinearClassifier`.
///
/// ||z - c||^2 is ||z||^2 - 2 (z·c - ||c||^2 / 2), so the nearest class has the largest of scores that are linear in z.
/// That is scikit-learn's `NearestCentroid` on the features that `StandardScaler` gives. There is nothing to choose, and
/// class weights make no difference.
public struct NearestCentroid: ClassifierOptions {
  /// How the classifier is fitted: the folds from which the temperature of its probabilities is found.
  public var options: FittingOptions

  /// The options of a fit.
  public init(options: FittingOptions = FittingOptions()) { self.options = options }

  /// Fits a classifier to rows of features, one class each.
  public func fit(
    features: FeatureMatrix, classIndices: [Int], labels: Labels, sampleWeights: [Double]? = nil,
    digests: [String]? = nil, paths: [String]? = nil, progress: (FitEvent) throws -> Void = { _ in }
  ) throws -> LinearClassifier {
    try ClassifierFit(method: CentroidMethod(), l2: 0, options: options).run(
      .init(
        features: features, classIndices: classIndices, labels: labels, sampleWeights: sampleWeights,
        digests: digests, paths: paths), progress: progress)
  }
}
