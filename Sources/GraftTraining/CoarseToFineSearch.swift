internal import Foundation
internal import GraftSupport

/// A random search for the learning rate and the weight decay, first over the whole of two ranges, then around the best:
/// which values to try next, given how those before did.
///
/// Random values find good ones sooner than a grid does, since mostly one of several matters (Bergstra and Bengio, 2012,
/// JMLR 13). Both are drawn log-uniformly: each round of m trials cuts either range into m parts of equal width on the
/// logarithmic scale and draws one value from each, so that few trials leave no large gap (Latin hypercube sampling). From
/// round to round the ranges are a third as wide and lie around the best values so far, beyond the first ones' ends if
/// need be.
///
/// ```swift
/// var trials: [CoarseToFineSearch.Trial] = []
/// while let candidate = search.next(after: trials) {
///   trials.append(candidate.scored(try train(candidate.learningRate, candidate.weightDecay)))
/// }
/// ```
public struct CoarseToFineSearch: Hashable, Sendable {
  /// Values that were tried, or are to be.
  public struct Trial: Hashable, Sendable, Codable {
    /// The round, from 1 on.
    public let round: Int
    /// The largest learning rate of the schedule.
    public let learningRate: Double
    /// The decay of weights for a rate of 1.
    public let weightDecay: Double
    /// The loss and the accuracy on pictures that were held out; nil where it was not tried, or became no number.
    public private(set) var score: TrainingHistory.Score?

    /// The trial with its outcome; nil for a loss that became no number.
    public func scored(_ score: TrainingHistory.Score?) -> Trial {
      var copy = self
      copy.score = score
      return copy
    }
  }

  /// Trials in all.
  public let count: Int
  /// The learning rates of the first round.
  public let learningRates: ClosedRange<Double>
  /// The weight decays of the first round.
  public let weightDecays: ClosedRange<Double>
  /// Fixes what is drawn.
  public let seed: UInt64

  /// A search.
  ///
  /// - Throws: `TrainingError` with code `.input` if there is to be no trial, or a range does not begin above 0.
  public init(
    count: Int, learningRates: ClosedRange<Double> = 1e-5...1e-2,
    weightDecays: ClosedRange<Double> = 1e-5...1e-1, seed: UInt64 = 1
  ) throws {
    guard count > 0 else { throw TrainingError(.input, "a search of \(count) trials; give at least 1") }
    for range in [learningRates, weightDecays] where !(range.lowerBound > 0 && range.upperBound.isFinite) {
      throw TrainingError(
        .input,
        "a search from \(range.lowerBound) to \(range.upperBound): the logarithm needs numbers above 0")
    }
    (self.count, self.learningRates, self.weightDecays, self.seed) = (
      count, learningRates, weightDecays, seed
    )
  }

  /// Trials of each round: half of all, then half of the rest, then the rest; fewer rounds for fewer than eight trials.
  public var rounds: [Int] {
    if count < 4 { return [count] }
    let first = (count + 1) / 2
    if count < 8 { return [first, count - first] }
    let second = (count - first + 1) / 2
    return [first, second, count - first - second]
  }

  /// What to try next; nil when all is tried.
  ///
  /// - Parameter trials: all trials so far, with their outcomes.
  public func next(after trials: [Trial]) -> Trial? {
    var (round, place) = (0, trials.count)
    while round < rounds.count, place >= rounds[round] {
      place -= rounds[round]
      round += 1
    }
    guard round < rounds.count else { return nil }
    let best = Self.best(of: trials[..<(trials.count - place)])
    func draw(_ name: String, _ range: ClosedRange<Double>, _ center: Double?) -> Double {
      var generator = SeededGenerator(seed: seed, stream: "search/\(name)/\(round)")
      let order = generator.permutation(rounds[round])
      let shares = order.map { (Double($0) + generator.unit()) / Double(order.count) }
      let (low, high) = (log(range.lowerBound), log(range.upperBound))
      let width = (high - low) * pow(1.0 / 3, center == nil ? 0 : Double(round))
      let start = center.map { log($0) - width / 2 } ?? low
      return Self.rounded(exp(start + width * shares[place]))
    }
    return Trial(
      round: round + 1, learningRate: draw("learning rate", learningRates, best?.learningRate),
      weightDecay: draw("weight decay", weightDecays, best?.weightDecay))
  }

  /// The trial with the smallest loss, of equals the one with the most right answers, then the earlier one; nil where
  /// none ended with a number.
  public static func best(of trials: some Sequence<Trial>) -> Trial? {
    trials.filter { $0.score != nil }.reduce(nil) { best, trial in
      guard let old = best?.score, let new = trial.score else { return trial }
      return new.loss < old.loss || (new.loss == old.loss && new.accuracy > old.accuracy) ? trial : best
    }
  }

  /// Whether a trial's learning rate lies so near an end of the first range, or beyond it, that the best one may lie
  /// outside: within a tenth of its width.
  public func isNearEdge(_ trial: Trial) -> Bool {
    let (low, high) = (log(learningRates.lowerBound), log(learningRates.upperBound))
    let share = (log(trial.learningRate) - low) / max(high - low, .leastNormalMagnitude)
    return share < 0.1 || share > 0.9
  }

  /// Two digits, so that what is printed is what was tried.
  private static func rounded(_ value: Double) -> Double { Double(String(format: "%.1e", value)) ?? value }
}
