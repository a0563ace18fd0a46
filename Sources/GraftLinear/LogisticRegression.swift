public import GraftData
public import GraftFeatures

/// Multinomial logistic regression: the options, from which `fit` makes a `LinearClassifier`.
///
/// Features are standardized on the training rows, and then
///
///     1/N sum_i -ln softmax(z_i W + b)[y_i]  +  l1 ||W||_1  +  l2/2 ||W||^2
///
/// is minimised over the weights W (D x C) and the biases b (C), which carry no penalty. In scikit-learn's terms that
/// is `LogisticRegression(C=1 / (N * (l1 + l2)), l1_ratio=l1 / (l1 + l2))` on the features that `StandardScaler`
/// gives. Two classes are no special case here: each has weights of its own. scikit-learn fits one vector, the
/// difference of the two, to two classes and so penalises squares twice as much; there the same classifier has
/// `C=2 / (N * l2)`. Where rows are weighted, N is the sum of the weights.
///
/// The result is the same, bit for bit, for any number of threads, and for features in memory or on disk.
public struct LogisticRegression: ClassifierOptions {
  /// The strength of a penalty.
  public typealias Strength = PenaltyStrength
  /// What a fit is doing.
  public typealias Event = FitEvent

  /// The strength of the penalty on squares of weights.
  public var l2: PenaltyStrength
  /// The strength of the penalty on magnitudes of weights, which leaves many of them at 0.
  public var l1: PenaltyStrength
  /// The share of each target that is spread over all classes (of several labels, over yes and no), in 0...1;
  /// cross-validation judges strengths by the same targets.
  public var labelSmoothing: Double
  /// How the classifier is fitted.
  public var options: FittingOptions

  /// The options of a fit.
  public init(
    l2: PenaltyStrength = .auto, maxIterations: Int = 1000, tolerance: Double = 1e-7, folds: Int = 5,
    seed: UInt64 = 0, l1: PenaltyStrength = 0, classWeights: ClassWeights = .uniform,
    selection: SelectionRule = .best, labelSmoothing: Double = 0
  ) {
    self.l2 = l2
    self.l1 = l1
    self.labelSmoothing = labelSmoothing
    options = FittingOptions(
      classWeights: classWeights, maxIterations: maxIterations, tolerance: tolerance, folds: folds,
      seed: seed,
      selection: selection)
  }

  /// The fit has converged when the objective is within about this share of itself of its minimum.
  public var tolerance: Double {
    get { options.tolerance }
    set { options.tolerance = newValue }
  }

  /// Fits a classifier to rows of features.
  ///
  /// - Parameters:
  ///   - features: finite values, N x D; rows with more axes count as vectors.
  ///   - classIndices: the class of each row, an index into `labels`.
  ///   - labels: the classes; each must have a row.
  ///   - sampleWeights: how much each row counts; all alike by default.
  ///   - digests: a key of each row's content, equal for equal rows: cross-validation does not divide those.
  ///   - paths: the picture of each row, for errors to name.
  ///   - progress: told of every step; stops the fit by throwing.
  /// - Throws: `LinearError` with the code `.tooFewRows`, `.singleClass`, `.emptyClass`, `.notFinite`,
  ///   `.widthMismatch`, `.invalidOption` or `.cannotCrossValidate`.
  public func fit(
    features: FeatureMatrix, classIndices: [Int], labels: Labels, sampleWeights: [Double]? = nil,
    digests: [String]? = nil, paths: [String]? = nil, progress: (FitEvent) throws -> Void = { _ in }
  ) throws -> LinearClassifier {
    try checkSmoothing()
    return try ClassifierFit(
      method: MultinomialMethod(labelSmoothing: labelSmoothing), l1: l1, l2: l2, options: options
    ).run(
      .init(
        features: features, classIndices: classIndices, labels: labels, sampleWeights: sampleWeights,
        digests: digests, paths: paths), progress: progress)
  }

  func checkSmoothing() throws {
    guard (0...1).contains(labelSmoothing) else {
      throw LinearError(.invalidOption, "the label smoothing must be from 0 to 1; it is \(labelSmoothing)")
    }
  }
}
