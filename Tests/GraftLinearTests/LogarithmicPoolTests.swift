import Foundation
import GraftLinear
import GraftSupport
import Testing
import _GraftTestSupport

@Suite("Classifiers pooled by weights")
struct LogarithmicPoolTests {
  /// Predictions of three classifiers: right now and then, more often the earlier they come, all too sure.
  private struct Drawn {
    let rows = 120
    let classes = 3
    var truth: [Int] = []
    var predictions: [[Double]] = [[], [], []]

    init(seed: UInt64) {
      var generator = SeededGenerator(seed: seed, stream: "predictions")
      for _ in 0..<rows {
        let label = Int(generator.unit() * 3)
        truth.append(label)
        for (member, push) in [1.6, 1.2, 0.0].enumerated() {
          let scores = (0..<classes).map { 3 * generator.normal() + ($0 == label ? 3 * push : 0) }
          let powers = scores.map { exp($0) }
          predictions[member] += powers.map { $0 / powers.reduce(0, +) }
        }
      }
    }

    /// The pooled probabilities of a row by the formula.
    func pooled(_ weights: [Double], _ row: Int) -> [Double] {
      var products = [Double](repeating: 1, count: classes)
      for (weight, values) in zip(weights, predictions) {
        for label in 0..<classes { products[label] *= pow(values[row * classes + label], weight) }
      }
      return products.map { $0 / products.reduce(0, +) }
    }

    /// What the weights minimise.
    func objective(_ weights: [Double], rows: [Int]) -> Double {
      var loss = 0.0
      for row in rows { loss -= log(pooled(weights, row)[truth[row]]) }
      let distance = weights.reduce(0) { $0 + pow($1 - 1.0 / 3, 2) }
      return (loss + 1.5 * distance) / Double(rows.count)
    }
  }

  @Test("The weights have the least loss; what knows nothing gets next to none, what is too sure little")
  func minimum() {
    let drawn = Drawn(seed: 71)
    let pool = LogarithmicPool(probabilities: drawn.predictions, truth: drawn.truth, classes: 3)
    for rows in [Array(0..<120), Array(30..<90)] {
      let weights = pool.weights(rows: rows)
      #expect(weights[0] > weights[1] && weights[1] > 0.1)
      #expect(weights[2] < weights[1] / 3, "\(weights)")
      #expect(weights[0] < 1 && weights[2] >= 0)
      let least = drawn.objective(weights, rows: rows)
      // Weights under a twentieth of the sum are left out, which costs a little.
      for member in 0..<3 where weights[member] > 0 {
        for size in [-1e-3, 1e-3] {
          var moved = weights
          moved[member] += size
          #expect(drawn.objective(moved, rows: rows) > least, "\(member) \(size)")
        }
      }
      let found = pool.probabilities(weights, rows: rows)
      let expected = rows.flatMap { drawn.pooled(weights, $0) }
      for (value, right) in zip(found, expected) { #expect(abs(value - right) < 1e-12) }
      #expect(found.count == expected.count)
    }
  }

  @Test(
    "Of no rows, and of classifiers that say the same, all weights are equal; a probability of 0 is finite")
  func edges() {
    let drawn = Drawn(seed: 72)
    let same = LogarithmicPool(
      probabilities: [drawn.predictions[0], drawn.predictions[0]], truth: drawn.truth, classes: 3)
    #expect(same.weights(rows: []) == [0.5, 0.5])
    let weights = same.weights(rows: Array(0..<120))
    #expect(abs(weights[0] - weights[1]) < 1e-9 && weights[0] > 0)
    let wrong = LogarithmicPool(
      probabilities: [[1, 0, 0, 1], [0.5, 0.5, 0.4, 0.6]], truth: [1, 0], classes: 2)
    let found = wrong.weights(rows: [0, 1])
    #expect(found[0] >= 0 && found[0] < 1e-3)
    #expect(found[1] >= 0 && found[1].isFinite)
    let pooled = wrong.probabilities(found, rows: [0, 1])
    #expect(pooled.allSatisfy { $0.isFinite })
  }
}
