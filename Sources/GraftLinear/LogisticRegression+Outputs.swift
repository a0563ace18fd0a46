public import GraftTensor

/// A trained linear map: x W + b of a row x of features as they are.
///
/// The standardization that training used is folded into `kernel` and `bias`, which are a Keras `Dense` layer's.
public struct LinearMap: Hashable, Sendable {
  /// The weights W, D x outputs.
  public let kernel: Tensor
  /// The biases b, one an output.
  public let bias: Tensor
  /// How the map was trained; of labels, `classCounts` are the rows that have each.
  public let training: LinearClassifier.Training
}

extension LogisticRegression {
  /// Fits one logistic regression a label, all with the same strength of the penalty: features are standardized on the
  /// training rows, and for each label
  ///
  ///     1/N sum_i -ln p(y_i | sigmoid(z_i w + b))  +  l2/2 ||w||^2
  ///
  /// is minimised, in scikit-learn's terms `LogisticRegression(C=1 / (N * l2))`. A strength that is to be chosen is the
  /// one with the lowest log loss over all labels of held-out rows.
  ///
  /// - Parameters:
  ///   - features: finite values, N x D; rows with more axes count as vectors.
  ///   - marks: N x labels, 1 where a label holds and 0 where it does not.
  ///   - strata: of each row a number that parts of cross-validation should have their share of; nil for none.
  ///   - digests: a key of each row's content, equal for equal rows: cross-validation does not divide those.
  ///   - paths: the picture of each row, for errors to name.
  ///   - progress: told of every step; stops the fit by throwing.
  /// - Throws: `LinearError` with the code `.tooFewRows`, `.notFinite`, `.widthMismatch`, `.invalidOption` or
  ///   `.cannotCrossValidate`.
  public func fit(
    features: Tensor, marks: Tensor, strata: [Int]? = nil, digests: [String]? = nil, paths: [String]? = nil,
    progress: (Event) throws -> Void = { _ in }
  ) throws -> LinearMap {
    try checkSmoothing()
    let width = marks.count / max(marks.shape.dimensions.first ?? 1, 1)
    var counts = [Int](repeating: 0, count: width)
    for (place, mark) in marks.scalars.enumerated() where mark == 1 { counts[place % width] += 1 }
    let sets = LabelSets(
      stride(from: 0, to: marks.count, by: max(width, 1)).lazy.map { start in
        (0..<width).filter { marks.scalars[start + $0] == 1 }
      })
    return try fit(
      features, SigmoidMethod(labelSmoothing: labelSmoothing), targets: marks, counts: counts, strata: strata,
      labelSets: sets,
      digests: digests, paths: paths, progress: progress)
  }

  /// Fits a ridge regression to numbers: as above, with half the square of the difference in place of the logarithm;
  /// scikit-learn's `Ridge(alpha=N * l2)`.
  ///
  /// - Parameter values: N x outputs, finite.
  public func fit(
    features: Tensor, values: Tensor, digests: [String]? = nil, paths: [String]? = nil,
    progress: (Event) throws -> Void = { _ in }
  ) throws -> LinearMap {
    try fit(
      features, NumbersMethod(), targets: values, counts: [], strata: nil, values: values.scalars,
      digests: digests, paths: paths, progress: progress)
  }

  private func fit(
    _ features: Tensor, _ method: some ClassifierMethod, targets: Tensor, counts: [Int], strata: [Int]?,
    labelSets: LabelSets? = nil, values: [Float]? = nil, digests: [String]?, paths: [String]?,
    progress: (FitEvent) throws -> Void
  ) throws -> LinearMap {
    let fitting = ClassifierFit(method: method, l1: l1, l2: l2, options: options)
    try fitting.checkOptions()
    let rows = FeatureRows(features: features)
    try TrainingRows.check(rows, targets: targets, digests: digests, paths: paths)
    let outputs = targets.shape[1]
    let set = TrainingSet(
      rows: rows,
      targets: Targets(
        classes: outputs, classIndices: strata ?? [Int](repeating: 0, count: rows.count),
        labelSets: labelSets, values: values),
      weights: RowWeights(uniform: rows.count), standardization: try Standardization(rows, paths: paths))
    let (parameters, training) = try fitting.solve(set, counts: counts, digests: digests, progress)
    let folded = set.standardization.folded(into: parameters, outputs: outputs)
    return LinearMap(kernel: folded.kernel, bias: folded.bias, training: training)
  }
}
