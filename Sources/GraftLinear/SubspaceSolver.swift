internal import GraftTensor

/// Minimises the objective of a classifier of many classes over one small space of weights after another, in Float.
///
/// The weights that a descent from 0 comes through lie in the space of the gradients on its way. Each gradient, D x C,
/// adds C vectors to an orthonormal basis B of it, and the best weights there, W = B V, are those of a classifier on the
/// few features Z B, whose steps cost but the share rank/D of a pass over all features. So each such pass, half of it for
/// Z B and half for the gradient, leads as far as several steps of a quasi-Newton method do, which has but one length to
/// choose for what moves all classes (sequential subspace optimization: Narkiss and Zibulevsky, 2005).
package struct SubspaceSolver<Loss: RowLoss> {
  /// The rows of W for standardized features, then b.
  private(set) var parameters: [Double]
  private(set) var value = Double.infinity
  private(set) var gradient: [Double]
  /// Spaces so far.
  private(set) var iterations = 0
  /// How `parameters` last moved from one space to the next, and the gradient with them.
  private(set) var steps: [(step: [Double], change: [Double])] = []

  private let rows: TrainingSet
  private let loss: Loss
  private let l2: Double
  private let penalizesBias: Bool
  private let objective: LinearObjective<Float, Loss>
  private var space: RowSpace
  /// Z B, row by row.
  private var features: [Float] = []
  /// V, then b.
  private var inner: [Double]
  /// How much each of the last two spaces lowered the value.
  private var decreases = (last: Double.infinity, before: Double.infinity)

  private var classes: Int { rows.classes }
  private var width: Int { rows.rows.width }
  private var weightCount: Int { width * classes }

  /// Fewer classes teach a space too little to be worth its while.
  private static var fewestClasses: Int { 10 }
  /// Memory for Z B, and for B.
  private static var largestBytes: Int { 128 << 20 }
  /// Spaces of that many gradients must be small beside that of all features.
  private static var fewestSpaces: Int { 5 }
  /// What is left of a gradient in Float that counts as none.
  private static var rounding: Double { 1e-5 }

  /// By which factor the gradient in a space is to shrink before the next space promises more.
  private static var reduction: Double { 0.05 }
  private static var leastSteps: Int { 3 }
  private static var innerSteps: Int { 25 }

  /// Moves that are remembered.
  private static var memory: Int { 10 }

  /// How large a space may get: a quarter of the features, in which a step costs a quarter of a pass, and of the rows.
  private static func largestRank(rows: Int, width: Int) -> Int {
    min(width / 4, rows / 4, largestBytes / (4 * max(rows, 1)), largestBytes / (8 * max(width, 1)))
  }

  /// Whether there are so many classes, and so many more features, that it goes faster.
  package static func suits(rows: Int, width: Int, classes: Int) -> Bool {
    classes >= fewestClasses && fewestSpaces * classes <= largestRank(rows: rows, width: width)
  }

  /// Starts where all parameters are 0; rows must suit.
  init(rows: TrainingSet, loss: Loss, l2: Double, penalizesBias: Bool) throws {
    (self.rows, self.loss, self.l2, self.penalizesBias) = (rows, loss, l2, penalizesBias)
    objective = LinearObjective(
      rows: rows.rows, loss: loss, outputs: rows.classes, standardization: rows.standardization, l2: l2,
      weights: rows.weights, penalizesBias: penalizesBias)
    parameters = [Double](repeating: 0, count: objective.parameterCount)
    gradient = parameters
    space = RowSpace(width: rows.rows.width)
    inner = [Double](repeating: 0, count: rows.classes)
    if loss.isAlikeWithinClasses {
      try measureStart()
    } else {
      try measure()
    }
  }

  /// Whether there is room for one space more.
  var hasRoom: Bool {
    space.rank + classes <= Self.largestRank(rows: rows.rows.count, width: width)
  }

  /// The square of the gradient's length.
  var gradientSquare: Double { Vectors.dot(gradient, gradient) }
  /// The largest magnitude of the gradient's elements.
  var gradientNorm: Double { Vectors.largestMagnitude(gradient) }

  /// How much lower the minimum is, if what a space gains goes on to shrink by the same factor.
  var expectedDecrease: Double {
    let (last, before) = decreases
    return before.isFinite && last < before ? last * last / (before - last) : .infinity
  }

  /// The mean loss and the penalty on it.
  var penalty: Double { objective.penalty(parameters) }

  /// Adds the gradient to the space and minimises over it, until what is left to gain there seems less than `least`;
  /// false, and nothing changes, if that leads no further down.
  mutating func step(least: Double) throws -> Bool {
    let before = self
    try extend(by: Array(gradient[..<weightCount]))
    guard space.rank > before.space.rank else { return false }
    try minimizeInSpace(least: least)
    let shares = space.rank * classes
    parameters = space.vectors(Array(inner[..<shares]), columns: classes) + inner[shares...]
    try measure()
    guard value < before.value else {
      self = before
      return false
    }
    iterations += 1
    decreases = (before.value - value, decreases.last)
    var (moved, change) = (parameters, gradient)
    Vectors.add(-1, before.parameters, to: &moved)
    Vectors.add(-1, before.gradient, to: &change)
    steps.append((moved, change))
    if steps.count > Self.memory { steps.removeFirst() }
    return true
  }

  /// Moves `inner` down, from the curvature that is known of the steps before.
  private mutating func minimizeInSpace(least: Double) throws {
    let objective = LinearObjective<Float, Loss>(
      rows: projectedRows, loss: loss, outputs: classes,
      standardization: Standardization(identity: space.rank), l2: l2, weights: rows.weights,
      penalizesBias: penalizesBias)
    let slopes = projected(gradient)
    let enough = Self.reduction * Self.reduction * Vectors.dot(slopes, slopes)
    var solver = LBFGS(
      at: inner, value: value, gradient: slopes,
      after: steps.map { (projected($0.step), projected($0.change)) }, iterations: 0)
    _ = try solver.minimize(
      { try objective($0, gradient: &$1) }, limits: .init(iterations: Self.innerSteps, noise: 1e-7),
      until: {
        // Steps in the spaces before say nothing of what is new in this one.
        Vectors.dot($0.gradient, $0.gradient) <= enough
          || ($0.iterations >= Self.leastSteps && $0.expectedDecrease <= least)
      })
    inner = solver.point
  }

  /// The shares of the basis in weights, and the biases.
  private func projected(_ parameters: [Double]) -> [Double] {
    space.shares(Array(parameters[..<weightCount]), columns: classes) + parameters[weightCount...]
  }

  private var projectedRows: FeatureRows {
    FeatureRows(features: Tensor(shape: [rows.rows.count, space.rank], scalars: features))
  }

  /// Adds columns, D x C, to the space, what rows have along them to the features, and zeros to `inner`.
  private mutating func extend(by columns: [Double]) throws {
    var vectors = [Double](repeating: 0, count: columns.count)
    for row in 0..<width {
      for place in 0..<classes { vectors[place * width + row] = columns[row * classes + place] }
    }
    let old = space.rank
    space.add(vectors, rounding: Self.rounding)
    let (rank, added, count) = (space.rank, space.rank - old, rows.rows.count)
    guard added > 0 else { return }
    inner.insert(contentsOf: [Double](repeating: 0, count: added * classes), at: old * classes)
    var wider = [Float](repeating: 0, count: count * rank)
    try wider.withUnsafeMutableBufferPointer { wider in
      features.withUnsafeBufferPointer { features in
        for row in 0..<count {
          for place in 0..<old { wider[row * rank + place] = features[row * old + place] }
        }
      }
      try ScorePass.run(
        Float.self, rows: rows.rows, outputs: added, standardization: rows.standardization,
        parameters: space.columns(old..<rank) + [Double](repeating: 0, count: added)
      ) { row, shares in
        for place in 0..<added { wider[row * rank + old + place] = shares[place] }
      }
    }
    features = wider
  }

  /// Finds value and gradient at the start: there all rows of a class have the same scores, and sums over classes
  /// are all that is needed of the rows.
  private mutating func measureStart() throws {
    let (all, classes, total) = (try ClassSums(rows), classes, rows.weights.total)
    var residuals = [Double](repeating: 0, count: classes * classes)
    var seen = Set<Int>()
    value = 0
    for (row, label) in rows.targets.classIndices.enumerated() where seen.insert(label).inserted {
      var scores = [Double](repeating: 0, count: classes)
      value += all.weights[label] / total * loss.residual(row, &scores, outputs: classes)
      for place in 0..<classes { residuals[label * classes + place] = scores[place] / total }
    }
    let slopes = Products.product(m: width, n: classes, k: classes, all.sums, transposed: true, residuals)
    let biases = (0..<classes).map { place in
      (0..<classes).reduce(0) { $0 + all.weights[$1] * residuals[$1 * classes + place] }
    }
    gradient = slopes + biases
  }

  /// Finds value and gradient where the parameters are.
  private mutating func measure() throws {
    let scores =
      space.rank == 0
      ? [Float](repeating: 0, count: rows.rows.count * classes)
      : try ScorePass.scores(
        Float.self, rows: projectedRows, outputs: classes,
        standardization: Standardization(identity: space.rank), parameters: inner)
    value = try objective(parameters, scores: scores, gradient: &gradient)
  }
}
