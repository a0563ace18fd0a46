/// The loss of a row as a function of its scores; one file for each.
package protocol RowLoss: Sendable {
  /// Turns the scores of a row into the derivatives of its loss by them, and returns the loss.
  func residual<Scalar: DenseScalar>(
    _ row: Int, _ scores: UnsafeMutablePointer<Scalar>, outputs: Int
  ) -> Double

  /// Whether rows of one class with the same scores have the same loss.
  var isAlikeWithinClasses: Bool { get }

  /// A typical second derivative of the loss by a score, from which a solver starts.
  func curvature(outputs: Int) -> Double
}

extension RowLoss {
  package var isAlikeWithinClasses: Bool { false }
}
