/// Minimises the objective of a smooth loss over the same rows for one penalty after another.
struct LinearSolver<Loss: RowLoss>: PenalizedFit {
  private let rows: TrainingSet
  private let loss: Loss
  private let gram: GramMatrix?
  private let penalizesBias: Bool
  private var parameters: [Double]
  /// For a solver that has them in memory.
  private var dense: DenseRows?

  init(_ rows: TrainingSet, loss: Loss, gram: GramMatrix?, penalizesBias: Bool = false) {
    self.rows = rows
    self.loss = loss
    self.gram = gram
    self.penalizesBias = penalizesBias
    // The start that treats all classes alike.
    parameters = [Double](repeating: 0, count: (rows.rows.width + 1) * rows.classes)
  }

  /// Minimises from where the last fit ended: in Float as far as that goes where there is much to compute, then in
  /// Double.
  ///
  /// It has converged when the objective is known to be at most `tolerance` times its value above the minimum. The
  /// penalty curves the objective by `l2` at least, so that f - min f <= ||gradient||^2 / (2 l2) (Boyd and
  /// Vandenberghe, 2004, section 9.1.2); biases, if it does not touch them, are treated as if it did. Where that says
  /// too little, what the solver has learnt counts, of the curvature or of how its gains shrink, if it promises a fifth
  /// of that; or, beyond what rounding allows, a gradient of next to nothing.
  mutating func solve(
    _ penalty: Penalty, _ limits: SolverLimits, progress: (Int, Double, Double) throws -> Void
  ) throws -> LinearSolution {
    let solution =
      try penalty.l1 > 0 ? sparse(penalty, limits, progress) : smooth(penalty.l2, limits, progress)
    parameters = solution.parameters
    return solution
  }

  private mutating func piecewise(
    _ loss: SquaredHingeLoss, _ l2: Double, _ limits: SolverLimits,
    _ progress: (Int, Double, Double) throws -> Void
  ) throws -> LinearSolution {
    let dense = try dense ?? DenseRows(rows.rows, rows.standardization)
    self.dense = dense
    var newton = FiniteNewton(
      start: dense.weights(parameters, outputs: rows.classes), rows: dense, weights: rows.weights, loss: loss,
      l2: l2, outputs: rows.classes)
    let outcome = try newton.minimize(steps: limits.maxIterations) { newton in
      let square = Vectors.dot(newton.gradient, newton.gradient)
      return square <= 2 * l2 * limits.tolerance * newton.value || newton.gradientNorm <= 1e-13
    } afterEachStep: {
      try progress($0.iterations, $0.value, $0.gradientNorm)
    }
    return LinearSolution(
      parameters: dense.parameters(newton.point, outputs: rows.classes), value: newton.value,
      loss: newton.value - l2 / 2 * Vectors.dot(newton.point, newton.point),
      gradientNorm: newton.gradientNorm,
      iterations: newton.iterations, outcome: outcome)
  }

  private mutating func smooth(
    _ l2: Double, _ limits: SolverLimits, _ progress: (Int, Double, Double) throws -> Void
  ) throws -> LinearSolution {
    if penalizesBias, let quadratic = loss as? SquaredHingeLoss, FiniteNewton<SquaredHingeLoss>.suits(rows) {
      return try piecewise(quadratic, l2, limits, progress)
    }
    let preconditioner = gram.flatMap {
      Preconditioner(
        $0, outputs: rows.classes, curvature: loss.curvature(outputs: rows.classes), l2: l2,
        penalizesBias: penalizesBias)
    }
    var solver = LBFGS(start: parameters, preconditioner: preconditioner)
    // From where a fit for another penalty ended, the curvature leads faster on.
    if preconditioner == nil, rows.isLarge, parameters.allSatisfy({ $0 == 0 }),
      SubspaceSolver<Loss>.suits(rows: rows.rows.count, width: rows.rows.width, classes: rows.classes)
    {
      let (spaces, isNear) = try descend(l2, limits, progress)
      if isNear {
        return LinearSolution(
          parameters: spaces.parameters, value: spaces.value, loss: spaces.value - spaces.penalty,
          gradientNorm: spaces.gradientNorm, iterations: spaces.iterations)
      }
      solver = LBFGS(
        at: spaces.parameters, value: spaces.value, gradient: spaces.gradient, after: spaces.steps,
        iterations: spaces.iterations)
    }
    func report(_ solver: borrowing LBFGS) throws {
      try progress(solver.iterations, solver.value, solver.gradientNorm)
    }
    func isNear(_ solver: borrowing LBFGS, smallest: Double) -> Bool {
      let square = Vectors.dot(solver.gradient, solver.gradient)
      return solver.gradientNorm <= smallest
        || isWithin(square, solver.expectedDecrease, allowed: limits.tolerance * solver.value, l2)
    }
    func solution(_ outcome: LBFGS.Outcome, penalty: Double) -> LinearSolution {
      LinearSolution(
        parameters: solver.point, value: solver.value, loss: solver.value - penalty,
        gradientNorm: solver.gradientNorm, iterations: solver.iterations, outcome: outcome)
    }
    if rows.isLarge {
      let rough = objective(Float.self, l2: l2)
      let outcome = try solver.minimize(
        { try rough($0, gradient: &$1) },
        limits: .init(iterations: limits.maxIterations - solver.iterations, noise: 1e-7),
        until: { isNear($0, smallest: 1e-6) }, afterEachStep: report)
      if outcome == .converged, limits.tolerance >= Self.roughTolerance {
        return solution(outcome, penalty: rough.penalty(solver.point))
      }
    }
    let exact = objective(Double.self, l2: l2)
    let outcome = try solver.minimize(
      { try exact($0, gradient: &$1) }, limits: .init(iterations: limits.maxIterations - solver.iterations),
      until: { isNear($0, smallest: 1e-13) }, afterEachStep: report)
    return solution(outcome, penalty: exact.penalty(solver.point))
  }

  /// Rounding in Float, some 1e-7 of the value, is nothing beside such a tolerance.
  private static var roughTolerance: Double { 1e-4 }
  /// Nearer than that, it hides what steps gain.
  private static var floatTolerance: Double { 1e-6 }

  /// Whether the square of a gradient's length, or what a solver has learnt, says that the minimum is lower by no more
  /// than is allowed.
  private func isWithin(_ square: Double, _ expectedDecrease: Double, allowed: Double, _ l2: Double) -> Bool {
    square <= 2 * l2 * allowed || expectedDecrease <= 0.2 * allowed
  }

  /// Goes down over spaces of gradients as far as Float allows, and tells whether that is as near to the minimum as was
  /// asked for.
  private func descend(
    _ l2: Double, _ limits: SolverLimits, _ progress: (Int, Double, Double) throws -> Void
  ) throws -> (solver: SubspaceSolver<Loss>, isNear: Bool) {
    var solver = try SubspaceSolver(rows: rows, loss: loss, l2: l2, penalizesBias: penalizesBias)
    while true {
      let allowed = max(limits.tolerance, Self.floatTolerance) * solver.value
      if isWithin(solver.gradientSquare, solver.expectedDecrease, allowed: allowed, l2) {
        return (solver, limits.tolerance >= Self.roughTolerance)
      }
      guard solver.iterations < limits.maxIterations, solver.hasRoom,
        try solver.step(least: 0.1 * allowed)
      else { return (solver, false) }
      try progress(solver.iterations, solver.value, solver.gradientNorm)
    }
  }

  /// With a penalty on magnitudes. At the minimum l1 ||W||_1 is no more than the objective, hence
  /// f - min f <= ||subgradient|| (||W|| + ||W*||) <= 2 f ||subgradient|| / l1, in the norms of the largest magnitude
  /// and of the sum of magnitudes.
  private func sparse(
    _ penalty: Penalty, _ limits: SolverLimits, _ progress: (Int, Double, Double) throws -> Void
  ) throws -> LinearSolution {
    var solver = OrthantWise(
      start: parameters, l1: penalty.l1,
      penalizedCount: (rows.rows.width + (penalizesBias ? 1 : 0)) * rows.classes)
    func report(_ solver: OrthantWise) throws {
      try progress(solver.iterations, solver.value, solver.gradientNorm)
    }
    func isNear(_ solver: OrthantWise) -> Bool {
      let square = Vectors.dot(solver.subgradient, solver.subgradient)
      return square <= 2 * penalty.l2 * limits.tolerance * solver.value
        || solver.gradientNorm <= penalty.l1 * limits.tolerance / 2
    }
    if rows.isLarge {
      let rough = objective(Float.self, l2: penalty.l2)
      _ = try solver.minimize(
        { try rough($0, gradient: &$1) }, limit: limits.maxIterations,
        tolerance: max(limits.tolerance, 1e-5), until: isNear, afterEachStep: report)
    }
    let exact = objective(Double.self, l2: penalty.l2)
    let outcome = try solver.minimize(
      { try exact($0, gradient: &$1) }, limit: limits.maxIterations - solver.iterations,
      tolerance: limits.tolerance, until: isNear, afterEachStep: report)
    var gradient = solver.subgradient
    let smooth = try exact(solver.point, gradient: &gradient)
    return LinearSolution(
      parameters: solver.point, value: solver.value, loss: smooth - exact.penalty(solver.point),
      gradientNorm: solver.gradientNorm, iterations: solver.iterations, outcome: outcome)
  }

  private func objective<Scalar>(_: Scalar.Type, l2: Double) -> LinearObjective<Scalar, Loss> {
    LinearObjective(
      rows: rows.rows, loss: loss, outputs: rows.classes, standardization: rows.standardization, l2: l2,
      weights: rows.weights, penalizesBias: penalizesBias)
  }
}

extension TrainingSet {
  /// Whether products in Float are worth their while.
  var isLarge: Bool { rows.count * rows.width * classes >= 1 << 24 }
}
