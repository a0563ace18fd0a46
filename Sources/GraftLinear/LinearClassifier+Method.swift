extension LinearClassifier.Method {
  /// Options for this kind of classifier; strengths that it has no use for make no difference.
  ///
  /// - Parameters:
  ///   - l1: the strength of the penalty on magnitudes of weights.
  ///   - l2: the strength of the penalty on squares of weights.
  ///   - options: how it is fitted.
  public func options(
    l1: PenaltyStrength = 0, l2: PenaltyStrength = .auto, _ options: FittingOptions = FittingOptions()
  ) -> any ClassifierOptions {
    switch self {
    case .logistic:
      LogisticRegression(
        l2: l2, maxIterations: options.maxIterations, tolerance: options.tolerance, folds: options.folds,
        seed: options.seed, l1: l1, classWeights: options.classWeights, selection: options.selection)
    case .multiLabel: MultiLabelRegression(l2: l2, l1: l1, options: options)
    case .svm: SupportVectorMachine(l2: l2, l1: l1, options: options)
    case .hinge: SupportVectorMachine(loss: .hinge, l2: l2, l1: l1, options: options)
    case .ridge: RidgeClassifier(l2: l2, options: options)
    case .centroid: NearestCentroid(options: options)
    }
  }

  /// Whether magnitudes of weights can be penalised.
  public var takesL1: Bool { self == .logistic || self == .multiLabel || self == .svm }
}
