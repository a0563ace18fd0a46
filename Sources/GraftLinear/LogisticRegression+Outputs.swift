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
    let width = marks.count / max(marks.shape.dimensions.first ?? 1, 1)
    var counts = [Int](repeating: 0, count: width)
    for (place, mark) in marks.scalars.enumerated() where mark == 1 { counts[place % width] += 1 }
    return try fit(
      features, .marks(marks.scalars), targets: marks, counts: counts, strata: strata, digests: digests,
      paths: paths,
      progress: progress)
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
      features, .values(values.scalars), targets: values, counts: [], strata: nil, digests: digests,
      paths: paths,
      progress: progress)
  }

  private func fit(
    _ features: Tensor, _ targets: LinearTargets, targets tensor: Tensor, counts: [Int], strata: [Int]?,
    digests: [String]?, paths: [String]?, progress: (Event) throws -> Void
  ) throws -> LinearMap {
    try checkOptions()
    let rows = FeatureRows(features: features)
    try TrainingRows.check(rows, targets: tensor, digests: digests, paths: paths)
    let outputs = tensor.shape[1]
    let (parameters, standardization, training) = try solve(
      rows, targets, outputs: outputs, counts: counts,
      strata: strata ?? [Int](repeating: 0, count: rows.count), digests: digests, progress)
    let (kernel, bias) = standardization.folded(into: parameters, outputs: outputs)
    return LinearMap(kernel: kernel, bias: bias, training: training)
  }
}
