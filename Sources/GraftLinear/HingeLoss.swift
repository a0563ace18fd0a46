/// The multiclass hinge loss of Weston and Watkins (1999): sum_{j != y} max(0, s_j - s_y + 1) for the scores s of a row
/// of class y; in a form that solvers for smooth functions take.
///
/// Each hinge is the largest a m over 0 <= a <= 1, where m = s_j - s_y + 1. With multipliers a0 that are known
/// approximately it is replaced by the largest a m - (a - a0)^2 / (2 sigma), which is smooth, and equal to it once a0 is
/// right (the method of multipliers: Rockafellar, 1976).
package struct HingeLoss: RowLoss {
  let classIndices: [Int]
  let multipliers: Multipliers
  /// How stiff it is; the larger, the closer to the hinge.
  var sigma: Double

  /// An estimate for each row and class, from 0 to 1.
  package final class Multipliers: @unchecked Sendable {
    let values: UnsafeMutableBufferPointer<Double>

    init(count: Int) {
      values = .allocate(capacity: count)
      values.initialize(repeating: 0)
    }

    deinit { values.deallocate() }
  }

  /// The loss of rows with class indices, one a row, with multipliers of 0.
  package init(classIndices: [Int], outputs: Int, sigma: Double) {
    self.classIndices = classIndices
    self.sigma = sigma
    multipliers = Multipliers(count: classIndices.count * outputs)
  }

  package func residual<Scalar: DenseScalar>(
    _ row: Int, _ scores: UnsafeMutablePointer<Scalar>, outputs: Int
  ) -> Double {
    let label = classIndices[row]
    let own = Double(scores[label])
    var (loss, sum) = (0.0, 0.0)
    for place in 0..<outputs where place != label {
      let margin = Double(scores[place]) - own + 1
      let known = multipliers.values[row * outputs + place]
      let multiplier = min(max(known + sigma * margin, 0), 1)
      loss += multiplier * margin - (multiplier - known) * (multiplier - known) / (2 * sigma)
      scores[place] = Scalar(multiplier)
      sum += multiplier
    }
    scores[label] = Scalar(-sum)
    return loss
  }

  package func curvature(outputs: Int) -> Double { sigma / 2 }

  /// Improves the multipliers of a row at scores; returns the hinge loss there, and the sum of the multipliers.
  func update(
    _ row: Int, _ scores: UnsafePointer<Double>, outputs: Int
  ) -> (loss: Double, multipliers: Double) {
    let label = classIndices[row]
    var (loss, sum) = (0.0, 0.0)
    for place in 0..<outputs where place != label {
      let margin = scores[place] - scores[label] + 1
      let index = row * outputs + place
      let multiplier = min(max(multipliers.values[index] + sigma * margin, 0), 1)
      multipliers.values[index] = multiplier
      loss += max(margin, 0)
      sum += multiplier
    }
    return (loss, sum)
  }
}

extension HingeLoss: PiecewiseQuadraticLoss {
  package static var separatesClasses: Bool { false }

  package func writeCurvature(
    _ row: Int, _ scores: UnsafePointer<Double>, outputs: Int, to factors: UnsafeMutablePointer<Double>
  ) {
    let label = classIndices[row]
    for place in 0..<outputs {
      let multiplier = multipliers.values[row * outputs + place] + sigma * (scores[place] - scores[label] + 1)
      factors[place] = place != label && multiplier > 0 && multiplier < 1 ? sigma : 0
    }
  }

  package func curve(
    _ row: Int, _ change: UnsafeMutablePointer<Double>, by factors: UnsafePointer<Double>, outputs: Int
  ) {
    let own = change[classIndices[row]]
    var sum = 0.0
    for place in 0..<outputs {
      change[place] = (change[place] - own) * factors[place]
      sum += change[place]
    }
    change[classIndices[row]] = -sum
  }
}
