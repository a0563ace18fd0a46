import ArgumentParser
import Graft

/// Which classifier is fitted, and how.
struct ClassifierArguments: ParsableArguments {
  @Option(
    help: """
      logistic (probabilities; the default), svm (squared hinge, one class against the rest), hinge (multiclass \
      hinge), ridge, centroid (the nearest class mean) or knn (the nearest pictures vote; judges --test, saves no model).
      """)
  var classifier = Choice.logistic

  @Option(
    parsing: .unconditional,
    help: """
      Strength of the penalty on squares of weights: minimises mean loss + x/2 times their sum. `auto` chooses by \
      cross-validation (default: auto; 0 with --l1).
      """)
  var l2: StrengthChoice?

  @Option(
    parsing: .unconditional,
    help: """
      Strength of the penalty on magnitudes of weights, or `auto`; with --l2 auto too, both by random search (logistic \
      and svm).
      """)
  var l1 = StrengthChoice.fixed(0)

  @Option(help: "uniform, or balanced: every class counts alike, however many pictures it has.")
  var classWeight = Weighting.uniform

  @Option(
    help: """
      Of the strengths tried, take the best, or 1se: the strongest within one standard error of it.
      """)
  var selection = Selection.best

  @Option(parsing: .unconditional, help: "Parts of the pictures that cross-validation holds out in turn.")
  var folds = 5

  @Option(parsing: .unconditional, help: "How many pictures vote in knn (default: auto).")
  var neighbors = NeighborChoice.auto

  @Option(help: "What near means in knn: euclidean, or cosine.")
  var metric = Metric.euclidean

  @Option(
    parsing: .unconditional, help: "Stop when the objective is within this share of its minimum.")
  var tolerance = 1e-7

  @Option(parsing: .unconditional, help: "Steps of the solver at most.")
  var maxSteps = 1000

  @Option(help: "Fixes the folds of the cross-validation, and the draws of the random search.")
  var seed: UInt64 = 0

  /// The words of `--classifier`.
  enum Choice: String, ExpressibleByArgument, CaseIterable {
    case logistic
    case svm
    case hinge
    case ridge
    case centroid
    case knn

    /// Nil for nearest neighbors, which are no linear classifier.
    var method: LinearClassifier.Method? { LinearClassifier.Method(rawValue: rawValue) }
  }

  /// The words of `--class-weight`.
  enum Weighting: String, ExpressibleByArgument, CaseIterable {
    case uniform
    case balanced
  }

  /// The words of `--selection`.
  enum Selection: String, ExpressibleByArgument, CaseIterable {
    case best
    case oneStandardError = "1se"
  }

  /// The words of `--metric`.
  enum Metric: String, ExpressibleByArgument, CaseIterable {
    case euclidean
    case cosine
  }

  func validate() throws {
    guard folds > 1 else { throw ValidationError("--folds must be 2 or more, not \(folds)") }
    guard tolerance > 0, tolerance < 1 else {
      throw ValidationError("--tolerance must be above 0 and below 1, not \(tolerance)")
    }
    guard maxSteps > 0 else { throw ValidationError("--max-steps must be 1 or more, not \(maxSteps)") }
    if l1.strength != .fixed(0), classifier.method?.takesL1 != true {
      throw ValidationError("--l1 goes with --classifier logistic and svm, not with \(classifier.rawValue)")
    }
    if classWeight == .balanced, classifier == .centroid || classifier == .knn {
      throw ValidationError("--class-weight makes no difference to \(classifier.rawValue); leave it out")
    }
  }
}

extension ClassifierArguments {
  /// The options of a linear classifier; nil for nearest neighbors.
  var options: (any ClassifierOptions)? {
    let standard: PenaltyStrength = l1.strength == .fixed(0) ? .auto : 0
    return classifier.method?.options(
      l1: l1.strength, l2: l2?.strength ?? standard,
      FittingOptions(
        classWeights: classWeight == .balanced ? .balanced : .uniform, maxIterations: maxSteps,
        tolerance: tolerance, folds: folds, seed: seed,
        selection: selection == .best ? .best : .oneStandardError))
  }

  /// The options of nearest neighbors.
  var neighborOptions: NearestNeighbors {
    NearestNeighbors(
      neighbors: neighbors.count, metric: metric == .cosine ? .cosine : .euclidean, folds: folds, seed: seed)
  }
}

/// What `--l1` and `--l2` mean.
enum StrengthChoice: ExpressibleByArgument, CustomStringConvertible {
  case auto
  case fixed(Double)

  init?(argument: String) {
    if argument == "auto" {
      self = .auto
    } else if let value = Double(argument), value >= 0, value.isFinite {
      self = .fixed(value)
    } else {
      return nil
    }
  }

  var description: String {
    switch self {
    case .auto: "auto"
    case .fixed(let value): Format.strength(value)
    }
  }

  var defaultValueDescription: String { description }

  var strength: PenaltyStrength {
    switch self {
    case .auto: .auto
    case .fixed(let value): .fixed(value)
    }
  }
}

/// What `--neighbors` means.
enum NeighborChoice: ExpressibleByArgument {
  case auto
  case fixed(Int)

  init?(argument: String) {
    if argument == "auto" {
      self = .auto
    } else if let value = Int(argument), value > 0 {
      self = .fixed(value)
    } else {
      return nil
    }
  }

  var defaultValueDescription: String { "auto" }

  var count: NearestNeighbors.Count {
    switch self {
    case .auto: .auto
    case .fixed(let value): .fixed(value)
    }
  }
}
