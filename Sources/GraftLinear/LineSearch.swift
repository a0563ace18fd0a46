/// A step length along a direction that satisfies the strong Wolfe conditions.
///
/// Brackets such a length and closes in by cubic interpolation (Nocedal and Wright, 2006, section 3.5). Where the
/// expected decrease drowns in rounding, the slopes alone decide (the approximate Wolfe conditions of Hager and
/// Zhang, 2005), so that the method converges to the precision of the gradient, not of the value.
struct LineSearch {
  /// Where the search stands: after `run`, the point found.
  private(set) var point: [Double]
  private(set) var value: Double
  private(set) var gradient: [Double]
  private(set) var evaluations = 0

  private let origin: [Double]
  private let direction: [Double]
  private let start: Trial
  private let noise: Double

  /// A length with the value and the slope there.
  private struct Trial {
    var length: Double
    var value: Double
    var slope: Double
  }

  /// The share of the decrease promised by the slope that must come true.
  private static let decrease = 1e-4
  /// The share of the slope that may be left.
  private static let curvature = 0.9
  private static let trials = 40

  /// Prepares a search from `point`, where the function has `value` and `gradient` and descends with `slope` along
  /// `direction`; `noise` is how much of the value may be rounding.
  init(
    point: [Double], value: Double, gradient: [Double], direction: [Double], slope: Double, noise: Double
  ) {
    origin = point
    self.point = point
    self.value = value
    self.gradient = gradient
    self.direction = direction
    self.noise = noise
    start = Trial(length: 0, value: value, slope: slope)
  }

  /// Searches from `firstLength` on; false if there is no lower point to be found.
  mutating func run(_ function: LBFGS.Function, firstLength: Double) rethrows -> Bool {
    var low = start
    var high: Trial?
    var length = firstLength
    for _ in 0..<Self.trials {
      let trial = try evaluate(function, at: length)
      let bound = start.value + Self.decrease * length * start.slope + noise
      if !(trial.value <= bound && trial.slope.isFinite) || trial.slope > -Self.curvature * start.slope {
        high = trial
      } else if trial.slope < Self.curvature * start.slope {
        low = trial
      } else {
        return true
      }
      let next = Self.next(low, high)
      if next == length || next == low.length { break }
      length = next
    }
    // Not steep enough an end, but lower.
    guard low.length > 0 else { return false }
    let trial = try evaluate(function, at: low.length)
    return trial.value <= start.value + noise
  }

  private mutating func evaluate(_ function: LBFGS.Function, at length: Double) rethrows -> Trial {
    point = origin
    Vectors.add(length, direction, to: &point)
    value = try function(point, &gradient)
    evaluations += 1
    return Trial(length: length, value: value, slope: Vectors.dot(gradient, direction))
  }

  /// The next length to try: beyond `low` while nothing bounds the search, else between the two.
  private static func next(_ low: Trial, _ high: Trial?) -> Double {
    guard let high else { return low.length * 3 }
    let width = high.length - low.length
    guard high.value.isFinite, high.slope.isFinite else { return low.length + width * 0.1 }
    // The minimum of the cubic through both values and slopes, away from the ends.
    let d1 = low.slope + high.slope - 3 * (high.value - low.value) / width
    let square = d1 * d1 - low.slope * high.slope
    guard square >= 0 else { return low.length + width / 2 }
    let d2 = square.squareRoot()
    let share = 1 - (high.slope + d2 - d1) / (high.slope - low.slope + 2 * d2)
    guard share.isFinite else { return low.length + width / 2 }
    return low.length + width * min(max(share, 0.1), 0.9)
  }
}
