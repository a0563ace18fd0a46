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
  /// - Throws: `LinearError` with the code `.cannotCrossValidate`, and what `progress` throws, which is told how
  ///   many fits of how many are done.
  func path(
    features: Tensor, classIndices: [Int], classes: Int, digests: [String]?,
    progress: (_ done: Int, _ total: Int) throws -> Void
  ) throws -> RegularizationPath {
    let parts = Folds(classIndices: classIndices, count: folds, seed: seed, digests: digests)
    guard parts.heldOut.count > 1 else {
      throw LinearError(
        .cannotCrossValidate,
        """
        the strength of the penalty cannot be chosen by cross-validation: there are not two different pictures of \
        any class. Give more pictures, or name a strength, such as 0.01
        """)
    }
    var fits = parts.heldOut.indices.map { part in
      Fold(parts, part: part, features: features, classIndices: classIndices, classes: classes)
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
    var hits: Int
    /// The sum of -ln of the right class's probability.
    var loss: Double
  }

  /// One fold, with the parameters of the fit before.
  private struct Fold {
    private let solver: MultinomialSolver
    private let heldOut: FeatureRows
    private let heldOutIndices: [Int]
    private let classes: Int
    private let standardization: Standardization
    private var parameters: [Double]

    init(_ parts: Folds, part: Int, features: Tensor, classIndices: [Int], classes: Int) {
      let training = parts.training(part)
      let rows = FeatureRows(features: features, rows: training)
      standardization = Standardization(rows)
      solver = MultinomialSolver(
        rows: rows, classIndices: training.map { classIndices[$0] }, classes: classes,
        standardization: standardization)
      heldOut = FeatureRows(features: features, rows: parts.heldOut[part])
      heldOutIndices = parts.heldOut[part].map { classIndices[$0] }
      self.classes = classes
      parameters = solver.origin
    }

    mutating func score(l2: Double, tolerance: Double, maxIterations: Int) throws -> Score {
      parameters =
        try solver.minimize(
          l2: l2, from: parameters, tolerance: tolerance, maxIterations: maxIterations
        ).parameters
      let logits = MultinomialObjective<Double>.logits(
        rows: heldOut, classes: classes, standardization: standardization, parameters: parameters)
      var score = Score(rows: heldOutIndices.count, hits: 0, loss: 0)
      for (row, label) in heldOutIndices.enumerated() {
        let values = logits[row * classes..<(row + 1) * classes]
        let largest = values.max() ?? 0
        if values.firstIndex(of: largest) == values.startIndex + label { score.hits += 1 }
        let sum = values.reduce(0) { $0 + exp($1 - largest) }
        score.loss += log(sum) + largest - values[values.startIndex + label]
      }
      return score
    }
  }
}
