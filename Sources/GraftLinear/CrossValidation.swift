internal import Foundation
internal import GraftTensor

/// Chooses the strength of a penalty by how well the rest of the rows is predicted when a part is held out.
///
/// Stratified folds, fixed by a seed; rows of equal digests are held out together. In every fold features are
/// standardized on its training rows alone, and the strengths are gone through from strong to weak, each fit starting
/// where the last one ended. Chosen is the strength with the lowest log loss over all held-out rows; among equals the
/// one with the higher accuracy, then the stronger one. (Log loss before accuracy: among few pictures one more
/// or less decides on accuracy, and strengths that differ a thousandfold share the same. And not by one standard
/// error, which with few pictures shrinks far too much.) The path ends early when three strengths in a row are no
/// better than the best so far.
struct CrossValidation {
  /// The strengths to try, whatever their order.
  var strengths: [Double]
  var folds: Int
  var seed: UInt64
  var tolerance: Double
  var maxIterations: Int

  /// 10, and down by half orders of magnitude to 0.00001: on standardized features with the mean log loss, from
  /// classifiers that are hardly more than class means to such that separate whatever can be separated.
  static let defaultStrengths = (0...12).map { pow(10, 1 - Double($0) / 2) }

  /// Judges every strength.
  ///
  /// - Parameters:
  ///   - strata: of each row the class, or whatever else all parts should have their share of.
  ///   - targets: what should be said of the rows.
  ///   - classes: the number of outputs.
  /// - Throws: `LinearError` with the code `.cannotCrossValidate`, and what `progress` throws, which is told how
  ///   many fits of how many are done.
  func path(
    features: Tensor, strata: [Int], targets: LinearTargets, classes: Int, digests: [String]?,
    progress: (_ done: Int, _ total: Int) throws -> Void
  ) throws -> RegularizationPath {
    let parts = Folds(classIndices: strata, count: folds, seed: seed, digests: digests)
    guard parts.heldOut.count > 1 else {
      throw LinearError(
        .cannotCrossValidate,
        """
        the strength of the penalty cannot be chosen by cross-validation: there are not two different pictures of \
        any class. Give more pictures, or name a strength, such as 0.01
        """)
    }
    var fits = parts.heldOut.indices.map { part in
      Fold(parts, part: part, features: features, targets: targets, classes: classes)
    }
    let total = fits.count * strengths.count
    var points: [RegularizationPath.Point] = []
    for l2 in strengths.sorted(by: >) {
      var scores: [Score] = []
      for part in fits.indices {
        try progress(points.count * fits.count + part, total)
        scores.append(try fits[part].score(l2: l2, tolerance: tolerance, maxIterations: maxIterations))
      }
      points.append(Self.point(l2: l2, scores))
      if Self.choice(among: points) <= points.count - 1 - Self.patience { break }
    }
    try progress(total, total)
    return RegularizationPath(
      points: points, chosen: Self.choice(among: points), folds: fits.count,
      rows: parts.heldOut.reduce(0) { $0 + $1.count })
  }

  /// How many strengths in a row may be no better than the best before the path ends.
  static let patience = 3

  private static func point(l2: Double, _ scores: [Score]) -> RegularizationPath.Point {
    let rows = Double(scores.reduce(0) { $0 + $1.rows })
    return RegularizationPath.Point(
      l2: l2, accuracy: Double(scores.reduce(0) { $0 + $1.hits }) / rows,
      logLoss: scores.reduce(0) { $0 + $1.loss } / rows,
      foldAccuracies: scores.map { Double($0.hits) / Double($0.rows) },
      foldLogLosses: scores.map { $0.loss / Double($0.rows) })
  }

  /// The place of the best of points that go from strong to weak.
  static func choice(among points: [RegularizationPath.Point]) -> Int {
    points.indices.dropFirst().reduce(0) { best, place in
      let (a, b) = (points[place], points[best])
      return a.logLoss < b.logLoss || (a.logLoss == b.logLoss && a.accuracy > b.accuracy) ? place : best
    }
  }

  private struct Score {
    var rows: Int
    /// Rows whose class got the highest logit, or whose labels got the right sign; none where numbers are asked for.
    var hits: Int
    /// The sum of the losses.
    var loss: Double

    mutating func add(_ logits: ArraySlice<Double>, of row: Int, _ targets: LinearTargets) {
      let (start, width) = (logits.startIndex, logits.count)
      switch targets {
      case .classes(let classIndices):
        let label = start + classIndices[row]
        let largest = logits.max() ?? 0
        if logits.firstIndex(of: largest) == label { hits += 1 }
        let sum = logits.reduce(0) { $0 + exp($1 - largest) }
        loss += log(sum) + largest - logits[label]
      case .marks(let marks):
        let own = marks[row * width..<(row + 1) * width]
        if zip(logits, own).allSatisfy({ ($0 >= 0) == ($1 == 1) }) { hits += 1 }
        for (logit, mark) in zip(logits, own) {
          loss += max(logit, 0) - logit * Double(mark) + log1p(exp(-abs(logit)))
        }
      case .values(let values):
        for (value, wanted) in zip(logits, values[row * width..<(row + 1) * width]) {
          loss += 0.5 * (value - Double(wanted)) * (value - Double(wanted))
        }
      }
    }
  }

  /// One fold, with the parameters of the fit before.
  private struct Fold {
    private let solver: LinearSolver
    private let heldOut: FeatureRows
    private let heldOutTargets: LinearTargets
    private let classes: Int
    private let standardization: Standardization
    private var parameters: [Double]

    init(_ parts: Folds, part: Int, features: Tensor, targets: LinearTargets, classes: Int) {
      let training = parts.training(part)
      let rows = FeatureRows(features: features, rows: training)
      standardization = Standardization(rows)
      solver = LinearSolver(
        rows: rows, targets: targets.selecting(training, width: classes), classes: classes,
        standardization: standardization)
      heldOut = FeatureRows(features: features, rows: parts.heldOut[part])
      heldOutTargets = targets.selecting(parts.heldOut[part], width: classes)
      self.classes = classes
      parameters = solver.origin
    }

    mutating func score(l2: Double, tolerance: Double, maxIterations: Int) throws -> Score {
      parameters =
        try solver.minimize(
          l2: l2, from: parameters, tolerance: tolerance, maxIterations: maxIterations
        ).parameters
      let logits = LinearObjective<Double>.logits(
        rows: heldOut, classes: classes, standardization: standardization, parameters: parameters)
      var score = Score(rows: heldOut.count, hits: 0, loss: 0)
      for row in 0..<heldOut.count {
        score.add(logits[row * classes..<(row + 1) * classes], of: row, heldOutTargets)
      }
      return score
    }
  }
}
