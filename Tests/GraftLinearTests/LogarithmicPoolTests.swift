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

    /// What the weights of some classifiers minimise.
    func objective(_ weights: [Double], of kept: [Int], rows: [Int]) -> Double {
      var loss = 0.0
      for row in rows { loss -= log(pooled(weights, row)[truth[row]]) }
      let share = 1 / Double(kept.count)
      let distance = kept.reduce(0) { $0 + pow(weights[$1] - share, 2) }
      return (loss + Double(kept.count) / 2 * distance) / Double(rows.count)
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
      let kept = (0..<3).filter { weights[$0] > 0 }
      let least = drawn.objective(weights, of: kept, rows: rows)
      // At the minimum for those that are not left out.
      for member in kept {
        for size in [-1e-3, 1e-3] {
          var moved = weights
          moved[member] += size
          #expect(drawn.objective(moved, of: kept, rows: rows) > least, "\(member) \(size)")
        }
      }
      let found = pool.probabilities(weights, rows: rows)
      let expected = rows.flatMap { drawn.pooled(weights, $0) }
      for (value, right) in zip(found, expected) { #expect(abs(value - right) < 1e-12) }
      #expect(found.count == expected.count)
    }
  }

  @Test(
    "Many classifiers that say nearly the same are not all left out; of none that helps, the best is taken")
  func many() {
    let drawn = Drawn(seed: 73)
    var generator = SeededGenerator(seed: 74, stream: "noise")
    let rows = Array(0..<40)
    for count in [20, 40] {
      var alike: [[Double]] = []
      for _ in 0..<count {
        alike.append(drawn.predictions[0].map { $0 * (1 + 0.05 * generator.unit()) + 1e-6 })
      }
      let pool = LogarithmicPool(probabilities: alike, truth: drawn.truth, classes: 3)
      let weights = pool.weights(rows: rows)
      #expect(weights.reduce(0, +) > 0.3, "\(weights)")
      #expect(pool.loss(weights, rows: rows) <= pool.loss(pool.single(rows: rows), rows: rows))
    }
    // What is always wrong deserves no weight; but something must be said.
    let wrong = drawn.truth.flatMap { label in (0..<3).map { $0 == label ? 0.01 : 0.495 } }
    let pool = LogarithmicPool(
      probabilities: [wrong, wrong.map { $0 * 0.9 + 0.03 }], truth: drawn.truth, classes: 3)
    #expect(pool.weights(rows: Array(0..<120)) == [0, 1])
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
