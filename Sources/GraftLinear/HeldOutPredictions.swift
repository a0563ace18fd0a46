internal import Foundation
public import GraftFeatures
internal import GraftData
internal import GraftSupport
internal import GraftTensor

/// What cross-validation predicts of each row while it is held out, at the strength of the penalty that predicts
/// held-out rows best.
public struct HeldOutPredictions: Sendable {
  /// How the strengths did; the predictions are those of the chosen one.
  public let path: RegularizationPath
  /// The rows that were held out in one of the folds, ascending.
  public let rows: [Int]
  /// The fold of each of `rows`, from 0.
  public let folds: [Int]
  /// The probability of each class for each of `rows`, row by row.
  public let probabilities: [Double]
}

extension LogisticRegression {
  /// Predicts each row of a table by a classifier that was fitted without it; see `CrossValidation` for how folds
  /// are made and the strength is chosen. `l2` is not used.
  ///
  /// - Parameters:
  ///   - groups: a key of each row; rows of one key are held out together. By default the digests.
  ///   - progress: told how many fits of how many are done; stops the work by throwing.
  /// - Throws: `LinearError` as `fit` does, and with the code `.cannotCrossValidate`.
  public func heldOutPredictions(
    of table: FeatureTable, groups: [String]? = nil,
    progress: (_ done: Int, _ total: Int) throws -> Void = { _, _ in }
  ) throws -> HeldOutPredictions {
    let (classIndices, labels) = try table.classified(to: "learn from")
    let rows = FeatureRows(features: table.features)
    _ = try TrainingRows.counts(
      rows, classIndices: classIndices, labels: labels, digests: table.digests, paths: table.paths)
    try TrainingRows.checkFinite(rows, table.paths)
    let parts = Folds(
      classIndices: classIndices, count: options.folds, seed: options.seed, digests: groups ?? table.digests)
    guard parts.heldOut.count > 1 else {
      throw LinearError(
        .cannotCrossValidate,
        "nothing can be cross-validated: there are not two different pictures of any class. Give more pictures"
      )
    }
    var search = try StrengthSearch(
      parts, rows, classIndices: classIndices, classes: labels.count,
      SolverLimits(tolerance: max(options.tolerance, 1e-4), maxIterations: options.maxIterations))
    return try search.run(strengths: MultinomialMethod().strengths, progress: progress)
  }
}

/// Goes through strengths from strong to weak with all folds side by side.
private struct StrengthSearch {
  private let parts: Folds
  private let classIndices: [Int]
  private let classes: Int
  private let limits: SolverLimits
  private var folds: [HeldOutFold?]

  init(
    _ parts: Folds, _ rows: FeatureRows, classIndices: [Int], classes: Int, _ limits: SolverLimits
  ) throws {
    self.parts = parts
    self.classIndices = classIndices
    self.classes = classes
    self.limits = limits
    let failure = FirstFailure()
    folds = [HeldOutFold?](repeating: nil, count: parts.heldOut.count)
    folds.withUnsafeMutableBufferPointer { folds in
      // Calls write to elements of their own.
      nonisolated(unsafe) let folds = folds
      ThreadPool.shared.forEach(folds.count) { part in
        failure.record {
          folds[part] = try HeldOutFold(
            parts, part: part, rows, classIndices: classIndices, classes: classes)
        }
      }
    }
    try failure.rethrow()
  }

  mutating func run(
    strengths: [Double], progress: (_ done: Int, _ total: Int) throws -> Void
  ) throws -> HeldOutPredictions {
    var points: [RegularizationPath.Point] = []
    var best: [[Double]] = []
    for l2 in strengths.sorted(by: >) {
      try progress(points.count * folds.count, strengths.count * folds.count)
      let predictions = try predictions(l2: l2)
      points.append(point(l2: l2, predictions))
      let choice = PenaltySearch.choice(among: points)
      if choice == points.count - 1 { best = predictions }
      if choice <= points.count - 1 - PenaltySearch.patience { break }
    }
    try progress(strengths.count * folds.count, strengths.count * folds.count)
    let order = parts.heldOut.enumerated().flatMap { part, rows in
      rows.enumerated().map { (row: $1, part: part, place: $0) }
    }.sorted { $0.row < $1.row }
    return HeldOutPredictions(
      path: RegularizationPath(
        points: points, chosen: PenaltySearch.choice(among: points), folds: folds.count, rows: order.count),
      rows: order.map(\.row), folds: order.map(\.part),
      probabilities: order.flatMap { best[$0.part][$0.place * classes..<($0.place + 1) * classes] })
  }

  /// The probabilities of each fold's rows.
  private mutating func predictions(l2: Double) throws -> [[Double]] {
    var results = [[Double]](repeating: [], count: folds.count)
    let (limits, failure) = (limits, FirstFailure())
    folds.withUnsafeMutableBufferPointer { folds in
      results.withUnsafeMutableBufferPointer { results in
        // Calls write to elements of their own.
        nonisolated(unsafe) let folds = folds
        nonisolated(unsafe) let results = results
        ThreadPool.shared.forEach(folds.count) { part in
          failure.record { results[part] = try folds[part]?.probabilities(l2: l2, limits) ?? [] }
        }
      }
    }
    try failure.rethrow()
    return results
  }

  private func point(l2: Double, _ predictions: [[Double]]) -> RegularizationPath.Point {
    let scores = zip(parts.heldOut, predictions).map { rows, values in
      HeldOutScore(rows.map { classIndices[$0] }, values, classes: classes)
    }
    let rows = Double(scores.reduce(0) { $0 + $1.rows })
    return RegularizationPath.Point(
      l2: l2, accuracy: Double(scores.reduce(0) { $0 + $1.hits }) / rows,
      logLoss: scores.reduce(0) { $0 + $1.loss } / rows,
      foldAccuracies: scores.map { Double($0.hits) / Double($0.rows) },
      foldLogLosses: scores.map { $0.loss / Double($0.rows) })
  }
}

/// Right answers and losses of some rows.
private struct HeldOutScore {
  let rows: Int
  private(set) var hits = 0
  /// The sum of -ln of the right class's probability.
  private(set) var loss = 0.0

  init(_ labels: [Int], _ probabilities: [Double], classes: Int) {
    rows = labels.count
    for (row, label) in labels.enumerated() {
      let values = probabilities[row * classes..<(row + 1) * classes]
      if values.firstIndex(of: values.max() ?? 0) == values.startIndex + label { hits += 1 }
      // A probability of 0 would outweigh all other rows for ever.
      loss -= log(max(values[values.startIndex + label], 1e-300))
    }
  }
}

/// One fold, with the parameters of the fit before.
private struct HeldOutFold {
  private var solver: LinearSolver<MultinomialLoss>
  private let heldOut: FeatureRows
  private let standardization: Standardization
  private let classes: Int

  init(_ parts: Folds, part: Int, _ all: FeatureRows, classIndices: [Int], classes: Int) throws {
    let training = parts.training(part)
    let labels = training.map { classIndices[$0] }
    var rows = all.chosen(training)
    var others = all.chosen(parts.heldOut[part])
    var standardization = try Standardization(rows)
    // Where it saves little, finding a basis costs more.
    if rows.count <= rows.width * 3 / 4 {
      let standardized = try rows.standardized(by: standardization)
      let space = RowSpace(spanning: standardized, width: rows.width)
      if space.rank > 0 {
        let rest = try others.standardized(by: standardization)
        func coordinates(_ rows: [Double]) -> FeatureRows {
          let values = space.coordinates(of: rows).map { Float($0) }
          return FeatureRows(
            features: Tensor(shape: [rows.count / all.width, space.rank], scalars: values))
        }
        (rows, others) = (coordinates(standardized), coordinates(rest))
        standardization = Standardization(identity: space.rank)
      }
    }
    solver = try MultinomialMethod().prepare(
      TrainingSet(
        rows: rows, targets: Targets(classes: classes, classIndices: labels),
        weights: RowWeights(uniform: rows.count), standardization: standardization),
      gram: nil)
    heldOut = others
    self.standardization = standardization
    self.classes = classes
  }

  /// The probabilities of the rows that are held out.
  mutating func probabilities(l2: Double, _ limits: SolverLimits) throws -> [Double] {
    let solution = try solver.solve(Penalty(l2: l2), limits) { _, _, _ in }
    var values = try ScorePass.scores(
      Double.self,
      rows: heldOut, outputs: classes, standardization: standardization, parameters: solution.parameters)
    values.withUnsafeMutableBufferPointer { values in
      guard let base = values.baseAddress else { return }
      for start in stride(from: 0, to: values.count, by: classes) {
        let row = base + start
        let sum = Double.exponentiate(row, count: classes, largest: Double.largest(row, count: classes))
        for place in 0..<classes { row[place] /= sum }
      }
    }
    return values
  }
}
