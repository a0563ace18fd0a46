public import GraftData
public import GraftFeatures
public import GraftTensor

/// One logistic regression for each class, for pictures that belong to any number of classes: the options, from
/// which `fit` makes a `LinearClassifier` with sigmoids.
///
/// Features are standardized on the training rows, and then
///
///     1/N sum_i sum_j ln(1 + exp(-t_ij s_ij))  +  l1 ||W||_1  +  l2/2 ||W||^2,   s_i = z_i W + b
///
/// is minimised, where t is 1 for the classes that a row belongs to and -1 for the others. The classes do not depend on
/// each other: each is scikit-learn's `LogisticRegression(C=1 / (N * l2))` for two classes, yes and no.
public struct MultiLabelRegression: ClassifierOptions {
  /// The strength of the penalty on squares of weights.
  public var l2: PenaltyStrength
  /// The strength of the penalty on magnitudes of weights.
  public var l1: PenaltyStrength
  /// How the classifier is fitted. Classes are not weighted.
  public var options: FittingOptions

  /// The options of a fit.
  public init(
    l2: PenaltyStrength = .auto, l1: PenaltyStrength = 0, options: FittingOptions = FittingOptions()
  ) {
    self.l2 = l2
    self.l1 = l1
    self.options = options
  }

  /// Fits a classifier to rows that belong to any number of classes.
  ///
  /// - Parameters:
  ///   - features: finite values, N x D.
  ///   - labelSets: of each row the classes that it belongs to, indices into `labels`, each once; may be none.
  ///   - labels: the classes; each must have a row.
  ///   - sampleWeights: how much each row counts; all alike by default.
  ///   - digests: a key of each row's content, equal for equal rows: cross-validation does not divide those.
  ///   - paths: the picture of each row, for errors to name.
  ///   - progress: told of every step; stops the fit by throwing.
  /// - Throws: `LinearError` with the code `.tooFewRows`, `.emptyClass`, `.notFinite`, `.widthMismatch`,
  ///   `.invalidOption` or `.cannotCrossValidate`.
  public func fit(
    features: FeatureMatrix, labelSets: [[Int]], labels: Labels, sampleWeights: [Double]? = nil,
    digests: [String]? = nil, paths: [String]? = nil, progress: (FitEvent) throws -> Void = { _ in }
  ) throws -> LinearClassifier {
    try ClassifierFit(method: SigmoidMethod(), l1: l1, l2: l2, options: options).run(
      .init(
        features: features, labelSets: LabelSets(labelSets), labels: labels, sampleWeights: sampleWeights,
        digests: digests, paths: paths), progress: progress)
  }

  /// Fits a classifier to rows in memory that belong to any number of classes.
  ///
  /// - Throws: as the fit to a `FeatureMatrix`.
  public func fit(
    features: Tensor, labelSets: [[Int]], labels: Labels, sampleWeights: [Double]? = nil,
    digests: [String]? = nil, paths: [String]? = nil, progress: (FitEvent) throws -> Void = { _ in }
  ) throws -> LinearClassifier {
    try fit(
      features: FeatureMatrix(features), labelSets: labelSets, labels: labels, sampleWeights: sampleWeights,
      digests: digests, paths: paths, progress: progress)
  }

  /// Fits a classifier to rows of one class each; every class against the rest.
  public func fit(
    features: FeatureMatrix, classIndices: [Int], labels: Labels, sampleWeights: [Double]? = nil,
    digests: [String]? = nil, paths: [String]? = nil, progress: (FitEvent) throws -> Void = { _ in }
  ) throws -> LinearClassifier {
    try fit(
      features: features, labelSets: classIndices.map { [$0] }, labels: labels, sampleWeights: sampleWeights,
      digests: digests, paths: paths, progress: progress)
  }
}
