/// Minimises the objective of a linear model over the same rows for one strength of the penalty after another.
struct LinearSolver {
  /// A minimum, or what was reached of it.
  struct Solution {
    /// The rows of W, then b.
    var parameters: [Double]
    /// Mean loss and penalty.
    var value: Double
    var gradientNorm: Double
    var iterations: Int
    var outcome: LBFGS.Outcome
  }

  let rows: FeatureRows
  let targets: LinearTargets
  let classes: Int
  let standardization: Standardization

  /// The start that treats all classes alike.
  var origin: [Double] { [Double](repeating: 0, count: (rows.width + 1) * classes) }

  /// Whether products in Float are worth their while.
  private var isLarge: Bool { rows.count * rows.width * classes >= 1 << 24 }

  /// Minimises from `start`: in Float as far as that goes where there is much to compute, then in Double.
  ///
  /// It has converged when the objective is known to be at most `tolerance` times its value above the minimum. The
  /// penalty curves the objective by `l2` at least, so that f - min f <= ||gradient||^2 / (2 l2) (Boyd and
  /// Vandenberghe, 2004, section 9.1.2); the biases, which it does not touch, are treated as if it did. Without
  /// a penalty, or beyond what rounding allows, a gradient of next to nothing counts.
  func minimize(
    l2: Double, from start: [Double], tolerance: Double, maxIterations: Int,
    afterEachStep progress: (borrowing LBFGS) throws -> Void = { _ in }
  ) throws -> Solution {
    var solver = LBFGS(start: start)
    if isLarge {
      let rough = objective(Float.self, l2: l2)
      _ = try solver.minimize(
        { rough($0, gradient: &$1) }, limits: .init(iterations: maxIterations, noise: 1e-7),
        until: { Self.isNear($0, l2: l2, tolerance: tolerance, smallest: 1e-6) },
        afterEachStep: progress)
    }
    let exact = objective(Double.self, l2: l2)
    let outcome = try solver.minimize(
      { exact($0, gradient: &$1) }, limits: .init(iterations: maxIterations - solver.iterations),
      until: { Self.isNear($0, l2: l2, tolerance: tolerance, smallest: 1e-13) },
      afterEachStep: progress)
    return Solution(
      parameters: solver.point, value: solver.value, gradientNorm: solver.gradientNorm,
      iterations: solver.iterations, outcome: outcome)
  }

  private static func isNear(
    _ solver: borrowing LBFGS, l2: Double, tolerance: Double, smallest: Double
  ) -> Bool {
    let square = Vectors.dot(solver.gradient, solver.gradient)
    return square <= 2 * l2 * tolerance * solver.value || solver.gradientNorm <= smallest
  }

  private func objective<Scalar>(_: Scalar.Type, l2: Double) -> LinearObjective<Scalar> {
    LinearObjective(
      rows: rows, targets: targets, classes: classes, standardization: standardization, l2: l2)
  }
}
