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

  /// Steps in a row that may neither lower the value by more than its rounding nor shrink the gradient.
  private static let patience = 20

  /// How much lower the minimum is, as far as the curvature that was learnt can tell: half of what the slope
  /// along the next step promises. Infinite as long as nothing was learnt.
  package private(set) var expectedDecrease = Double.infinity

  private var memory: CurvatureMemory
  private let preconditioner: Preconditioner?
  /// Whether value and gradient at the start are known.
  private var isMeasured = false

  /// Starts at a point; `memory` steps are remembered. With a preconditioner curvature is not learnt from nothing.
  package init(start: [Double], memory: Int = 10) {
    self.init(start: start, memory: memory, preconditioner: nil)
  }

  init(start: [Double], memory: Int = 10, preconditioner: Preconditioner?) {
    point = start
    gradient = [Double](repeating: 0, count: start.count)
    self.memory = CurvatureMemory(size: memory)
    self.preconditioner = preconditioner
  }

  /// Goes on from a point where value and gradient are known, and the last steps with the changes of the gradient.
  init(
    at point: [Double], value: Double, gradient: [Double],
    after steps: [(step: [Double], change: [Double])], iterations: Int
  ) {
    self.init(start: point)
    (self.value, self.gradient, self.iterations) = (value, gradient, iterations)
    for (step, change) in steps { memory.remember(step: step, change: change) }
    isMeasured = true
  }

  /// The largest magnitude of the gradient's elements.
  package var gradientNorm: Double { Vectors.largestMagnitude(gradient) }

  /// Walks downhill until `isConverged` says so or a limit is reached. A function that is not finite at the start
  /// stalls at once.
  package mutating func minimize(
    _ function: Function, limits: Limits, until isConverged: (borrowing LBFGS) -> Bool,
    afterEachStep progress: (borrowing LBFGS) throws -> Void = { _ in }
  ) throws -> Outcome {
    if !isMeasured {
      value = try function(point, &gradient)
      evaluations += 1
    }
    // The next function may be another.
    isMeasured = false
    let last = iterations + limits.iterations
    guard value.isFinite else { return .stalled }
    var best = (value: value, gradientNorm: gradientNorm, iterations: iterations)
    while true {
      var (direction, slope) = direction()
      if isConverged(self) { return .converged }
      if iterations >= last { return .iterationLimit }
      guard gradientNorm.isFinite else { return .stalled }
      if try !step(function, direction, slope, noise: limits.noise) {
        // What was learnt of the curvature may mislead; the gradient itself does not.
        if memory.isEmpty { return .stalled }
        memory.forget()
        (direction, slope) = self.direction()
        if try !step(function, direction, slope, noise: limits.noise) { return .stalled }
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

  /// The direction of the next step and the slope along it.
  private mutating func direction() -> (direction: [Double], slope: Double) {
    let direction = memory.direction(gradient, preconditioner)
    let slope = Vectors.dot(direction, gradient)
    expectedDecrease = memory.isEmpty && preconditioner == nil ? .infinity : -slope / 2
    return (direction, slope)
  }

  /// Takes one step; false if none leads down.
  private mutating func step(
    _ function: Function, _ direction: [Double], _ slope: Double, noise: Double
  ) rethrows -> Bool {
    guard slope < 0, slope.isFinite else { return false }
    var search = LineSearch(
      point: point, value: value, gradient: gradient, direction: direction, slope: slope,
      noise: noise * abs(value))
    let isFirst = memory.isEmpty && preconditioner == nil
    let length = isFirst ? 1 / Vectors.dot(gradient, gradient).squareRoot() : 1
    let found = try search.run(function, firstLength: length)
    evaluations += search.evaluations
    guard found else { return false }
    var step = search.point
    Vectors.add(-1, point, to: &step)
    var change = search.gradient
    Vectors.add(-1, gradient, to: &change)
    memory.remember(step: step, change: change, preconditioner)
    (point, value, gradient) = (search.point, search.value, search.gradient)
    return true
  }
}
