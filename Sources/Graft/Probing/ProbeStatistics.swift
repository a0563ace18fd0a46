internal import Foundation

/// Figures of held-out predictions and how sure they are.
///
/// Pictures of one group (see `LookAlikeGroups`) are right or wrong together, so they count for less than as many
/// independent ones. Standard errors are those of sums over groups (cluster-robust: Liang and Zeger, 1986, with the
/// factor G / (G - 1) for G groups).
package struct ProbeStatistics: Sendable {
  /// The class of each row.
  let truth: [Int]
  /// A number for each row, the same for rows of a group.
  let groups: [Int]
  let classes: Int

  /// Figures of rows of the classes `truth`; rows of one key are a group.
  package init(truth: [Int], keys: [String], classes: Int) {
    self.truth = truth
    self.classes = classes
    var numbers: [String: Int] = [:]
    groups = keys.map { key in
      if let number = numbers[key] { return number }
      numbers[key] = numbers.count
      return numbers.count - 1
    }
  }

  /// 1 for each row whose likeliest class is the right one, else 0; of equally likely ones the first counts.
  package func hits(_ probabilities: [Double]) -> [Double] {
    Self.hits(probabilities, truth: truth, classes: classes)
  }

  /// The same for rows of other classes; one that is not among them is never hit.
  static func hits(_ probabilities: [Double], truth: [Int], classes: Int) -> [Double] {
    truth.enumerated().map { row, label in
      let values = probabilities[row * classes..<(row + 1) * classes]
      return values.firstIndex(of: values.max() ?? 0) == values.startIndex + label ? 1 : 0
    }
  }

  /// -ln of the probability of each row's class.
  package func losses(_ probabilities: [Double]) -> [Double] {
    truth.enumerated().map { -log(max(probabilities[$0 * classes + $1], 1e-300)) }
  }

  /// The standard error of the mean of a value a row.
  package func standardError(_ values: [Double]) -> Double {
    let mean = Self.mean(values)
    var sums: [Int: Double] = [:]
    for (group, value) in zip(groups, values) { sums[group, default: 0] += value - mean }
    let count = Double(sums.count)
    guard count > 1 else { return .infinity }
    let squares = sums.sorted { $0.key < $1.key }.reduce(0) { $0 + $1.value * $1.value }
    return (squares * count / (count - 1)).squareRoot() / Double(values.count)
  }

  /// Wilson's interval for a share, at 95 %, with the number of rows divided by the design effect: by how many times the
  /// variance over groups is larger than that of independent rows (Kish, 1965), and at least 1.
  package func interval(_ hits: [Double]) -> ClosedRange<Double> {
    let (share, count) = (Self.mean(hits), Double(hits.count))
    guard count > 0 else { return 0...1 }
    let independent = share * (1 - share) / count
    let error = standardError(hits)
    let effect = independent > 0 && error.isFinite ? max(error * error / independent, 1) : 1
    return Self.wilson(share, count / effect)
  }

  /// Wilson, 1927, "Probable inference, the law of succession, and statistical inference".
  package static func wilson(_ share: Double, _ count: Double) -> ClosedRange<Double> {
    let z = 1.959964
    let middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    let half =
      z / (1 + z * z / count) * (share * (1 - share) / count + z * z / (4 * count * count)).squareRoot()
    return max(middle - half, 0)...min(middle + half, 1)
  }

  /// The mean; not a number for no values.
  package static func mean(_ values: [Double]) -> Double {
    values.isEmpty ? .nan : values.reduce(0, +) / Double(values.count)
  }
}

/// By how much one way of predicting does better than another on the same pictures.
public struct ProbeDifference: Sendable, Hashable, Encodable {
  /// The difference of the accuracies, from -1 to 1.
  public let accuracy: Double
  /// Its standard error, over groups of look-alike pictures.
  public let standardError: Double

  /// Whether the difference is larger than its standard error.
  public var isBeyondNoise: Bool { accuracy > standardError }

  init(_ a: [Double], over b: [Double], _ statistics: ProbeStatistics) {
    let differences = zip(a, b).map { $0 - $1 }
    accuracy = ProbeStatistics.mean(differences)
    standardError = statistics.standardError(differences)
  }
}
