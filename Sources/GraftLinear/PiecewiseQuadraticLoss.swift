/// A loss that is quadratic between kinks, such as a squared hinge: its second derivatives are known, and change from
/// row to row as rows come within the margin or leave it.
package protocol PiecewiseQuadraticLoss: RowLoss {
  /// Whether the loss is a sum over classes, each of its own score alone.
  static var separatesClasses: Bool { get }

  /// Writes a factor for each class, from which `curve` knows the second derivatives at the scores of a row.
  func writeCurvature(
    _ row: Int, _ scores: UnsafePointer<Double>, outputs: Int, to factors: UnsafeMutablePointer<Double>)

  /// Replaces a change of the scores of a row by the change of the derivatives that the second derivatives make of it;
  /// where classes are separate, each by its factor.
  func curve(
    _ row: Int, _ change: UnsafeMutablePointer<Double>, by factors: UnsafePointer<Double>, outputs: Int)
}
