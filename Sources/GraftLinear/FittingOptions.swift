/// How a classifier is fitted, whatever it minimises.
public struct FittingOptions: Hashable, Sendable {
  /// How much the rows of each class count.
  public var classWeights: ClassWeights
  /// Steps of the solver at most, for each fit.
  public var maxIterations: Int
  /// The fit has converged when the objective is within about this share of itself of its minimum.
  public var tolerance: Double
  /// Parts of the rows that cross-validation holds out in turn.
  public var folds: Int
  /// Fixes the division of rows in cross-validation, and the draws of a random search; the fit itself involves no
  /// chance.
  public var seed: UInt64
  /// Which of the strengths that were tried is taken.
  public var selection: SelectionRule

  /// The options of a fit.
  public init(
    classWeights: ClassWeights = .uniform, maxIterations: Int = 1000, tolerance: Double = 1e-7,
    folds: Int = 5, seed: UInt64 = 0, selection: SelectionRule = .best
  ) {
    self.classWeights = classWeights
    self.maxIterations = maxIterations
    self.tolerance = tolerance
    self.folds = folds
    self.seed = seed
    self.selection = selection
  }

  func check() throws {
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

/// Which of the strengths that cross-validation judged is taken.
public enum SelectionRule: String, Hashable, Sendable, Codable, CaseIterable {
  /// The one with the lowest log loss on held-out rows; among equals the one with the higher accuracy, then the
  /// stronger one.
  case best
  /// The strongest one whose log loss is within one standard error of the lowest, which favours the simpler
  /// classifier (Breiman and others, 1984). The error is that of the mean over folds.
  case oneStandardError = "1se"
}

/// What a fit is doing.
public enum FitEvent: Hashable, Sendable {
  /// Cross-validation: `done` of `total` fits are done.
  case crossValidating(done: Int, total: Int)
  /// A step of the final fit is done.
  case step(_ number: Int, objective: Double, gradientNorm: Double)
}
