internal import Foundation

/// Adam: m += (1 - beta1)(g - m), v += (1 - beta2)(g² - v), w -= alpha m / (sqrt(v) + epsilon) with
/// alpha = rate sqrt(1 - beta2^t) / (1 - beta1^t).
struct Adam: Hashable, Codable, UpdateRule {
  var beta1: Double
  var beta2: Double
  var epsilon: Double

  var slots: Int { 2 }

  func update(_ block: WeightBlock, rate: Float, step: Int) {
    let (values, gradients) = (block.values, block.gradients)
    let (means, squares) = (block.slots[0], block.slots[1])
    let (rest1, rest2, epsilon) = (Float(1 - beta1), Float(1 - beta2), Float(epsilon))
    // In Float, as Keras has it: 1 - 0.999 loses digits, and the first steps show it.
    let power1 = pow(Float(beta1), Float(step))
    let power2 = pow(Float(beta2), Float(step))
    let alpha = rate * (1 - power2).squareRoot() / (1 - power1)
    block.forEachLanes { place in
      let g = place.load(gradients)
      var (mean, square) = (place.load(means), place.load(squares))
      mean += (g - mean) * rest1
      square += (g * g - square) * rest2
      place.store(mean, means)
      place.store(square, squares)
      place.store(place.load(values) - mean * alpha / (square.squareRoot() + epsilon), values)
    }
  }
}
