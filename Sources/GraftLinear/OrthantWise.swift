/// The orthant-wise quasi-Newton method (Andrew and Gao, 2007) for a smooth convex function plus l1 times the sum
/// of the magnitudes of the first parameters. Knows no classifier.
///
/// Within an orthant, where no parameter changes its sign, that sum is linear; each step stays in the orthant that
/// leads downhill, and parameters that would leave it become 0.
struct OrthantWise {
  private(set) var point: [Double]
  /// With the penalty on magnitudes.
  private(set) var value = Double.nan
  private(set) var iterations = 0
  /// The subgradient of the smallest norm.
  private(set) var subgradient: [Double]

  private var gradient: [Double]
  private var memory = CurvatureMemory(size: 20)
  private let l1: Double
  /// How many parameters, from the first on, the penalty is on.
  private let penalizedCount: Int

  /// Steps over which progress is judged.
  private static let window = 10
  private static let trials = 40
  /// The share of the promised decrease that must come true.
  private static let decrease = 1e-4

  init(start: [Double], l1: Double, penalizedCount: Int) {
    point = start
    gradient = [Double](repeating: 0, count: start.count)
    subgradient = gradient
    self.l1 = l1
    self.penalizedCount = penalizedCount
  }

  var gradientNorm: Double { Vectors.largestMagnitude(subgradient) }

  /// Walks downhill until `isConverged` says so, `window` steps together gain less than a tenth of `tolerance` times
  /// the value, or `limit` steps were taken.
  mutating func minimize(
    _ function: LBFGS.Function, limit: Int, tolerance: Double, until isConverged: (OrthantWise) -> Bool,
    afterEachStep progress: (OrthantWise) throws -> Void = { _ in }
  ) throws -> LBFGS.Outcome {
    value = try function(point, &gradient) + penalty(point)
    guard value.isFinite else { return .stalled }
    var values = [value]
    let last = iterations + limit
    while true {
      updateSubgradient()
      if isConverged(self) { return .converged }
      if values.count > Self.window,
        values[values.count - 1 - Self.window] - value <= tolerance / 10 * abs(value)
      {
        return .converged
      }
      if iterations >= last { return .iterationLimit }
      if try !step(function) {
        if memory.isEmpty { return .stalled }
        memory.forget()
        if try !step(function) { return .stalled }
      }
      iterations += 1
      values.append(value)
      try progress(self)
    }
  }

  private func penalty(_ point: [Double]) -> Double {
    l1 * point.prefix(penalizedCount).reduce(0) { $0 + abs($1) }
  }

  private mutating func updateSubgradient() {
    for index in point.indices {
      let slope = gradient[index]
      guard index < penalizedCount else {
        subgradient[index] = slope
        continue
      }
      subgradient[index] =
        if point[index] != 0 {
          slope + (point[index] > 0 ? l1 : -l1)
        } else if slope + l1 < 0 {
          slope + l1
        } else if slope - l1 > 0 {
          slope - l1
        } else {
          0
        }
    }
  }

  /// Takes one step; false if none leads down.
  private mutating func step(_ function: LBFGS.Function) rethrows -> Bool {
    var direction = memory.direction(subgradient)
    // Not against the direction of steepest descent.
    for index in direction.indices where direction[index] * subgradient[index] >= 0 { direction[index] = 0 }
    let slope = Vectors.dot(direction, subgradient)
    guard slope < 0, slope.isFinite else { return false }
    var length = memory.isEmpty ? 1 / Vectors.dot(subgradient, subgradient).squareRoot() : 1
    var nextGradient = gradient
    for _ in 0..<Self.trials {
      let next = projected(direction, length)
      let nextValue = try function(next, &nextGradient) + penalty(next)
      var step = next
      Vectors.add(-1, point, to: &step)
      let promised = Vectors.dot(subgradient, step)
      // What rounding makes of the value may hide the decrease near the minimum.
      if nextValue <= value + Self.decrease * promised + 1e-15 * abs(value), promised < 0 {
        var change = nextGradient
        Vectors.add(-1, gradient, to: &change)
        memory.remember(step: step, change: change)
        (point, value, gradient) = (next, nextValue, nextGradient)
        return true
      }
      length /= 2
    }
    return false
  }

  /// The point at a length along a direction, with what left the orthant at 0.
  private func projected(_ direction: [Double], _ length: Double) -> [Double] {
    var next = point
    Vectors.add(length, direction, to: &next)
    for index in 0..<penalizedCount {
      let side = point[index] != 0 ? point[index] : -subgradient[index]
      if next[index] * side <= 0 { next[index] = 0 }
    }
    return next
  }
}
