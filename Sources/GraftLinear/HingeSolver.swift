/// Minimises the multiclass hinge loss with an l2 penalty on weights and biases by the method of multipliers
/// (Rockafellar, 1976): smooth problems in turn, each with better multipliers, until the value of the dual problem
/// proves the minimum.
///
/// With multipliers a, and R the residuals that they make of the rows, the dual value is
/// 1/N sum a - ||Z'R/N||^2 / (2 l2), which no value of the objective is below.
struct HingeSolver: PenalizedFit {
  private let rows: TrainingSet
  private let gram: GramMatrix?
  private var loss: HingeLoss
  private var parameters: [Double]
  /// Where these are few enough.
  private let dense: DenseRows?

  private static let rounds = 60
  /// The stiffness at first, where the penalty is not so weak that multipliers are small, and at most.
  private static let sigmas = 0.5...1e4

  init(_ rows: TrainingSet, gram: GramMatrix?) throws {
    self.rows = rows
    self.gram = gram
    loss = HingeLoss(
      classIndices: rows.targets.classIndices, outputs: rows.classes, sigma: Self.sigmas.lowerBound)
    parameters = [Double](repeating: 0, count: (rows.rows.width + 1) * rows.classes)
    dense = FiniteNewton<HingeLoss>.suits(rows) ? try DenseRows(rows.rows, rows.standardization) : nil
  }

  mutating func solve(
    _ penalty: Penalty, _ limits: SolverLimits, progress: (Int, Double, Double) throws -> Void
  ) throws -> LinearSolution {
    guard penalty.l2 > 0 else {
      throw LinearError(.invalidOption, "the hinge loss needs a penalty; give a strength of l2 above 0")
    }
    let l2 = penalty.l2
    loss.sigma = min(Self.sigmas.lowerBound, 5 * l2)
    var best = LinearSolution(parameters: parameters, value: .infinity, loss: .infinity, iterations: 0)
    best.outcome = .iterationLimit
    var (gap, iterations) = (Double(rows.classes), 0)
    for _ in 0..<Self.rounds {
      let solver = try inner(l2, gap: gap, limits, steps: limits.maxIterations - iterations) {
        try progress(iterations + $0, $1, $2)
      }
      iterations += solver.iterations
      parameters = solver.point
      var data = solver.gradient
      Vectors.add(-l2, parameters, to: &data)
      let (mean, multipliers) = try update()
      let value = mean + l2 / 2 * Vectors.dot(parameters, parameters)
      let dual = multipliers - Vectors.dot(data, data) / (2 * l2)
      if value < best.value {
        best = LinearSolution(
          parameters: parameters, value: value, loss: mean, gradientNorm: solver.gradientNorm,
          iterations: iterations, outcome: .iterationLimit)
      }
      best.iterations = iterations
      let newGap = best.value - dual
      if newGap <= limits.tolerance * best.value {
        best.outcome = .converged
        break
      }
      if iterations >= limits.maxIterations { break }
      // Stiffer problems are harder, and bring more.
      if newGap > gap / 4 { loss.sigma = min(loss.sigma * 3, Self.sigmas.upperBound) }
      gap = min(newGap, gap)
    }
    return best
  }

  /// Solves the smooth problem with the present multipliers, to a share of the gap that is left.
  private func inner(
    _ l2: Double, gap: Double, _ limits: SolverLimits, steps: Int,
    progress: (Int, Double, Double) throws -> Void
  ) throws -> Inner {
    if let dense {
      var newton = FiniteNewton(
        start: dense.weights(parameters, outputs: rows.classes), rows: dense, weights: rows.weights,
        loss: loss,
        l2: l2, outputs: rows.classes)
      _ = try newton.minimize(steps: max(steps, 1)) { newton in
        let wanted = max(gap / 20, limits.tolerance * newton.value / 4)
        return Vectors.dot(newton.gradient, newton.gradient) <= 2 * l2 * wanted
      } afterEachStep: {
        try progress($0.iterations, $0.value, $0.gradientNorm)
      }
      return Inner(
        point: dense.parameters(newton.point, outputs: rows.classes),
        gradient: dense.parameters(newton.gradient, outputs: rows.classes), gradientNorm: newton.gradientNorm,
        iterations: newton.iterations)
    }
    let preconditioner = gram.flatMap {
      Preconditioner(
        $0, outputs: rows.classes, curvature: loss.curvature(outputs: rows.classes), l2: l2,
        penalizesBias: true)
    }
    var solver = LBFGS(start: parameters, preconditioner: preconditioner)
    func isNear(_ solver: borrowing LBFGS) -> Bool {
      let wanted = max(gap / 20, limits.tolerance * solver.value / 4)
      return Vectors.dot(solver.gradient, solver.gradient) <= 2 * l2 * wanted
    }
    func minimize<Scalar: DenseScalar>(_: Scalar.Type, noise: Double) throws {
      let objective = LinearObjective<Scalar, HingeLoss>(
        rows: rows.rows, loss: loss, outputs: rows.classes, standardization: rows.standardization, l2: l2,
        weights: rows.weights, penalizesBias: true)
      _ = try solver.minimize(
        { try objective($0, gradient: &$1) },
        limits: .init(iterations: max(steps - solver.iterations, 1), noise: noise), until: isNear
      ) { try progress($0.iterations, $0.value, $0.gradientNorm) }
    }
    if rows.isLarge, gap > 1e-4 { try minimize(Float.self, noise: 1e-7) }
    try minimize(Double.self, noise: 1e-13)
    return Inner(
      point: solver.point, gradient: solver.gradient, gradientNorm: solver.gradientNorm,
      iterations: solver.iterations)
  }

  /// Where a smooth problem was left.
  private struct Inner {
    var point: [Double]
    var gradient: [Double]
    var gradientNorm: Double
    var iterations: Int
  }

  /// Improves the multipliers; returns the mean hinge loss, and the mean sum of the new multipliers.
  private func update() throws -> (loss: Double, multipliers: Double) {
    let (loss, outputs, weights) = (loss, rows.classes, rows.weights)
    var sums = [(loss: Double, multipliers: Double)](repeating: (0, 0), count: rows.rows.count)
    try sums.withUnsafeMutableBufferPointer { sums in
      // Rows write to parts of their own.
      nonisolated(unsafe) let sums = sums
      try ScorePass.run(
        Double.self, rows: rows.rows, outputs: outputs, standardization: rows.standardization,
        parameters: parameters
      ) { row, scores in
        sums[row] = loss.update(row, scores, outputs: outputs)
      }
    }
    var total = (loss: 0.0, multipliers: 0.0)
    for (row, sum) in sums.enumerated() {
      total.loss += weights[row] * sum.loss
      total.multipliers += weights[row] * sum.multipliers
    }
    return (total.loss / weights.total, total.multipliers / weights.total)
  }
}
