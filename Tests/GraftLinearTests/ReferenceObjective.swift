import Foundation
import GraftLinear
import GraftTensor

/// The multinomial objective as its formula is written, in Double.
struct ReferenceObjective {
  let rows: [[Double]]
  let classIndices: [Int]
  let classes: Int
  let l2: Double

  init(
    features: Tensor, classIndices: [Int], classes: Int, standardization: Standardization, l2: Double
  ) {
    let width = features.shape[1]
    rows = (0..<features.shape[0]).map { row in
      (0..<width).map {
        (Double(features.scalars[row * width + $0]) - standardization.mean[$0]) / standardization.scale[$0]
      }
    }
    self.classIndices = classIndices
    self.classes = classes
    self.l2 = l2
  }

  /// Parameters: the rows of W, then b.
  func probabilities(_ row: [Double], _ parameters: [Double]) -> [Double] {
    let powers = (0..<classes).map { label in
      exp(
        row.indices.reduce(parameters[row.count * classes + label]) {
          $0 + row[$1] * parameters[$1 * classes + label]
        })
    }
    let sum = powers.reduce(0, +)
    return powers.map { $0 / sum }
  }

  func value(_ parameters: [Double]) -> Double {
    var loss = 0.0
    for (row, label) in zip(rows, classIndices) { loss -= log(probabilities(row, parameters)[label]) }
    let weights = parameters.dropLast(classes)
    return loss / Double(rows.count) + l2 / 2 * weights.reduce(0) { $0 + $1 * $1 }
  }

  /// The derivative for each parameter by central differences, good to about 1e-9.
  func differences(_ parameters: [Double], step: Double = 1e-5) -> [Double] {
    parameters.indices.map { index in
      var (above, below) = (parameters, parameters)
      above[index] += step
      below[index] -= step
      return (value(above) - value(below)) / (2 * step)
    }
  }
}
