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
    let squares = block.slots[0]
    let memory = momentum > 0 ? block.slots[1] : nil
    let means = centered ? block.slots.last : nil
    for i in 0..<block.count {
      let g = gradients[i]
      squares[i] = rho * squares[i] + rest * (g * g)
      var divisor = squares[i] + epsilon
      if let means {
        means[i] = rho * means[i] + rest * g
        divisor = squares[i] - means[i] * means[i] + epsilon
      }
      var step = rate * g / divisor.squareRoot()
      if let memory {
        step += Float(momentum) * memory[i]
        memory[i] = step
      }
      values[i] -= step
    }
  }
}
