public import GraftData
internal import GraftSupport
public import GraftTensor

/// Multinomial logistic regression: the options, from which `fit` makes a `LinearClassifier`.
///
/// Features are standardized on the training rows, and then
///
///     1/N sum_i -ln softmax(z_i W + b)[y_i]  +  l2/2 ||W||^2
///
/// is minimised over the weights W (D x C) and the biases b (C), which carry no penalty. In scikit-learn's terms that
/// is `LogisticRegression(C=1 / (N * l2))` on the features that `StandardScaler` gives. Two classes are no special
/// case here: each has weights of its own. scikit-learn fits one vector, the difference of the two, to two
/// classes and so penalises twice as much; there the same classifier has `C=2 / (N * l2)`.
///
/// The result is the same, bit for bit, for any number of threads.
public struct LogisticRegression: Hashable, Sendable {
  /// The strength of the penalty.
  public enum Strength: Hashable, Sendable, ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral {
    /// A factor of 0 or more.
    case fixed(Double)
    /// Chosen by cross-validation on the training rows: of the strengths 10 to 0.00001 the one that predicts held-out
    /// rows best.
    case auto

    /// A fixed strength.
    public init(floatLiteral value: Double) { self = .fixed(value) }

    /// A fixed strength.
    public init(integerLiteral value: Int) { self = .fixed(Double(value)) }
  }

  /// What a fit is doing.
  public enum Event: Hashable, Sendable {
    /// Cross-validation: `done` of `total` fits are done.
    case crossValidating(done: Int, total: Int)
    /// A step of the final fit is done.
    case step(_ number: Int, objective: Double, gradientNorm: Double)
  }

  /// The strength of the penalty.
  public var l2: Strength
  /// Steps of the solver at most, for each fit.
  public var maxIterations: Int
  /// The fit has converged when the objective is within about this share of itself of its minimum.
  public var tolerance: Double
  /// Parts of the rows that cross-validation holds out in turn.
  public var folds: Int
  /// Fixes the division of rows in cross-validation; the fit itself involves no chance.
  public var seed: UInt64

  /// The options of a fit.
  public init(
    l2: Strength = .auto, maxIterations: Int = 1000, tolerance: Double = 1e-7, folds: Int = 5,
    seed: UInt64 = 0
  ) {
    self.l2 = l2
    self.maxIterations = maxIterations
    self.tolerance = tolerance
    self.folds = folds
    self.seed = seed
  }

  /// Fits a classifier to rows of features.
  ///
  /// - Parameters:
  ///   - features: finite values, N x D; rows with more axes count as vectors.
  ///   - classIndices: the class of each row, an index into `labels`.
  ///   - labels: the classes; each must have a row.
  ///   - digests: a key of each row's content, equal for equal rows: cross-validation does not divide those.
  ///   - paths: the picture of each row, for errors to name.
  ///   - progress: told of every step; stops the fit by throwing.
  /// - Throws: `LinearError` with the code `.tooFewRows`, `.singleClass`, `.emptyClass`, `.notFinite`,
  ///   `.widthMismatch`, `.invalidOption` or `.cannotCrossValidate`.
  public func fit(
    features: Tensor, classIndices: [Int], labels: Labels, digests: [String]? = nil, paths: [String]? = nil,
    progress: (Event) throws -> Void = { _ in }
  ) throws -> LinearClassifier {
    try checkOptions()
    let rows = FeatureRows(features: features)
    let counts = try TrainingRows.counts(
      rows, classIndices: classIndices, labels: labels, digests: digests, paths: paths)
    let (parameters, standardization, training) = try solve(
      rows, .classes(classIndices), outputs: labels.count, counts: counts, strata: classIndices,
      digests: digests, progress)
    return LinearClassifier(
      labels: labels, parameters: parameters, standardization: standardization, training: training)
  }

  /// Chooses the strength if that is wanted, and minimises.
  ///
  /// - Returns: the rows of W, then b, for standardized features.
  func solve(
    _ rows: FeatureRows, _ targets: LinearTargets, outputs: Int, counts: [Int], strata: [Int],
    digests: [String]?, _ progress: (Event) throws -> Void
  ) throws -> (parameters: [Double], standardization: Standardization, training: LinearClassifier.Training) {
    let path = try path(rows, strata: strata, targets, outputs: outputs, digests, progress)
    let strength = path?.l2 ?? fixedStrength
    let standardization = Standardization(rows)
    let solver = LinearSolver(
      rows: rows, targets: targets, classes: outputs, standardization: standardization)
    let solution = try solver.minimize(
      l2: strength, from: solver.origin, tolerance: tolerance, maxIterations: maxIterations
    ) { solver in
      try progress(
        .step(solver.iterations, objective: solver.value, gradientNorm: solver.gradientNorm))
    }
    let penalty =
      strength / 2 * Vectors.dot(solution.parameters, solution.parameters, count: rows.width * outputs)
    let training = LinearClassifier.Training(
      l2: strength, path: path, rows: rows.count, classCounts: counts, iterations: solution.iterations,
      outcome: .init(solution.outcome), gradientNorm: solution.gradientNorm,
      objective: solution.value, logLoss: solution.value - penalty)
    return (solution.parameters, standardization, training)
  }

  private var fixedStrength: Double {
    if case .fixed(let value) = l2 { value } else { .nan }
  }

  private func path(
    _ rows: FeatureRows, strata: [Int], _ targets: LinearTargets, outputs: Int, _ digests: [String]?,
    _ progress: (Event) throws -> Void
  ) throws -> RegularizationPath? {
    guard l2 == .auto else { return nil }
    let validation = CrossValidation(
      strengths: CrossValidation.defaultStrengths, folds: folds, seed: seed, tolerance: max(tolerance, 1e-4),
      maxIterations: maxIterations)
    return try validation.path(
      features: rows.features, strata: strata, targets: targets, classes: outputs, digests: digests
    ) { try progress(.crossValidating(done: $0, total: $1)) }
  }

  func checkOptions() throws {
    if case .fixed(let value) = l2, !(value >= 0 && value.isFinite) {
      throw LinearError(
        .invalidOption, "the strength of the penalty must be a number from 0 up; it is \(value)")
    }
    guard maxIterations > 0 else {
      throw LinearError(.invalidOption, "at least one step must be allowed, not \(maxIterations)")
    }
    guard tolerance > 0 else {
      throw LinearError(.invalidOption, "the tolerance must be above 0; it is \(tolerance)")
    }
    guard folds > 1 else {
      throw LinearError(.invalidOption, "cross-validation needs at least 2 folds, not \(folds)")
    }
  }
}
