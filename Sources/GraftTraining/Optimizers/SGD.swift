/// Stochastic gradient descent: m = momentum m - rate g; w += m, or w += momentum m - rate g with Nesterov's momentum.
struct SGD: Hashable, Codable, UpdateRule {
  var momentum: Double
  var nesterov: Bool

  var slots: Int { momentum == 0 ? 0 : 1 }

  func update(_ block: WeightBlock, rate: Float, step: Int) {
    let (values, gradients, momentum) = (block.values, block.gradients, Float(momentum))
    guard let memory = block.slots.first else {
      for i in 0..<block.count { values[i] -= gradients[i] * rate }
      return
    }
    for i in 0..<block.count {
      let step = gradients[i] * rate
      let moved = memory[i] * momentum - step
      memory[i] = moved
      values[i] += nesterov ? moved * momentum - step : moved
    }
  }
}
