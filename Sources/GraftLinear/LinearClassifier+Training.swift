extension LinearClassifier {
  /// How a classifier was trained.
  public struct Training: Hashable, Sendable, Codable {
    /// Why the solver stopped.
    public enum Outcome: String, Hashable, Sendable, Codable {
      /// The objective is as close to its minimum as was asked for.
      case converged
      /// The steps were used up: allow more, or strengthen the penalty.
      case iterationLimit
      /// The arithmetic's precision is exhausted: nothing is left to gain, though the minimum is not known to be as near
      /// as was asked for.
      case stalled

      init(_ outcome: LBFGS.Outcome) {
        self =
          switch outcome {
          case .converged: .converged
          case .iterationLimit: .iterationLimit
          case .stalled: .stalled
          }
      }
    }

    /// The strength of the penalty.
    public let l2: Double
    /// How the strength was chosen; nil where it was given.
    public let path: RegularizationPath?
    /// The number of rows.
    public let rows: Int
    /// The number of rows of each class.
    public let classCounts: [Int]
    /// The solver's steps.
    public let iterations: Int
    /// Why the solver stopped.
    public let outcome: Outcome
    /// The largest magnitude of the gradient's elements where it stopped.
    public let gradientNorm: Double
    /// The mean log loss on the training rows plus the penalty.
    public let objective: Double
    /// The mean log loss on the training rows.
    public let logLoss: Double

    /// Whether the solver reached the precision that was asked for.
    public var converged: Bool { outcome == .converged }

    /// The facts of a training.
    public init(
      l2: Double, path: RegularizationPath?, rows: Int, classCounts: [Int], iterations: Int, outcome: Outcome,
      gradientNorm: Double, objective: Double, logLoss: Double
    ) {
      self.l2 = l2
      self.path = path
      self.rows = rows
      self.classCounts = classCounts
      self.iterations = iterations
      self.outcome = outcome
      self.gradientNorm = gradientNorm
      self.objective = objective
      self.logLoss = logLoss
    }
  }
}
