/// The squared hinge loss of one linear support vector machine a class against the rest, added up over classes:
/// sum_j max(0, 1 - t_j s_j)^2, where t is 1 for the row's own class and -1 for the others. That of scikit-learn's
/// `LinearSVC` (Fan and others, 2008, LIBLINEAR, formula 4).
package struct SquaredHingeLoss: RowLoss {
  private let classIndices: [Int]

  /// The loss of rows with class indices, one a row.
  package init(classIndices: [Int]) { self.classIndices = classIndices }

  package var isAlikeWithinClasses: Bool { true }

  package func residual<Scalar: DenseScalar>(
    _ row: Int, _ scores: UnsafeMutablePointer<Scalar>, outputs: Int
  ) -> Double {
    let label = classIndices[row]
    var loss = 0.0
    for place in 0..<outputs {
      let sign: Scalar = place == label ? 1 : -1
      let shortfall = max(0, 1 - sign * scores[place])
      loss += Double(shortfall) * Double(shortfall)
      scores[place] = -2 * sign * shortfall
    }
    return loss
  }

  /// That within the margin.
  package func curvature(outputs: Int) -> Double { 2 }
}

extension SquaredHingeLoss: PiecewiseQuadraticLoss {
  package static var separatesClasses: Bool { true }

  package func writeCurvature(
    _ row: Int, _ scores: UnsafePointer<Double>, outputs: Int, to factors: UnsafeMutablePointer<Double>
  ) {
    let label = classIndices[row]
    for place in 0..<outputs {
      factors[place] = (place == label ? scores[place] : -scores[place]) < 1 ? 2 : 0
    }
  }

  package func curve(
    _ row: Int, _ change: UnsafeMutablePointer<Double>, by factors: UnsafePointer<Double>, outputs: Int
  ) {
    for place in 0..<outputs { change[place] *= factors[place] }
  }
}
