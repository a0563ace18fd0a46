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

  /// Steps at the beginning of which the smoothed loss rests on too few losses to tell a fall from chance: as many as
  /// the smoothing remembers.
  private var unsure: Int { Int((1 / (1 - smoothing)).rounded()) }

  /// The rate at which the smoothed loss falls fastest, over the logarithm of the rate, before it is at its least; nil if
  /// it never falls.
  public var steepest: Double? {
    guard let bottom, bottom >= 2 else { return nil }
    // Central differences: rates are evenly spaced in their logarithm. The first means rest on few losses.
    let first = min(unsure, bottom / 2)
    let slopes = (max(first, 1)..<bottom).map { (step: $0, slope: smoothed[$0 + 1] - smoothed[$0 - 1]) }
    guard let best = slopes.min(by: { $0.slope < $1.slope }), best.slope < 0 else { return nil }
    return rate(at: best.step)
  }

  /// A tenth of the rate with the least smoothed loss: the largest that is surely not too large.
  public var tenthOfBest: Double? { bottom.map { rate(at: $0) / 10 } }

  /// The last rate before the smoothed loss stays more than a tenth above its least; nil where it is above from the
  /// start, or never.
  public var lastHarmless: Double? {
    guard let bottom else { return nil }
    let bound = smoothed[bottom] * 1.1
    guard let last = smoothed.lastIndex(where: { $0 <= bound }), last > unsure, last < smoothed.count - 1
    else { return nil }
    return rate(at: last)
  }

  /// Where a suggested rate comes from.
  public enum Reason: String, Hashable, Sendable, Codable {
    /// The smoothed loss falls fastest there.
    case steepestFall = "steepest fall"
    /// It is a tenth of the rate with the least smoothed loss.
    case tenthOfBest = "a tenth of the rate with the smallest loss"
    /// The loss hardly falls, as where the head starts as good as it can be; it is a tenth of the last rate that does no
    /// harm.
    case tenthOfHarmless = "a tenth of the last rate that does no harm"
  }

  /// The rate to train with as the peak of a schedule, and why: the smaller of `steepest` and `tenthOfBest`; where the
  /// loss falls by less than a tenth, a tenth of `lastHarmless`. Nil if there is none of these, and where the loss falls
  /// by less than that and is still falling at the highest rate: all rates are too small to tell.
  public var advice: (rate: Double, reason: Reason)? {
    if fall < 0.1, let lastHarmless { return (lastHarmless / 10, .tenthOfHarmless) }
    if fall < 0.1, bottom == smoothed.count - 1 { return nil }
    guard let steepest, let tenthOfBest else { return nil }
    return steepest <= tenthOfBest ? (steepest, .steepestFall) : (tenthOfBest, .tenthOfBest)
  }

  /// The rate of `advice`.
  public var suggestion: Double? { advice?.rate }

  /// By which share the smoothed loss falls, from where it is to be trusted to its least.
  private var fall: Double {
    guard let bottom, bottom > unsure else { return 0 }
    return 1 - smoothed[bottom] / smoothed[unsure]
  }
}
