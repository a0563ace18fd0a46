internal import Foundation

/// The log loss of multinomial logistic regression: -ln softmax(s)[y] for the scores s of a row of class y.
package struct MultinomialLoss: RowLoss {
  private let classIndices: [Int]

  /// The loss of rows with class indices, one a row.
  package init(classIndices: [Int]) { self.classIndices = classIndices }

  package func residual<Scalar: DenseScalar>(
    _ row: Int, _ scores: UnsafeMutablePointer<Scalar>, outputs: Int
  ) -> Double {
    let label = classIndices[row]
    var largest = scores[0]
    for place in 1..<outputs { largest = max(largest, scores[place]) }
    let own = Double(scores[label]) - Double(largest)
    var sum = 0.0
    for place in 0..<outputs {
      let value = Scalar.exponential(scores[place] - largest)
      scores[place] = value
      sum += Double(value)
    }
    let factor = Scalar(1 / sum)
    for place in 0..<outputs { scores[place] *= factor }
    scores[label] -= 1
    return log(sum) - own
  }

  /// That of even probabilities: the Hessian is diag(p) - p p'.
  package func curvature(outputs: Int) -> Double { 1 / Double(outputs) }
}
