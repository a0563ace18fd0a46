/// The limited-memory quasi-Newton method of Broyden, Fletcher, Goldfarb and Shanno (Nocedal, 1980; Liu and
/// Nocedal, 1989) for smooth functions without constraints. Knows no classifier.
///
/// It holds its place between calls: a function can be minimised roughly in low precision first, and then, with the
/// curvature learnt, in full.
struct LBFGS {
  /// Writes the gradient at a point and returns the value.
  typealias Function = (_ point: [Double], _ gradient: inout [Double]) throws -> Double

  /// When to stop.
  struct Limits {
    /// Steps to take at most.
    var iterations: Int
    /// How much of the value, as a share of its magnitude, may be rounding.
    var noise = 1e-13
  }

  /// Why it stopped.
  enum Outcome: String, Sendable, Codable {
    /// As close to the minimum as was asked for.
    case converged
    /// The steps were used up.
    case iterationLimit
    /// No step along the gradient leads further down: the precision of the function is exhausted.
    case stalled
  }

  /// Where it stands.
  private(set) var point: [Double]
  private(set) var value = Double.nan
  private(set) var gradient: [Double]
  /// Steps taken since the start.
  private(set) var iterations = 0
  /// Calls of functions since the start.
  private(set) var evaluations = 0

  private struct Pair {
    var step: [Double]
    var change: [Double]
    /// step · change, positive.
    var curvature: Double
  }

  private let memory: Int
  private var pairs: [Pair] = []

  /// Starts at a point; `memory` steps are remembered.
  init(start: [Double], memory: Int = 10) {
    precondition(memory > 0, "at least one step must be remembered, not \(memory)")
    point = start
    gradient = [Double](repeating: 0, count: start.count)
    self.memory = memory
  }

  /// The largest magnitude of the gradient's elements.
  var gradientNorm: Double { Vectors.largestMagnitude(gradient) }

  /// Walks downhill until `isConverged` says so or a limit is reached. A function that is not finite at the start
  /// stalls at once.
  mutating func minimize(
    _ function: Function, limits: Limits, until isConverged: (borrowing LBFGS) -> Bool,
    afterEachStep progress: (borrowing LBFGS) throws -> Void = { _ in }
  ) rethrows -> Outcome {
    value = try function(point, &gradient)
    evaluations += 1
    let last = iterations + limits.iterations
    guard value.isFinite else { return .stalled }
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
