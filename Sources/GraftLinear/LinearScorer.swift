internal import Foundation

/// The probabilities of rows, in Double and in one fixed order: those of a row do not depend on the rows beside it.
struct LinearScorer: Sendable {
  private let parameters: LinearParameters
  private let activation: LinearClassifier.Activation
  /// Features whose weights stay in the cache while all rows are gone through.
  private static let tile = 32
  private var width: Int { parameters.width }
  private var classes: Int { parameters.outputs }

  init(_ parameters: LinearParameters, _ activation: LinearClassifier.Activation) {
    self.parameters = parameters
    self.activation = activation
  }

  /// Writes softmax(x W + b), or the sigmoid of each element, for `count` rows one after the other.
  func probabilities(
    of rows: UnsafePointer<Float>, count: Int, into target: UnsafeMutablePointer<Float>
  ) {
    var logits: [Double] = []
    logits.reserveCapacity(count * classes)
    for _ in 0..<count { logits += parameters.values[(width * classes)...] }
    logits.withUnsafeMutableBufferPointer { logits in
      guard let base = logits.baseAddress else { return }
      for first in stride(from: 0, to: width, by: Self.tile) {
        let tile = first..<min(first + Self.tile, width)
        for row in 0..<count { add(tile, of: rows + row * width, to: base + row * classes) }
      }
      for row in 0..<count { write(base + row * classes, to: target + row * classes) }
    }
  }

  /// Adds what some features of a row are worth, one after the other, leaving out those that are 0.
  private func add(
    _ features: Range<Int>, of row: UnsafePointer<Float>, to logits: UnsafeMutablePointer<Double>
  ) {
    withUnsafeTemporaryAllocation(of: Int.self, capacity: features.count) { chosen in
      var count = 0
      // Half of the features behind a ReLU are 0, and no processor guesses which: so no branch.
      for feature in features {
        chosen[count] = feature
        count += row[feature] == 0 ? 0 : 1
      }
      parameters.values.withUnsafeBufferPointer { weights in
        guard let kernel = weights.baseAddress else { return }
        let classes = classes
        var place = 0
        // Four together, so that logits are loaded and stored less often; each is still added by itself.
        while place + 4 <= count {
          let (i, j, k, l) = (chosen[place], chosen[place + 1], chosen[place + 2], chosen[place + 3])
          let (a, b, c, d) = (Double(row[i]), Double(row[j]), Double(row[k]), Double(row[l]))
          let (p, q) = (kernel + i * classes, kernel + j * classes)
          let (r, s) = (kernel + k * classes, kernel + l * classes)
          for label in 0..<classes {
            logits[label] = logits[label] + a * p[label] + b * q[label] + c * r[label] + d * s[label]
          }
          place += 4
        }
        for feature in chosen[place..<count] {
          let (value, weights) = (Double(row[feature]), kernel + feature * classes)
          for label in 0..<classes { logits[label] += value * weights[label] }
        }
      }
    }
  }

  /// Turns the logits of a row into probabilities.
  private func write(_ logits: UnsafeMutablePointer<Double>, to target: UnsafeMutablePointer<Float>) {
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
