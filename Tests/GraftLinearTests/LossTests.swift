import Foundation
import GraftLinear
import GraftSupport
import GraftTensor
import Testing

@Suite("Losses of rows")
struct LossTests {
  private static let outputs = 4

  /// Checks a loss's derivatives by central differences, and its value against the formula.
  private func check(_ loss: some RowLoss, rows: Int, _ formula: (_ row: Int, _ scores: [Double]) -> Double) {
    var generator = SeededGenerator(seed: 50, stream: "scores")
    func value(_ row: Int, _ scores: [Double]) -> (loss: Double, residual: [Double]) {
      var scores = scores
      let value = scores.withUnsafeMutableBufferPointer { scores in
        scores.baseAddress.map { loss.residual(row, $0, outputs: Self.outputs) } ?? .nan
      }
      return (value, scores)
    }
    for row in 0..<rows {
      let scores = (0..<Self.outputs).map { _ in 1.5 * generator.normal() }
      let (found, residual) = value(row, scores)
      #expect(abs(found - formula(row, scores)) < 1e-12)
      for place in 0..<Self.outputs {
        var (above, below) = (scores, scores)
        above[place] += 1e-6
        below[place] -= 1e-6
        let difference = (formula(row, above) - formula(row, below)) / 2e-6
        #expect(abs(residual[place] - difference) < 1e-7, "row \(row), score \(place)")
      }
      var single = scores.map { Float($0) }
      let rough = single.withUnsafeMutableBufferPointer { scores in
        scores.baseAddress.map { loss.residual(row, $0, outputs: Self.outputs) } ?? .nan
      }
      #expect(abs(rough - found) < 1e-5 * max(found, 1))
    }
  }

  private let classIndices = [0, 3, 1, 2, 2, 0, 1, 3]

  @Test("multinomial logistic regression")
  func multinomial() {
    check(MultinomialLoss(classIndices: classIndices), rows: 8) { row, scores in
      log(scores.reduce(0) { $0 + exp($1) }) - scores[classIndices[row]]
    }
  }

  @Test("with targets that label smoothing spreads, over all classes or over yes and no")
  func smoothed() {
    let share = 0.15
    check(MultinomialLoss(classIndices: classIndices, labelSmoothing: share), rows: 8) { row, scores in
      scores.indices.reduce(log(scores.reduce(0) { $0 + exp($1) })) { loss, place in
        loss - (share / 4 + (place == classIndices[row] ? 1 - share : 0)) * scores[place]
      }
    }
    let sets = [[0], [], [1, 3], [0, 1, 2, 3], [2], [3, 0], [], [1]]
    check(SigmoidLoss(labelSets: LabelSets(sets), labelSmoothing: share), rows: 8) { row, scores in
      scores.indices.reduce(0) { loss, place in
        let target = share / 2 + (sets[row].contains(place) ? 1 - share : 0)
        return loss + target * log(1 + exp(-scores[place])) + (1 - target) * log(1 + exp(scores[place]))
      }
    }
  }

  @Test("a logistic regression for each class, with any number of them in a row")
  func sigmoid() {
    let sets = [[0], [], [1, 3], [0, 1, 2, 3], [2], [3, 0], [], [1]]
    check(SigmoidLoss(labelSets: LabelSets(sets)), rows: 8) { row, scores in
      scores.enumerated().reduce(0) { sum, score in
        sum + log(1 + exp(sets[row].contains(score.offset) ? -score.element : score.element))
      }
    }
  }

  @Test("the squared hinge, one class against the rest")
  func squaredHinge() {
    check(SquaredHingeLoss(classIndices: classIndices), rows: 8) { row, scores in
      scores.enumerated().reduce(0) { sum, score in
        let shortfall = max(0, 1 - (score.offset == classIndices[row] ? 1 : -1) * score.element)
        return sum + shortfall * shortfall
      }
    }
  }

  @Test("the smoothed multiclass hinge: of each hinge the largest a m - a^2 / (2 sigma) over 0...1")
  func hinge() {
    let sigma = 0.7
    check(HingeLoss(classIndices: classIndices, outputs: 4, sigma: sigma), rows: 8) { row, scores in
      scores.indices.filter { $0 != classIndices[row] }.reduce(0) { sum, place in
        let margin = scores[place] - scores[classIndices[row]] + 1
        let multiplier = min(max(sigma * margin, 0), 1)
        return sum + multiplier * margin - multiplier * multiplier / (2 * sigma)
      }
    }
  }
}
