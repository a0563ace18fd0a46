extension LinearClassifier {
  /// What a classifier minimised.
  public enum Method: String, Hashable, Sendable, Codable, CaseIterable {
    /// `LogisticRegression`.
    case logistic
    /// `MultiLabelRegression`.
    case multiLabel
    /// `SupportVectorMachine` with the squared hinge loss.
    case svm
    /// `SupportVectorMachine` with the multiclass hinge loss.
    case hinge
    /// `RidgeClassifier`.
    case ridge
    /// `NearestCentroid`.
    case centroid

    /// Whether a solver takes steps.
    var isIterative: Bool { self != .ridge && self != .centroid }
  }

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

    /// The strength of the penalty on squares of weights.
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
    /// The mean loss on the training rows plus the penalty; 0 for a classifier that minimises nothing.
    public let objective: Double
    /// The mean on the training rows of the loss that was minimised: of logistic regression the log loss.
    public let logLoss: Double
    /// What was fitted; nil, in facts written by early versions, for logistic regression.
    public let method: Method?
    /// The strength of the penalty on magnitudes of weights; nil for none.
    public let l1: Double?
    /// What the scores of a classifier without probabilities were divided by, found by cross-validation; nil where
    /// there was no need, or not enough pictures.
    public let temperature: Double?
    /// How classes were weighted; nil where all rows counted alike.
    public let classWeights: ClassWeights?

    /// Whether the solver reached the precision that was asked for.
    public var converged: Bool { outcome == .converged }

    /// The facts of a training.
    public init(
      l2: Double, path: RegularizationPath?, rows: Int, classCounts: [Int], iterations: Int, outcome: Outcome,
      gradientNorm: Double, objective: Double, logLoss: Double, method: Method? = nil, l1: Double? = nil,
      temperature: Double? = nil, classWeights: ClassWeights? = nil
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
      self.method = method
      self.l1 = l1
      self.temperature = temperature
      self.classWeights = classWeights
    }
  }
}
