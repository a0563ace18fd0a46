internal import Foundation
internal import GraftTensor

/// The probabilities of rows, in Double and in one fixed order: those of a row do not depend on the rows beside it.
struct LinearScorer: Sendable {
  private let kernel: [Double]
  private let bias: [Double]
  private let activation: LinearClassifier.Activation
  private var width: Int { kernel.count / max(bias.count, 1) }

  init(kernel: Tensor, bias: Tensor, activation: LinearClassifier.Activation) {
    self.kernel = kernel.scalars.map { Double($0) }
    self.bias = bias.scalars.map { Double($0) }
    self.activation = activation
  }

  /// Writes softmax(x W + b), or the sigmoid of each element, for `count` rows one after the other.
  func probabilities(
    of rows: UnsafePointer<Float>, count: Int, into target: UnsafeMutablePointer<Float>
  ) {
    let classes = bias.count
    var logits: [Double] = []
    logits.reserveCapacity(count * classes)
    for _ in 0..<count { logits += bias }
    logits.withUnsafeMutableBufferPointer { logits in
      guard let base = logits.baseAddress else { return }
      kernel.withUnsafeBufferPointer { kernel in
        guard let kernel = kernel.baseAddress else { return }
        for feature in 0..<width {
          let weights = kernel + feature * classes
          for row in 0..<count {
            let value = Double(rows[row * width + feature])
            guard value != 0 else { continue }
            let logits = base + row * classes
            for label in 0..<classes { logits[label] += value * weights[label] }
          }
        }
      }
      for row in 0..<count { write(base + row * classes, to: target + row * classes) }
    }
  }

  /// Turns the logits of a row into probabilities.
  private func write(_ logits: UnsafeMutablePointer<Double>, to target: UnsafeMutablePointer<Float>) {
    let classes = bias.count
    if activation == .sigmoid {
      for label in 0..<classes { target[label] = Float(1 / (1 + exp(-logits[label]))) }
      return
    }
    var largest = -Double.infinity
    for label in 0..<classes {
      largest = logits[label].isNaN || largest.isNaN ? .nan : max(largest, logits[label])
    }
    var sum = 0.0
    for label in 0..<classes {
      logits[label] = exp(logits[label] - largest)
      sum += logits[label]
    }
    for label in 0..<classes { target[label] = Float(logits[label] / sum) }
  }
}
