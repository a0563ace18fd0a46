/// A kind of linear classifier, as cross-validation and the final fit see it.
protocol ClassifierMethod: Sendable {
  associatedtype Fit: PenalizedFit

  var kind: LinearClassifier.Method { get }
  /// What the scores of a row mean.
  var meaning: ScoreMeaning { get }
  /// The share of each target that is spread over all classes, or over yes and no.
  var labelSmoothing: Double { get }
  /// The strengths of l2, or of l1, that a search tries.
  var strengths: [Double] { get }

  /// Prepares fits to rows. `gram` says what is known of their curvature, where that is worthwhile.
  func prepare(_ rows: TrainingSet, gram: GramMatrix?) throws -> Fit
}

extension ClassifierMethod {
  var labelSmoothing: Double { 0 }

  /// 10, and down by half orders of magnitude to 0.00001: on standardized features with a mean loss, from classifiers
  /// that are hardly more than class means to such that separate whatever can be separated.
  var strengths: [Double] { halfDecades(from: 1, to: -5) }

  /// Powers of ten by half orders of magnitude.
  func halfDecades(from first: Int, to last: Int) -> [Double] {
    (0...2 * (first - last)).map { powerOfTen(Double(first) - Double($0) / 2) }
  }
}

/// What scores are.
enum ScoreMeaning: Sendable {
  /// Logits of one distribution over the classes.
  case logits
  /// Logits of a yes or no for every class.
  case separateLogits
  /// The larger, the likelier; how likely has to be found out.
  case ranking
  /// The numbers that are asked for.
  case numbers
}

/// Fits to the same rows for one penalty after another, each starting where the last one ended.
protocol PenalizedFit {
  /// Fits, and calls `progress` after every step with its number, the objective and the norm of the gradient.
  mutating func solve(
    _ penalty: Penalty, _ limits: SolverLimits, progress: (Int, Double, Double) throws -> Void
  ) throws -> LinearSolution
}

/// When a solver stops.
struct SolverLimits: Sendable {
  var tolerance: Double
  var maxIterations: Int
}

/// A minimum, or what was reached of it.
struct LinearSolution: Sendable {
  /// The rows of W for standardized features, then b.
  var parameters: [Double]
  /// Mean loss and penalty.
  var value: Double
  /// The mean loss.
  var loss: Double
  var gradientNorm = 0.0
  var iterations = 1
  var outcome = LBFGS.Outcome.converged
}

/// Rows to learn from, with all that a fit has to know of them.
struct TrainingSet: Sendable {
  var rows: FeatureRows
  var targets: Targets
  var weights: RowWeights
  var standardization: Standardization

  var classes: Int { targets.classes }
}

/// The classes of rows.
struct Targets: Sendable {
  /// The number of classes.
  var classes: Int
  /// The class of each row; of several, the first; `classes` for none.
  var classIndices: [Int]
  /// The classes of each row, where that may be any number.
  var labelSets: LabelSets?
  /// `classes` numbers for each row, where not classes are asked for but these.
  var values: [Float]?

  func chosen(_ rows: [Int]) -> Targets {
    Targets(
      classes: classes, classIndices: rows.map { classIndices[$0] }, labelSets: labelSets?.chosen(rows),
      values: values.map { values in
        rows.flatMap { values[$0 * classes..<($0 + 1) * classes] }
      })
  }
}
