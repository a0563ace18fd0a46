/// The limited-memory quasi-Newton method of Broyden, Fletcher, Goldfarb and Shanno (Nocedal, 1980; Liu and
/// Nocedal, 1989) for smooth functions without constraints. Knows no classifier.
///
/// It holds its place between calls: a function can be minimised roughly in low precision first, and then, with the
/// curvature learnt, in full.
package struct LBFGS {
  /// Writes the gradient at a point and returns the value.
  package typealias Function = (_ point: [Double], _ gradient: inout [Double]) throws -> Double

  /// When to stop.
  package struct Limits {
    /// Steps to take at most.
    package var iterations: Int
    /// How much of the value, as a share of its magnitude, may be rounding.
    package var noise: Double

    /// When to stop.
    package init(iterations: Int, noise: Double = 1e-13) {
      self.iterations = iterations
      self.noise = noise
    }
  }

  /// Why it stopped.
  package enum Outcome: String, Sendable, Codable {
    /// As close to the minimum as was asked for.
    case converged
    /// The steps were used up.
    case iterationLimit
    /// No step along the gradient leads further down: the precision of the function is exhausted.
    case stalled
  }

  /// Where it stands.
  package private(set) var point: [Double]
  package private(set) var value = Double.nan
  package private(set) var gradient: [Double]
  /// Steps taken since the start.
  package private(set) var iterations = 0
  /// Calls of functions since the start.
  package private(set) var evaluations = 0

  private struct Pair {
    var step: [Double]
    var change: [Double]
    /// step · change, positive.
    var curvature: Double
  }

  /// Steps in a row that may neither lower the value by more than its rounding nor shrink the gradient.
  private static let patience = 20

  private let memory: Int
  private var pairs: [Pair] = []

  /// Starts at a point; `memory` steps are remembered.
  package init(start: [Double], memory: Int = 10) {
    precondition(memory > 0, "at least one step must be remembered, not \(memory)")
    point = start
    gradient = [Double](repeating: 0, count: start.count)
    self.memory = memory
  }

  /// The largest magnitude of the gradient's elements.
  package var gradientNorm: Double { Vectors.largestMagnitude(gradient) }

  /// Walks downhill until `isConverged` says so or a limit is reached. A function that is not finite at the start
  /// stalls at once.
  package mutating func minimize(
    _ function: Function, limits: Limits, until isConverged: (borrowing LBFGS) -> Bool,
    afterEachStep progress: (borrowing LBFGS) throws -> Void = { _ in }
  ) throws -> Outcome {
    value = try function(point, &gradient)
    evaluations += 1
    let last = iterations + limits.iterations
    guard value.isFinite else { return .stalled }
    var best = (value: value, gradientNorm: gradientNorm, iterations: iterations)
    while true {
      if isConverged(self) { return .converged }
      if iterations >= last { return .iterationLimit }
      guard gradientNorm.isFinite else { return .stalled }
      if try !step(function, noise: limits.noise) {
        // What was learnt of the curvature may mislead; the gradient itself does not.
        if pairs.isEmpty { return .stalled }
        pairs = []
        if try !step(function, noise: limits.noise) { return .stalled }
      }
      iterations += 1
      try progress(self)
      // Values alone do not tell: near the minimum the gradient still shrinks when they no longer change.
      if value < best.value - limits.noise * abs(value) || gradientNorm < best.gradientNorm * 0.99 {
        best = (min(value, best.value), min(gradientNorm, best.gradientNorm), iterations)
      } else if iterations - best.iterations >= Self.patience {
        return .stalled
      }
    }
  }

  /// Takes one step; false if none leads down.
  private mutating func step(_ function: Function, noise: Double) rethrows -> Bool {
    let direction = direction()
    let slope = Vectors.dot(direction, gradient)
    guard slope < 0, slope.isFinite else { return false }
    var search = LineSearch(
      point: point, value: value, gradient: gradient, direction: direction, slope: slope,
      noise: noise * abs(value))
    let length = pairs.isEmpty ? 1 / Vectors.dot(gradient, gradient).squareRoot() : 1
    let found = try search.run(function, firstLength: length)
    evaluations += search.evaluations
    guard found else { return false }
    var step = search.point
    Vectors.add(-1, point, to: &step)
    var change = search.gradient
    Vectors.add(-1, gradient, to: &change)
    let curvature = Vectors.dot(step, change)
    if curvature > Double.ulpOfOne * Vectors.dot(change, change) {
      if pairs.count == memory { pairs.removeFirst() }
      pairs.append(Pair(step: step, change: change, curvature: curvature))
    }
    (point, value, gradient) = (search.point, search.value, search.gradient)
    return true
  }

  /// The direction of the quasi-Newton step (the two-loop recursion).
  private func direction() -> [Double] {
    var direction = gradient.map { -$0 }
    var shares = [Double](repeating: 0, count: pairs.count)
    for index in pairs.indices.reversed() {
      shares[index] = Vectors.dot(pairs[index].step, direction) / pairs[index].curvature
      Vectors.add(-shares[index], pairs[index].change, to: &direction)
    }
    if let newest = pairs.last {
      let factor = newest.curvature / Vectors.dot(newest.change, newest.change)
      for index in direction.indices { direction[index] *= factor }
    }
    for index in pairs.indices {
      let share = Vectors.dot(pairs[index].change, direction) / pairs[index].curvature
      Vectors.add(shares[index] - share, pairs[index].step, to: &direction)
    }
    return direction
  }
}
