internal import Foundation

/// A search for the learning rate: a short run whose rate grows exponentially while its losses are watched (Smith, 2017,
/// arXiv 1506.01186, section 3.3).
///
/// ```swift
/// var test = RateRangeTest()
/// for step in 0..<test.steps where !test.hasDiverged {
///   test.record(loss: try run.step(…, learningRate: test.rate(at: step)))
/// }
/// print(test.suggestion)
/// ```
public struct RateRangeTest: Hashable, Sendable, Codable {
  /// The first rate.
  public let lowest: Double
  /// The last rate.
  public let highest: Double
  /// Steps from the first to the last.
  public let steps: Int
  /// The weight of the past in the smoothed loss.
  public let smoothing: Double
  /// The loss of each step so far, as it was.
  public private(set) var losses: [Double] = []
  /// The loss of each step so far as an exponential mean over it and those before, corrected for its start at zero:
  /// a = s a + (1 - s) loss; a / (1 - s^k) after k steps.
  public private(set) var smoothed: [Double] = []
  private var mean = 0.0

  /// A test that has not begun.
  ///
  /// - Parameters:
  ///   - lowest: the first rate.
  ///   - highest: the last rate.
  ///   - steps: steps from the first to the last, at least 2.
  ///   - smoothing: the weight of the past in the smoothed loss, in 0..<1.
  /// - Precondition: all of them lie in these bounds, and 0 < `lowest` < `highest`.
  public init(lowest: Double = 1e-7, highest: Double = 1, steps: Int = 100, smoothing: Double = 0.9) {
    precondition(
      lowest > 0 && lowest < highest && steps >= 2 && (0..<1).contains(smoothing),
      "a range test from \(lowest) to \(highest) in \(steps) steps, smoothed by \(smoothing)")
    (self.lowest, self.highest, self.steps, self.smoothing) = (lowest, highest, steps, smoothing)
  }

  /// The rate of a step, from 0 on: each is the same number of times larger than the one before.
  public func rate(at step: Int) -> Double {
    lowest * pow(highest / lowest, Double(step) / Double(steps - 1))
  }

  /// Takes the mean loss of the next step; one that is not a number ends the test.
  public mutating func record(loss: Double) {
    losses.append(loss)
    mean = smoothing * mean + (1 - smoothing) * loss
    smoothed.append(mean / (1 - pow(smoothing, Double(losses.count))))
  }

  /// Whether the test is over before its end: the smoothed loss is more than four times its least, or not a number.
  public var hasDiverged: Bool {
    guard let last = smoothed.last else { return false }
    return !last.isFinite || last > 4 * (smoothed.min() ?? last)
  }

  /// The step with the least smoothed loss.
  private var bottom: Int? {
    let finite = smoothed.prefix { $0.isFinite }
    return finite.indices.min { finite[$0] < finite[$1] }
  }

  /// The rate at which the smoothed loss falls fastest, over the logarithm of the rate, before it is at its least; nil if
  /// it never falls.
  public var steepest: Double? {
    guard let bottom, bottom >= 2 else { return nil }
    // Central differences: rates are evenly spaced in their logarithm.
    let slopes = (1..<bottom).map { (step: $0, slope: smoothed[$0 + 1] - smoothed[$0 - 1]) }
    guard let best = slopes.min(by: { $0.slope < $1.slope }), best.slope < 0 else { return nil }
    return rate(at: best.step)
  }

  /// A tenth of the rate with the least smoothed loss: the largest that is surely not too large.
  public var tenthOfBest: Double? { bottom.map { rate(at: $0) / 10 } }

  /// The rate to train with as the peak of a schedule: the smaller of `steepest` and `tenthOfBest`; nil if the loss
  /// never fell.
  public var suggestion: Double? {
    guard let steepest, let tenthOfBest else { return nil }
    return min(steepest, tenthOfBest)
  }
}
