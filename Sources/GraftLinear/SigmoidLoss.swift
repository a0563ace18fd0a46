internal import Foundation

/// The log loss of one logistic regression a class, added up over classes: sum_j ln(1 + exp(s_j)) - sum_{j in Y} s_j
/// for the scores s of a row that belongs to the classes Y.
package struct SigmoidLoss: RowLoss {
  private let labelSets: LabelSets

  /// The loss of rows that belong to any number of classes.
  package init(labelSets: LabelSets) { self.labelSets = labelSets }

  package func residual<Scalar: DenseScalar>(
    _ row: Int, _ scores: UnsafeMutablePointer<Scalar>, outputs: Int
  ) -> Double {
    var loss = 0.0
    for label in labelSets[row] { loss -= Double(scores[label]) }
    for place in 0..<outputs {
      let score = scores[place]
      let power = Scalar.exponential(-abs(score))
      loss += Double(max(score, 0)) + log1p(Double(power))
      scores[place] = (score < 0 ? power : 1) / (1 + power)
    }
    for label in labelSets[row] { scores[label] -= 1 }
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
