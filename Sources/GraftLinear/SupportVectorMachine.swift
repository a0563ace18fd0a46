public import GraftData
public import GraftFeatures

/// A linear support vector machine: the options, from which `fit` makes a `LinearClassifier`.
///
/// Features are standardized on the training rows, and then the mean of a loss of the scores z W + b plus
/// l1 ||W, b||_1 + l2/2 ||W, b||^2 is minimised. The biases are penalised like weights of a feature that is always 1 (the
/// "bias trick" of the CS231n notes, and what scikit-learn's `LinearSVC` does).
public struct SupportVectorMachine: ClassifierOptions {
  /// What is minimised.
  public enum Loss: String, Hashable, Sendable, CaseIterable {
    /// Each class against the rest: sum_j max(0, 1 - t_j s_j)^2, where t is 1 for the row's own class and -1 for the
    /// others. `LinearSVC(C=1 / (N * l2))` has it as the sum over rows; for two classes it fits only one of the two
    /// opposite scores.
    case squaredHinge
    /// All classes at once: sum_{j != y} max(0, s_j - s_y + 1) (Weston and Watkins, 1999, and the CS231n notes).
    /// Without a penalty on magnitudes.
    case hinge
  }

  /// What is minimised.
  public var loss: Loss
  /// The strength of the penalty on squares of weights.
  public var l2: PenaltyStrength
  /// The strength of the penalty on magnitudes of weights.
  public var l1: PenaltyStrength
  /// How the classifier is fitted.
  public var options: FittingOptions

  /// The options of a fit.
  public init(
    loss: Loss = .squaredHinge, l2: PenaltyStrength = .auto, l1: PenaltyStrength = 0,
    options: FittingOptions = FittingOptions()
  ) {
    self.loss = loss
    self.l2 = l2
    self.l1 = l1
    self.options = options
  }

  /// Fits a classifier to rows of features, one class each.
  public func fit(
    features: FeatureMatrix, classIndices: [Int], labels: Labels, sampleWeights: [Double]? = nil,
    digests: [String]? = nil, paths: [String]? = nil, progress: (FitEvent) throws -> Void = { _ in }
  ) throws -> LinearClassifier {
    func run<Method: ClassifierMethod>(_ method: Method) throws -> LinearClassifier {
      try ClassifierFit(method: method, l1: l1, l2: l2, options: options).run(
        .init(
          features: features, classIndices: classIndices, labels: labels, sampleWeights: sampleWeights,
          digests: digests, paths: paths), progress: progress)
    }
    switch loss {
    case .squaredHinge: return try run(SquaredHingeMethod())
    case .hinge:
      guard l1 == .fixed(0) else {
        throw LinearError(
          .invalidOption, "the multiclass hinge loss goes with a penalty on squares (l2) only")
      }
      return try run(HingeMethod())
    }
  }
}
