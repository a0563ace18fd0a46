internal import Foundation

extension LearningRate {
  /// The names that `init(named:peak:epochs:warmup:)` knows.
  public static let names = [
    "constant", "step", "exponential", "inverse-time", "cosine", "restarts", "one-cycle",
  ]

  /// A schedule by its name, perhaps with numbers behind it: `step=4:0.5`.
  ///
  /// | text | what it does | without numbers |
  /// |---|---|---|
  /// | `constant` | the same rate throughout | |
  /// | `step=EPOCHS:FACTOR` | multiplied by the factor after every so many epochs | a third of the run, 0.1 |
  /// | `exponential=FACTOR` | multiplied by the factor over each epoch | what ends at a hundredth |
  /// | `inverse-time=DECAY` | divided by 1 + decay x epochs | what ends at a tenth |
  /// | `cosine=FLOOR` | half a cosine down to this share of the peak | 0 |
  /// | `restarts=EPOCHS:GROWTH` | half cosines one after another, the first of so many epochs, each so many times longer than the one before | equal ones that fill the run: three, or two, four or five where three do not, 1 |
  /// | `one-cycle=RISE` | up in this share of the steps, then down | 0.3 |
  ///
  /// - Parameters:
  ///   - name: one of `names`, with or without numbers.
  ///   - peak: the largest rate.
  ///   - epochs: the number of epochs in all.
  ///   - warmup: epochs of warm-up, perhaps a fraction.
  /// - Throws: `TrainingError` with code `.input` if there is no schedule of this name, the text then lists those that
  ///   there are, or for numbers that it does not take.
  public init(named text: String, peak: Double, epochs: Int, warmup: Double = 0) throws {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    let name = parts[0]
    var given = try Numbers(name: name, text: parts.count > 1 ? parts[1] : nil)
    let rest = max(Double(epochs) - warmup, 1)
    switch name {
    case "constant": self = .constant(peak)
    case "step":
      let every = try given.next("epochs", above: 0) ?? rest / 3
      self = .step(peak, factor: try given.next("factor", above: 0, upTo: 1) ?? 0.1, every: every)
    case "exponential":
      self = .exponential(peak, factor: try given.next("factor", above: 0, upTo: 1) ?? pow(0.01, 1 / rest))
    case "inverse-time": self = .inverseTime(peak, decay: try given.next("decay", above: 0) ?? 9 / rest)
    case "cosine": self = .cosine(peak: peak, floor: try given.next("floor", from: 0, upTo: 1) ?? 0)
    case "restarts":
      let first = try given.next("epochs", from: 1, isWhole: true).map { Int($0) } ?? Self.cycle(within: rest)
      self = .restarts(
        peak: peak, first: first,
        growth: try given.next("growth", from: 1, isWhole: true).map { Int($0) } ?? 1)
    case "one-cycle":
      self = .oneCycle(peak: peak, rise: try given.next("rise", above: 0, below: 1) ?? 0.3)
    default:
      throw TrainingError(
        .input, "there is no schedule “\(name)”; there are \(Self.names.joined(separator: ", "))")
    }
    try given.finish()
    self.warmup = warmup
  }

  /// The length of equal cosines that fill the run, three if that goes; a third of it where none of a few does.
  private static func cycle(within epochs: Double) -> Int {
    let whole = Int(epochs)
    let count = [3, 2, 4, 5].first { whole >= $0 && whole % $0 == 0 } ?? 3
    return max(whole / count, 1)
  }
}

/// Numbers behind a name, separated by colons.
private struct Numbers {
  private let name: String
  private var rest: ArraySlice<Double>

  init(name: String, text: String?) throws {
    self.name = name
    guard let text else {
      rest = []
      return
    }
    rest = try text.split(separator: ":", omittingEmptySubsequences: false).map { part in
      guard let value = Double(part), value.isFinite else {
        throw TrainingError(.input, "\(name) takes numbers separated by colons; “\(part)” is none")
      }
      return value
    }[...]
  }

  /// The next number, if there is one, checked.
  mutating func next(
    _ what: String, above: Double? = nil, from: Double? = nil, upTo: Double? = nil, below: Double? = nil,
    isWhole: Bool = false
  ) throws -> Double? {
    guard let value = rest.popFirst() else { return nil }
    let isLarge = above.map { value > $0 } ?? true && from.map { value >= $0 } ?? true
    let isSmall = below.map { value < $0 } ?? true && value <= upTo ?? 1e6
    guard isLarge, isSmall, !isWhole || value == value.rounded() else {
      let bounds = [
        above.map { "above \($0)" }, from.map { "from \($0)" }, upTo.map { "up to \($0)" },
        below.map { "below \($0)" }, isWhole ? "whole" : nil,
      ].compactMap(\.self)
      throw TrainingError(
        .input, "the \(what) of \(name) must be \(bounds.joined(separator: ", ")), not \(value)")
    }
    return value
  }

  /// Checks that all were taken.
  func finish() throws {
    guard let surplus = rest.first else { return }
    throw TrainingError(.input, "\(name) takes no number \(surplus) more")
  }
}
