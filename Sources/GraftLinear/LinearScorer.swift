internal import Foundation
internal import GraftTensor

/// The probabilities of one row, in Double and in one fixed order.
struct LinearScorer: Sendable {
  private let kernel: Tensor
  private let bias: Tensor

  init(kernel: Tensor, bias: Tensor) {
    self.kernel = kernel
    self.bias = bias
  }

  /// Writes softmax(x W + b).
  func probabilities(of row: UnsafeBufferPointer<Float>, into target: UnsafeMutableBufferPointer<Float>) {
    let classes = target.count
    var logits = bias.scalars.map { Double($0) }
    logits.withUnsafeMutableBufferPointer { logits in
      kernel.withUnsafeScalars { kernel in
        for (feature, value) in row.enumerated() where value != 0 {
          let value = Double(value)
          let weights = UnsafeBufferPointer(rebasing: kernel[feature * classes..<(feature + 1) * classes])
          for label in 0..<classes { logits[label] += value * Double(weights[label]) }
        }
      }
    }
    let largest = logits.reduce(-.infinity) { $1.isNaN || $0.isNaN ? .nan : max($0, $1) }
    var sum = 0.0
    for label in 0..<classes {
      logits[label] = exp(logits[label] - largest)
      sum += logits[label]
    }
    for label in 0..<classes { target[label] = Float(logits[label] / sum) }
  }
}
