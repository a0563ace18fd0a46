internal import Foundation
internal import GraftSupport

/// How far the figures of an evaluation would move with other pictures of the same kind.
///
/// The pictures are drawn anew with replacement, as many as there are, and the figures computed of each draw; an interval
/// reaches from the 2.5th to the 97.5th percentile of what comes out (Efron and Tibshirani, 1993, "An Introduction to the
/// Bootstrap", section 13.3), with NumPy's linear interpolation. The draws are fixed by the seed.
public struct BootstrapIntervals: Hashable, Sendable {
  /// From where to where.
  public struct Interval: Hashable, Sendable, Codable {
    /// The lower end.
    public let lower: Double
    /// The upper end.
    public let upper: Double

    /// An interval.
    public init(lower: Double, upper: Double) {
      self.lower = lower
      self.upper = upper
    }
  }

  /// The share of draws inside an interval.
  public static let level = 0.95

  /// How many draws there were.
  public let draws: Int
  /// What fixed them.
  public let seed: UInt64
  /// Of the share of pictures whose likeliest class is the right one.
  public let accuracy: Interval?
  /// Of the share of pictures whose right class is among the likeliest few.
  public let topAccuracy: Interval?
  /// Of the mean recall of the classes that have pictures in the draw.
  public let balancedAccuracy: Interval?
  /// Of the mean F1.
  public let macroF1: Interval?
  /// Of the mean log loss.
  public let logLoss: Interval?
  /// Of the Brier score.
  public let brier: Interval?
  /// Of the expected calibration error. Chance alone makes it larger than 0, the more so the fewer pictures.
  public let expectedCalibrationError: Interval?

  /// Draws pictures anew.
  ///
  /// - Parameters:
  ///   - judged: what was said about the pictures.
  ///   - draws: how many times, at least 1.
  ///   - seed: fixes the draws.
  /// - Precondition: `draws` is at least 1.
  public init(_ judged: JudgedPictures, draws: Int = 1000, seed: UInt64 = 0) {
    precondition(draws >= 1, "\(draws) draws; at least 1 is needed")
    let sample = BootstrapSample(judged)
    var figures = [BootstrapSample.Figures](repeating: .init(), count: draws)
    figures.withUnsafeMutableBufferPointer { buffer in
      // Each call writes its own element.
      ThreadPool.shared.forEach(draws) { draw in
        var generator = SeededGenerator(seed: seed, stream: "bootstrap \(draw)")
        buffer[draw] = sample.draw(&generator)
      }
    }
    self.draws = draws
    self.seed = seed
    accuracy = Self.interval(figures.map(\.accuracy))
    topAccuracy = Self.interval(figures.map(\.topAccuracy))
    balancedAccuracy = Self.interval(figures.map(\.balancedAccuracy))
    macroF1 = Self.interval(figures.map(\.macroF1))
    logLoss = Self.interval(figures.map(\.logLoss))
    brier = Self.interval(figures.map(\.brier))
    expectedCalibrationError = Self.interval(figures.map(\.calibrationError))
  }

  /// The middle 95 % of some values; nil where one is no number.
  static func interval(_ values: [Double]) -> Interval? {
    guard !values.isEmpty, values.allSatisfy(\.isFinite) else { return nil }
    let sorted = values.sorted()
    func quantile(_ share: Double) -> Double {
      let place = share * Double(sorted.count - 1)
      let below = Int(place)
      let above = min(below + 1, sorted.count - 1)
      return sorted[below] + (place - Double(below)) * (sorted[above] - sorted[below])
    }
    return Interval(lower: quantile((1 - level) / 2), upper: quantile(1 - (1 - level) / 2))
  }
}

extension BootstrapIntervals: Encodable {
  private enum CodingKeys: String, CodingKey {
    case level
    case draws
    case seed
    case accuracy = "top1"
    case topAccuracy = "top5"
    case balancedAccuracy
    case macroF1
    case logLoss
    case brier
    case expectedCalibrationError
  }

  /// Writes the intervals under the names of their figures; null where there is none.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(Self.level, forKey: .level)
    try values.encode(draws, forKey: .draws)
    try values.encode(seed, forKey: .seed)
    try values.encode(accuracy, forKey: .accuracy)
    try values.encode(topAccuracy, forKey: .topAccuracy)
    try values.encode(balancedAccuracy, forKey: .balancedAccuracy)
    try values.encode(macroF1, forKey: .macroF1)
    try values.encode(logLoss, forKey: .logLoss)
    try values.encode(brier, forKey: .brier)
    try values.encode(expectedCalibrationError, forKey: .expectedCalibrationError)
  }
}

/// The pictures that are drawn from, and the figures of a draw.
struct BootstrapSample: Sendable {
  struct Figures: Sendable {
    var accuracy = Double.nan
    var topAccuracy = Double.nan
    var balancedAccuracy = Double.nan
    var macroF1 = Double.nan
    var logLoss = Double.nan
    var brier = Double.nan
    var calibrationError = Double.nan
  }

  private let outcomes: [PictureOutcome]
  private let bins: [Int?]
  private let width: Int

  init(_ judged: JudgedPictures) {
    outcomes = judged.outcomes
    width = judged.classes.count
    let tally = ReliabilityTally(bins: Reliability.binCount)
    bins = outcomes.map { tally.bin(of: Double($0.probability)) }
  }

  /// Draws as many pictures as there are and computes their figures.
  func draw(_ generator: inout SeededGenerator) -> Figures {
    guard !outcomes.isEmpty else { return Figures() }
    var (hits, topHits, loss, squares) = (0, 0, 0.0, 0.0)
    var support = [Int](repeating: 0, count: width)
    var given = support
    var right = support
    var reliability = ReliabilityTally(bins: Reliability.binCount)
    for _ in outcomes.indices {
      let row = generator.below(outcomes.count)
      let outcome = outcomes[row]
      support[outcome.label] += 1
      given[outcome.predicted] += 1
      if outcome.isRight {
        hits += 1
        right[outcome.label] += 1
      }
      if outcome.rank < min(Evaluation.guesses, width) { topHits += 1 }
      loss += outcome.loss
      squares += outcome.squaredError
      reliability.add(bins[row], Double(outcome.probability), right: outcome.isRight)
    }
    let count = Double(outcomes.count)
    let present = support.indices.filter { support[$0] > 0 }
    return Figures(
      accuracy: Double(hits) / count, topAccuracy: Double(topHits) / count,
      balancedAccuracy: present.reduce(0) { $0 + Double(right[$1]) / Double(support[$1]) }
        / Double(present.count),
      macroF1: support.indices.reduce(0) {
        let cases = support[$1] + given[$1]
        return cases == 0 ? $0 : $0 + 2 * Double(right[$1]) / Double(cases)
      } / Double(width), logLoss: loss / count, brier: squares / count,
      calibrationError: reliability.expectedError)
  }
}
