internal import Foundation
internal import GraftSupport

/// Finds the penalty that predicts held-out rows best.
///
/// Where one strength is to be found, all that a method names are gone through from strong to weak, until three in a row
/// are no better than the best so far. Where l1 and l2 are, their sum and l1's share of it are drawn at random
/// (Bergstra and Bengio, 2012), and then again near the best.
///
/// Judged by log loss before accuracy: among few pictures one more or less decides on accuracy, and strengths that differ
/// a thousandfold share the same.
struct PenaltySearch {
  var l1: PenaltyStrength
  var l2: PenaltyStrength
  var rule: SelectionRule
  var seed: UInt64

  /// How many strengths in a row may be no better than the best before a path ends.
  static let patience = 3
  /// Draws over the whole range, and then near the best.
  private static let draws = (coarse: 20, fine: 10)

  /// Whether there is something to find.
  var isNeeded: Bool { l1 == .auto || l2 == .auto }

  /// Judges penalties and chooses one.
  func run<Method>(
    _ validation: inout CrossValidation<Method>, strengths: [Double],
    progress: (_ done: Int, _ total: Int) throws -> Void
  ) throws -> RegularizationPath {
    let folds = validation.folds
    let isRandom = l1 == .auto && l2 == .auto
    let total = (isRandom ? Self.draws.coarse + Self.draws.fine : strengths.count) * folds
    var points: [RegularizationPath.Point] = []
    func judge(_ penalty: Penalty) throws {
      let done = points.count * folds
      points.append(try validation.judge(penalty) { try progress(done + $0, total) })
    }
    if isRandom {
      for penalty in drawn(Self.draws.coarse, strengths: strengths, near: nil) { try judge(penalty) }
      let best = points[Self.choice(among: points)]
      for penalty in drawn(Self.draws.fine, strengths: strengths, near: best) { try judge(penalty) }
      points.sort { $0.strength > $1.strength }
    } else {
      for strength in strengths.sorted(by: >) {
        try judge(Penalty(l1: l1.value ?? strength, l2: l2.value ?? strength))
        if Self.choice(among: points) <= points.count - 1 - Self.patience { break }
      }
    }
    try progress(total, total)
    return RegularizationPath(
      points: points, chosen: Self.choice(among: points, rule), folds: folds, rows: validation.rows)
  }

  /// Penalties drawn at random, from strong to weak: the logarithm of l1 + l2 and the share of l1 are uniform, over the
  /// whole range or around a point.
  private func drawn(
    _ count: Int, strengths: [Double], near point: RegularizationPath.Point?
  ) -> [Penalty] {
    var generator = SeededGenerator(seed: seed, stream: point == nil ? "penalties" : "penalties nearby")
    var (low, high) = (log10(strengths.min() ?? 1), log10(strengths.max() ?? 1))
    var shares = 0.0...1.0
    if let point {
      let middle = log10(point.strength)
      (low, high) = (max(low, middle - 0.5), min(high, middle + 0.5))
      let share = (point.l1 ?? 0) / point.strength
      shares = max(share - 0.25, 0)...min(share + 0.25, 1)
    }
    let penalties = (0..<count).map { _ in
      let strength = powerOfTen(low + (high - low) * generator.unit())
      let share = shares.lowerBound + (shares.upperBound - shares.lowerBound) * generator.unit()
      return Penalty(l1: strength * share, l2: strength * (1 - share))
    }
    return penalties.sorted { $0.strength > $1.strength }
  }

  /// The place of the one to take of points that go from strong to weak.
  static func choice(among points: [RegularizationPath.Point], _ rule: SelectionRule = .best) -> Int {
    let best = points.indices.dropFirst().reduce(0) { best, place in
      let (a, b) = (points[place], points[best])
      return a.logLoss < b.logLoss || (a.logLoss == b.logLoss && a.accuracy > b.accuracy) ? place : best
    }
    guard rule == .oneStandardError else { return best }
    let bound = points[best].logLoss + points[best].logLossStandardError
    return points.firstIndex { $0.logLoss <= bound } ?? best
  }
}

extension RegularizationPath.Point {
  /// How strong the penalty is, to sort by.
  var strength: Double { l2 + (l1 ?? 0) }

  /// The standard error of the mean over folds of the log loss.
  public var logLossStandardError: Double {
    let count = Double(foldLogLosses.count)
    guard count > 1 else { return 0 }
    let mean = foldLogLosses.reduce(0, +) / count
    let squares = foldLogLosses.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return (squares / (count - 1) / count).squareRoot()
  }
}
