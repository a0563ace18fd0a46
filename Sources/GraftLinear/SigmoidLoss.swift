internal import Foundation

/// The log loss of one logistic regression a class, added up over classes: sum_j ln(1 + exp(s_j)) - sum_{j in Y} s_j
/// for the scores s of a row that belongs to the classes Y.
///
/// With label smoothing e the targets are 1 - e / 2 for these classes and e / 2 for the others.
package struct SigmoidLoss: RowLoss {
  private let labelSets: LabelSets
  private let labelSmoothing: Double

  /// The loss of rows that belong to any number of classes; `labelSmoothing` is in 0...1.
  package init(labelSets: LabelSets, labelSmoothing: Double = 0) {
    self.labelSets = labelSets
    self.labelSmoothing = labelSmoothing
  }

  package func residual<Scalar: DenseScalar>(
    _ row: Int, _ scores: UnsafeMutablePointer<Scalar>, outputs: Int
  ) -> Double {
    var loss = 0.0
    let spread = labelSmoothing / 2
    for label in labelSets[row] { loss -= (1 - labelSmoothing) * Double(scores[label]) }
    for place in 0..<outputs {
      let score = scores[place]
      let power = Scalar.exponential(-abs(score))
      loss += Double(max(score, 0)) + log1p(Double(power)) - spread * Double(score)
      scores[place] = (score < 0 ? power : 1) / (1 + power) - Scalar(spread)
    }
    for label in labelSets[row] { scores[label] -= Scalar(1 - labelSmoothing) }
    return loss
  }

  /// That of a probability of one half.
  package func curvature(outputs: Int) -> Double { 0.25 }
}

/// The classes of each of many rows.
package struct LabelSets: Sendable, Hashable {
  private var ends: [Int] = [0]
  private var labels: [Int] = []

  /// Takes the class indices of each row.
  package init(_ sets: some Sequence<[Int]>) {
    for set in sets {
      labels += set
      ends.append(labels.count)
    }
  }

  /// The number of rows.
  package var count: Int { ends.count - 1 }

  /// The classes of a row.
  package subscript(row: Int) -> ArraySlice<Int> { labels[ends[row]..<ends[row + 1]] }

  /// The sets of some rows.
  func chosen(_ rows: [Int]) -> LabelSets { LabelSets(rows.lazy.map { Array(self[$0]) }) }
}
