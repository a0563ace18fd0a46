internal import Foundation

/// The log loss of multinomial logistic regression: -ln softmax(s)[y] for the scores s of a row of class y.
///
/// With label smoothing e over C classes it is -sum_j t_j ln softmax(s)[j] with targets t_y = 1 - e + e / C and e / C
/// for the other classes (Szegedy et al., 2016, arXiv 1512.00567).
package struct MultinomialLoss: RowLoss {
  private let classIndices: [Int]
  private let labelSmoothing: Double

  /// The loss of rows with class indices, one a row; `labelSmoothing` is in 0...1.
  package init(classIndices: [Int], labelSmoothing: Double = 0) {
    self.classIndices = classIndices
    self.labelSmoothing = labelSmoothing
  }

  package var isAlikeWithinClasses: Bool { true }

  package func residual<Scalar: DenseScalar>(
    _ row: Int, _ scores: UnsafeMutablePointer<Scalar>, outputs: Int
  ) -> Double {
    let label = classIndices[row]
    let largest = Scalar.largest(scores, count: outputs)
    let spread = labelSmoothing / Double(outputs)
    var own = (1 - labelSmoothing) * (Double(scores[label]) - Double(largest))
    if spread > 0 {
      for place in 0..<outputs { own += spread * (Double(scores[place]) - Double(largest)) }
    }
    let sum = Scalar.exponentiate(scores, count: outputs, largest: largest)
    let factor = Scalar(1 / sum)
    for place in 0..<outputs { scores[place] = scores[place] * factor - Scalar(spread) }
    scores[label] -= Scalar(1 - labelSmoothing)
    return log(sum) - own
  }

  /// That of even probabilities: the Hessian is diag(p) - p p'.
  package func curvature(outputs: Int) -> Double { 1 / Double(outputs) }
}
