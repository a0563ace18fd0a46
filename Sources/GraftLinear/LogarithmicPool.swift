internal import Foundation

/// Classifiers whose logarithms of probabilities are added up with weights: p is in proportion to the product of each
/// p_s to the power of t_s (the logarithmic opinion pool: Genest and Zidek, 1986).
///
/// The weights, none below 0, are those with the least log loss of predictions that the classifiers made of rows they
/// had not seen (stacking: Wolpert, 1992; Breiman, 1996), plus S/(2N) ||t - 1/S||^2 for S classifiers and N rows: the
/// prior by which any one classifier alone is about as far from equal weights as is to be expected. A classifier that is
/// too sure gets a small weight, so their sum need not be 1.
package struct LogarithmicPool: Sendable {
  /// Of each row, classifier and class, the logarithm of the probability.
  private let logarithms: [Double]
  private let truth: [Int]
  private let classes: Int
  private let members: Int

  /// Of a probability of 0 the logarithm would outweigh everything.
  private static let floor = 1e-300
  private static let steps = 500
  /// Weights below this share of their sum change little, and cost a layer of the model each.
  private static let least = 0.05

  /// Takes the probabilities of each classifier, rows x classes, and the class of each row.
  package init(probabilities: [[Double]], truth: [Int], classes: Int) {
    self.truth = truth
    self.classes = classes
    members = probabilities.count
    var logarithms = [Double](repeating: 0, count: truth.count * probabilities.count * classes)
    for (member, values) in probabilities.enumerated() {
      for row in truth.indices {
        for label in 0..<classes {
          logarithms[(row * members + member) * classes + label] =
            log(max(values[row * classes + label], Self.floor))
        }
      }
    }
    self.logarithms = logarithms
  }

  /// The weights by some rows, by gradients that are projected (Barzilai and Borwein's lengths; Birgin, Martínez and
  /// Raydan, 2000, with monotone steps).
  package func weights(rows: [Int]) -> [Double] {
    guard !rows.isEmpty else { return [Double](repeating: 1 / Double(members), count: members) }
    var weights = [Double](repeating: 1 / Double(members), count: members)
    var (value, gradient) = loss(weights, rows)
    var length = 1.0
    for _ in 0..<Self.steps {
      var next = weights
      var (nextValue, nextGradient) = (value, gradient)
      for _ in 0..<60 {
        next = zip(weights, gradient).map { max($0 - length * $1, 0) }
        (nextValue, nextGradient) = loss(next, rows)
        let slope = zip(gradient, zip(next, weights)).reduce(0) { $0 + $1.0 * ($1.1.0 - $1.1.1) }
        if nextValue <= value + 1e-4 * slope { break }
        length /= 2
      }
      let moves = zip(next, weights).map { $0 - $1 }
      guard nextValue <= value, moves.contains(where: { abs($0) > 1e-7 }) else { break }
      let change = zip(nextGradient, gradient).map { $0 - $1 }
      let (square, curvature) = (Vectors.dot(moves, moves), Vectors.dot(moves, change))
      length = curvature > 0 ? min(max(square / curvature, 1e-6), 1e6) : 1
      (weights, value, gradient) = (next, nextValue, nextGradient)
    }
    let sum = weights.reduce(0, +)
    return weights.map { $0 < Self.least * sum ? 0 : $0 }
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

  /// The mean log loss and the penalty, and their gradient.
  private func loss(_ weights: [Double], _ rows: [Int]) -> (value: Double, gradient: [Double]) {
    let count = Double(rows.count)
    let (equal, strength) = (1 / Double(members), Double(members) / (2 * count))
    var (value, gradient) = (0.0, [Double](repeating: 0, count: members))
    var scores = [Double](repeating: 0, count: classes)
    for row in rows {
      let label = truth[row]
      let (sum, own) = exponentiate(weights, row, &scores)
      value += log(sum) - own
      for place in 0..<classes { scores[place] /= sum }
      scores[label] -= 1
      for member in 0..<members {
        let start = (row * members + member) * classes
        var slope = 0.0
        for place in 0..<classes { slope += scores[place] * logarithms[start + place] }
        gradient[member] += slope
      }
    }
    value /= count
    for member in 0..<members {
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
    let largest = scores.max() ?? 0
    let own = scores[truth[row]] - largest
    var sum = 0.0
    for place in 0..<classes {
      scores[place] = exp(scores[place] - largest)
      sum += scores[place]
    }
    return (sum, own)
  }
}
