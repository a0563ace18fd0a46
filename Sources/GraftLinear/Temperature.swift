internal import Foundation

/// What scores are divided by, so that softmax makes probabilities of them (Guo and others, 2017).
///
/// The temperature is that of the lowest log loss on scores of rows that the classifier was not fitted to. So that it
/// is above 0 even where all of them are right, the truth counts as 1 - e and the other classes as e / (C - 1), with
/// e = 1 / (N + 2) (after Platt, 1999).
enum Temperature {
  /// The range that is searched, as powers of ten times the deviation of the scores.
  private static let decades = -6.0...6.0

  /// Finds the temperature.
  static func fit(scores: [Double], classIndices: [Int], classes: Int) -> Double {
    let mean = scores.reduce(0, +) / Double(max(scores.count, 1))
    let deviation = (scores.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(max(scores.count, 1)))
      .squareRoot()
    guard deviation > 0, deviation.isFinite else { return 1 }
    // The loss is convex in 1 / T, so its slope changes sign once.
    var (low, high) = (decades.lowerBound, decades.upperBound)
    for _ in 0..<60 {
      let middle = (low + high) / 2
      let inverse = powerOfTen(-middle) / deviation
      if slope(inverse, scores, classIndices, classes) > 0 { low = middle } else { high = middle }
    }
    return powerOfTen((low + high) / 2) * deviation
  }

  /// The derivative of the log loss by 1 / T.
  private static func slope(
    _ inverse: Double, _ scores: [Double], _ classIndices: [Int], _ classes: Int
  ) -> Double {
    let doubt = 1 / Double(classIndices.count + 2)
    var total = 0.0
    for (row, label) in classIndices.enumerated() {
      let own = scores[row * classes..<(row + 1) * classes]
      let largest = own.max() ?? 0
      var (sum, weighted, plain) = (0.0, 0.0, 0.0)
      for score in own {
        let power = exp((score - largest) * inverse)
        sum += power
        weighted += power * (score - largest)
        plain += score - largest
      }
      let truth = scores[row * classes + label] - largest
      let target = (1 - doubt) * truth + doubt / Double(classes - 1) * (plain - truth)
      total += weighted / sum - target
    }
    return total
  }
}
