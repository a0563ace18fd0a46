/// RMSProp: v = rho v + (1 - rho) g²; the step is rate g / sqrt(v + epsilon), after which momentum goes on as in SGD.
struct RMSProp: Hashable, Codable, UpdateRule {
  var rho: Double
  var momentum: Double
  var epsilon: Double
  var centered: Bool

  /// Squares; then the momentum, if there is one; then the mean, if centred.
  var slots: Int { 1 + (momentum > 0 ? 1 : 0) + (centered ? 1 : 0) }

  func update(_ block: WeightBlock, rate: Float, step: Int) {
    let (values, gradients) = (block.values, block.gradients)
    let (rho, rest, epsilon) = (Float(rho), Float(1 - self.rho), Float(epsilon))
    let momentum = Float(momentum)
    let squares = block.slots[0]
    let memory = self.momentum > 0 ? block.slots[1] : nil
    let means = centered ? block.slots.last : nil
    block.forEachLanes { place in
      let g = place.load(gradients)
      let square = rho * place.load(squares) + rest * (g * g)
      place.store(square, squares)
      var divisor = square + epsilon
      if let means {
        let mean = rho * place.load(means) + rest * g
        place.store(mean, means)
        divisor = square - mean * mean + epsilon
      }
      var step = rate * g / divisor.squareRoot()
      if let memory {
        step += momentum * place.load(memory)
        place.store(step, memory)
      }
      place.store(place.load(values) - step, values)
    }
  }
}
