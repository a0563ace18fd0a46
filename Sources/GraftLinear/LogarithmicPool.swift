internal import Foundation

/// Classifiers whose logarithms of probabilities are added up with weights: p is in proportion to the product of each
/// p_s to the power of t_s (the logarithmic opinion pool: Genest and Zidek, 1986).
///
/// The weights, none below 0, are those with the least log loss of predictions that the classifiers made of rows they
/// had not seen (stacking: Wolpert, 1992; Breiman, 1996), plus S/(2N) ||t - 1/S||^2 for S classifiers and N rows: the
/// prior by which any one classifier alone is about as far from equal weights as is to be expected. A classifier that is
/// too sure gets a small weight, so their sum need not be 1. Those of little weight are left out, and the others weighted
/// anew.
package struct LogarithmicPool: Sendable {
  /// Of each row, classifier and class, the logarithm of the probability.
  private let logarithms: [Double]
  private let truth: [Int]
  private let classes: Int
  private let members: Int

  private static let steps = 500
  /// Where no weight would move further by a gradient's step.
  private static let still = 1e-6
  /// What is below this share of the largest weight changes little, and costs a layer of the model.
  private static let least = 0.125

  /// Takes the logarithms of each classifier's probabilities, rows x classes, and the class of each row.
  package init(logarithms parts: [[Double]], truth: [Int], classes: Int) {
    self.truth = truth
    self.classes = classes
    members = parts.count
    var logarithms = [Double](repeating: 0, count: truth.count * parts.count * classes)
    for (member, values) in parts.enumerated() {
      for row in truth.indices {
        let target = (row * parts.count + member) * classes
        for label in 0..<classes { logarithms[target + label] = values[row * classes + label] }
      }
    }
    self.logarithms = logarithms
  }

  /// Takes the probabilities of each classifier, rows x classes, and the class of each row. Of a probability of 0 the
  /// logarithm would outweigh everything; it counts as 1e-300.
  package init(probabilities: [[Double]], truth: [Int], classes: Int) {
    self.init(
      logarithms: probabilities.map { $0.map { log(max($0, 1e-300)) } }, truth: truth, classes: classes)
  }

  /// The weights by some rows; of the best classifier alone it is 1, if that predicts them as well.
  package func weights(rows: [Int]) -> [Double] {
    guard !rows.isEmpty else { return [Double](repeating: 1 / Double(members), count: members) }
    var (kept, pooled) = (Array(0..<members), [Double]())
    while true {
      pooled = minimum(rows, among: kept)
      let enough = Self.least * (pooled.max() ?? 0)
      let next = kept.filter { pooled[$0] > 0 && pooled[$0] >= enough }
      guard !next.isEmpty, next.count < kept.count else { break }
      kept = next
    }
    let best = single(rows: rows)
    return pooled.contains { $0 > 0 } && loss(pooled, rows: rows) < loss(best, rows: rows) ? pooled : best
  }

  /// A weight of 1 for the classifier with the least log loss of some rows.
  package func single(rows: [Int]) -> [Double] {
    func alone(_ member: Int) -> [Double] { (0..<members).map { $0 == member ? 1 : 0 } }
    let losses = (0..<members).map { loss(alone($0), rows: rows) }
    return alone(losses.indices.dropFirst().reduce(0) { losses[$1] < losses[$0] ? $1 : $0 })
  }

  /// The mean log loss of some rows.
  package func loss(_ weights: [Double], rows: [Int]) -> Double { loss(weights, rows, among: []).value }

  /// The weights of some classifiers, all others being 0, by gradients that are projected (Barzilai and Borwein's lengths;
  /// Birgin, Martínez and Raydan, 2000, with monotone steps).
  private func minimum(_ rows: [Int], among chosen: [Int]) -> [Double] {
    var weights = [Double](repeating: 0, count: members)
    for member in chosen { weights[member] = 1 / Double(chosen.count) }
    var (value, gradient) = loss(weights, rows, among: chosen)
    var length = 1.0
    func moved(_ length: Double) -> [Double] { zip(weights, gradient).map { max($0 - length * $1, 0) } }
    for _ in 0..<Self.steps {
      guard zip(moved(1), weights).contains(where: { abs($0 - $1) > Self.still }) else { break }
      var next = weights
      var (nextValue, nextGradient) = (value, gradient)
      for _ in 0..<60 {
        next = moved(length)
        (nextValue, nextGradient) = loss(next, rows, among: chosen)
        let slope = zip(gradient, zip(next, weights)).reduce(0) { $0 + $1.0 * ($1.1.0 - $1.1.1) }
        if nextValue <= value + 1e-4 * slope { break }
        length /= 2
      }
      guard nextValue < value else { break }
      let moves = zip(next, weights).map { $0 - $1 }
      let change = zip(nextGradient, gradient).map { $0 - $1 }
      let (square, curvature) = (Vectors.dot(moves, moves), Vectors.dot(moves, change))
      length = curvature > 0 ? min(max(square / curvature, 1e-9), 1e6) : 1
      (weights, value, gradient) = (next, nextValue, nextGradient)
    }
    return weights
  }

  /// The probabilities of some rows, one after the other.
  package func probabilities(_ weights: [Double], rows: [Int]) -> [Double] {
    var result: [Double] = []
    result.reserveCapacity(rows.count * classes)
    var scores = [Double](repeating: 0, count: classes)
    for row in rows {
      let (sum, _) = exponentiate(weights, row, &scores)
      result += scores.map { $0 / sum }
    }
    return result
  }

  /// The mean log loss with the penalty on some classifiers' weights, and the gradient for these.
  private func loss(
    _ weights: [Double], _ rows: [Int], among chosen: [Int]
  ) -> (value: Double, gradient: [Double]) {
    let count = Double(rows.count)
    var (value, gradient) = (0.0, [Double](repeating: 0, count: members))
    var scores = [Double](repeating: 0, count: classes)
    for row in rows {
      let label = truth[row]
      let (sum, own) = exponentiate(weights, row, &scores)
      value += log(sum) - own
      for place in 0..<classes { scores[place] /= sum }
      scores[label] -= 1
      for member in chosen {
        let start = (row * members + member) * classes
        var slope = 0.0
        for place in 0..<classes { slope += scores[place] * logarithms[start + place] }
        gradient[member] += slope
      }
    }
    value /= count
    let (equal, strength) = (1 / Double(max(chosen.count, 1)), Double(chosen.count) / (2 * count))
    for member in chosen {
      let distance = weights[member] - equal
      value += strength * distance * distance
      gradient[member] = gradient[member] / count + 2 * strength * distance
    }
    return (value, gradient)
  }

  /// Writes e to the power of the pooled scores of a row less the largest, and returns their sum, and the score of the
  /// row's class less the largest.
  private func exponentiate(
    _ weights: [Double], _ row: Int, _ scores: inout [Double]
  ) -> (sum: Double, own: Double) {
    for place in 0..<classes { scores[place] = 0 }
    for member in 0..<members where weights[member] != 0 {
      let start = (row * members + member) * classes
      for place in 0..<classes { scores[place] += weights[member] * logarithms[start + place] }
    }
    let label = truth[row]
    return scores.withUnsafeMutableBufferPointer { scores in
      guard let base = scores.baseAddress else { return (0, 0) }
      let largest = Double.largest(base, count: classes)
      let own = scores[label] - largest
      return (Double.exponentiate(base, count: classes, largest: largest), own)
    }
  }
}
