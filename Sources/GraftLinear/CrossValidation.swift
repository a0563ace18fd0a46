internal import Foundation

/// Judges penalties by how well the rest of the rows is predicted when a part is held out.
///
/// Stratified folds, fixed by a seed; rows of equal digests are held out together. In every fold features are
/// standardized on its training rows alone, and each fit starts where the one before ended. Scores that are no
/// logits are judged at the temperature that suits all held-out rows best.
struct CrossValidation<Method: ClassifierMethod> {
  private var fits: [Fold]
  private let method: Method
  private let limits: SolverLimits

  /// Divides rows.
  ///
  /// - Throws: `LinearError` with the code `.cannotCrossValidate`, and what reading rows from disk throws.
  init(
    _ method: Method, _ all: TrainingSet, gram: GramMatrix?, options: FittingOptions, digests: [String]?
  ) throws {
    let parts = Folds(
      classIndices: all.targets.classIndices, count: options.folds, seed: options.seed, digests: digests)
    guard parts.heldOut.count > 1 else {
      throw LinearError(
        .cannotCrossValidate,
        """
        the strength of the penalty cannot be chosen by cross-validation: there are not two different pictures of \
        any class. Give more pictures, or name a strength, such as 0.01
        """)
    }
    self.method = method
    // Smoothed targets have an entropy that no classifier gets below, and the differences between strengths are small
    // beside it.
    let roughest = method.labelSmoothing > 0 ? 1e-6 : 1e-4
    limits = SolverLimits(tolerance: max(options.tolerance, roughest), maxIterations: options.maxIterations)
    fits = try parts.heldOut.indices.map {
      try Fold(method, all, training: parts.training($0), heldOut: parts.heldOut[$0], gram: gram)
    }
  }

  var folds: Int { fits.count }

  /// How many rows are held out in one of the folds.
  var rows: Int { fits.reduce(0) { $0 + $1.targets.classIndices.count } }

  /// Judges one penalty; `progress` is told before each fold.
  mutating func judge(
    _ penalty: Penalty, progress: (_ fold: Int) throws -> Void
  ) throws -> RegularizationPath.Point {
    var scores: [[Double]] = []
    for part in fits.indices {
      try progress(part)
      scores.append(try fits[part].scores(penalty, limits))
    }
    let temperature =
      method.meaning == .ranking
      ? Temperature.fit(
        scores: Array(scores.joined()), classIndices: fits.flatMap { $0.targets.classIndices },
        classes: fits[0].targets.classes) : nil
    let judgements = zip(fits, scores).map { fit, scores in
      HeldOutScores(
        scores: scores, targets: fit.targets, temperature: temperature ?? 1,
        labelSmoothing: method.labelSmoothing
      ).judgement(method.meaning)
    }
    let rows = Double(judgements.reduce(0) { $0 + $1.rows })
    return RegularizationPath.Point(
      l2: penalty.l2, accuracy: judgements.reduce(0) { $0 + $1.hits } / rows,
      logLoss: judgements.reduce(0) { $0 + $1.loss } / rows,
      foldAccuracies: judgements.map { $0.hits / Double($0.rows) },
      foldLogLosses: judgements.map { $0.loss / Double($0.rows) }, l1: penalty.l1 > 0 ? penalty.l1 : nil,
      temperature: temperature)
  }

  /// One fold, with the parameters of the fit before.
  private struct Fold {
    let targets: Targets
    private var fit: Method.Fit
    private let heldOut: FeatureRows
    private let standardization: Standardization

    init(_ method: Method, _ all: TrainingSet, training: [Int], heldOut: [Int], gram: GramMatrix?) throws {
      let rows = all.rows.chosen(training)
      standardization = try Standardization(rows)
      fit = try method.prepare(
        TrainingSet(
          rows: rows, targets: all.targets.chosen(training), weights: all.weights.chosen(training),
          standardization: standardization),
        gram: gram)
      self.heldOut = all.rows.chosen(heldOut)
      targets = all.targets.chosen(heldOut)
    }

    mutating func scores(_ penalty: Penalty, _ limits: SolverLimits) throws -> [Double] {
      try ScorePass.scores(
        Double.self, rows: heldOut, outputs: targets.classes, standardization: standardization,
        parameters: try fit.solve(penalty, limits, progress: { _, _, _ in }).parameters)
    }
  }
}

/// The scores of rows whose classes are known.
struct HeldOutScores {
  /// Row by row.
  var scores: [Double]
  var targets: Targets
  var temperature: Double
  /// The share of each target that is spread over all classes, or over yes and no.
  var labelSmoothing = 0.0

  struct Judgement {
    var rows: Int
    /// Rows whose likeliest class was the right one; for separate yes or no of classes, the mean of the shares that
    /// were right.
    var hits = 0.0
    /// The sum of -ln of the probability of the truth; with label smoothing of the cross entropy to the targets.
    var loss = 0.0
  }

  func judgement(_ meaning: ScoreMeaning) -> Judgement {
    let classes = targets.classes
    var result = Judgement(rows: targets.classIndices.count)
    for (row, label) in targets.classIndices.enumerated() {
      let values = scores[row * classes..<(row + 1) * classes]
      if meaning == .separateLogits {
        let own = Set(targets.labelSets.map { Array($0[row]) } ?? [label])
        for (place, score) in values.enumerated() {
          let signed = own.contains(place) ? score : -score
          result.hits += (signed > 0 ? 1 : 0) / Double(classes)
          // A share e / 2 of the target is on the other side, whose -ln p is larger by the score.
          let loss = max(-signed, 0) + log1p(exp(-abs(signed))) + labelSmoothing / 2 * signed
          result.loss += loss / Double(classes)
        }
        continue
      }
      if meaning == .numbers, let wanted = targets.values {
        for (place, value) in values.enumerated() {
          let difference = value - Double(wanted[row * classes + place])
          result.loss += 0.5 * difference * difference
        }
        continue
      }
      let largest = values.max() ?? 0
      if values.firstIndex(of: largest) == values.startIndex + label { result.hits += 1 }
      let sum = values.reduce(0) { $0 + exp(($1 - largest) / temperature) }
      let mean = values.reduce(0, +) / Double(classes)
      let wanted = (1 - labelSmoothing) * values[values.startIndex + label] + labelSmoothing * mean
      result.loss += log(sum) + (largest - wanted) / temperature
    }
    return result
  }
}
