/// Stochastic gradient descent: m = momentum m - rate g; w += m, or w += momentum m - rate g with Nesterov's momentum.
struct SGD: Hashable, Codable, UpdateRule {
  var momentum: Double
  var nesterov: Bool

  var slots: Int { momentum == 0 ? 0 : 1 }

  func update(_ block: WeightBlock, rate: Float, step: Int) {
    let (values, gradients, momentum) = (block.values, block.gradients, Float(momentum))
    guard let memory = block.slots.first else {
      return block.forEachLanes { $0.store($0.load(values) - $0.load(gradients) * rate, values) }
    }
    block.forEachLanes { place in
      let step = place.load(gradients) * rate
      let moved = place.load(memory) * momentum - step
      place.store(moved, memory)
      place.store(place.load(values) + (nesterov ? moved * momentum - step : moved), values)
    }
  }
}
