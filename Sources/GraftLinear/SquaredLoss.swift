/// Half the square of what the scores of a row differ from its numbers by, added up over them.
package struct SquaredLoss: RowLoss {
  private let values: [Float]

  /// The loss of rows with as many numbers each as there are scores.
  package init(values: [Float]) { self.values = values }

  package func residual<Scalar: DenseScalar>(
    _ row: Int, _ scores: UnsafeMutablePointer<Scalar>, outputs: Int
  ) -> Double {
    var loss = 0.0
    for place in 0..<outputs {
      let difference = Double(scores[place]) - Double(values[row * outputs + place])
      scores[place] = Scalar(difference)
      loss += 0.5 * difference * difference
    }
    return loss
  }

  package func curvature(outputs: Int) -> Double { 1 }
}
