/// What is known beforehand of the curvature of a linear classifier's objective: about c Z'Z/N + l2 for the weights of
/// each class, with standardized rows Z and one factor c for the loss.
///
/// Features of a network are strongly correlated, and a solver that has to learn that from its steps needs more of them.
/// (For multinomial logistic regression with c = 1/2 this bounds the Hessian: Böhning, 1992. With even probabilities
/// c = 1/C is exact.) By how much it is off on the whole, the solver finds out.
struct Preconditioner {
  private let factor: Cholesky
  private let outputs: Int
  private let biasCurvature: Double

  init?(_ gram: GramMatrix, outputs: Int, curvature: Double, l2: Double, penalizesBias: Bool) {
    // Of Float, in which the matrix was added up, the last bits are not to be trusted.
    let matrix = gram.scaled(by: curvature, addingToDiagonal: l2 + 1e-6 * curvature)
    guard let factor = Cholesky(matrix, size: gram.width) else { return nil }
    self.factor = factor
    self.outputs = outputs
    biasCurvature = curvature + (penalizesBias ? l2 : 0)
  }

  /// The Newton step that would lead to a gradient of this size, if the curvature were right.
  func applied(to vector: [Double]) -> [Double] {
    var result = vector
    result.withUnsafeMutableBufferPointer { result in
      guard let base = result.baseAddress else { return }
      factor.solve(base, columns: outputs)
      for place in factor.size * outputs..<result.count { result[place] /= biasCurvature }
    }
    return result
  }
}
