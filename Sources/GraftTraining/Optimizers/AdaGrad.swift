/// AdaGrad: v += g²; w -= rate g / sqrt(v + epsilon). Steps get smaller where gradients were large before.
struct AdaGrad: Hashable, Codable, UpdateRule {
  var initialAccumulator: Double
  var epsilon: Double

  var slots: Int { 1 }
  var initial: Float { Float(initialAccumulator) }

  func update(_ block: WeightBlock, rate: Float, step: Int) {
    let (values, gradients, squares) = (block.values, block.gradients, block.slots[0])
    let epsilon = Float(epsilon)
    block.forEachLanes { place in
      let g = place.load(gradients)
      let square = place.load(squares) + g * g
      place.store(square, squares)
      place.store(place.load(values) - rate * g / (square + epsilon).squareRoot(), values)
    }
  }
}
