internal import GraftTensor

extension Program {
  /// Multiplies a scale and an offset (a batch normalization, or a rescaling) into the weights of the layer
  /// before it, and returns whether it could.
  ///
  /// One factor for all channels may also follow a clamp, whose limits it then moves, if it is positive.
  mutating func foldScale(at index: Int) -> Bool {
    guard let layer = layers[index], let input = layer.inputs.first, let before = absorbable(input) else {
      return false
    }
    // Sums with a residual would need the residual scaled; a negative factor makes the largest the smallest.
    guard before.inputs.count == 1, before.pooledFrom == nil else { return false }
    let channels = before.shape.channels
    let (scale, offset): ([Double], [Double])
    var limits = before.activation
    switch layer.kind {
    case .affine(let factors, let terms):
      guard factors.count == channels, limits == .none else { return false }
      (scale, offset) = (factors, terms)
    case .rescaling(let factor, let term):
      if limits != .none {
        guard limits.kind == .clamp, factor > 0 else { return false }
        limits.low = Float(Double(limits.low) * Double(factor) + Double(term))
        limits.high = Float(Double(limits.high) * Double(factor) + Double(term))
      }
      scale = [Double](repeating: Double(factor), count: channels)
      offset = [Double](repeating: Double(term), count: channels)
    default:
      return false
    }
    guard let kind = before.kind.followed(scale: scale, offset: offset) else { return false }
    replace(
      index,
      by: Layer(
        name: layer.name, kind: kind, inputs: before.inputs, inputShapes: before.inputShapes,
        shape: before.shape, activation: limits),
      absorbing: input)
    return true
  }
}

extension Layer.Kind {
  /// The kind that gives `scale` times the results plus `offset`, or nil where there is none.
  fileprivate func followed(scale: [Double], offset: [Double]) -> Layer.Kind? {
    switch self {
    case .convolution(var weights, let window, let groups):
      weights.follow(scale: scale, offset: offset)
      return .convolution(weights, window, groups: groups)
    case .depthwise(var weights, let window):
      weights.follow(scale: scale, offset: offset)
      return .depthwise(weights, window)
    case .product(var weights):
      weights.follow(scale: scale, offset: offset)
      return .product(weights)
    case .affine(let factors, let terms):
      return .affine(
        scale: zip(factors, scale).map { $0 * $1 },
        offset: zip(zip(terms, scale), offset).map { $0.0 * $0.1 + $1 })
    case .rescaling(let factor, let term):
      return .affine(
        scale: scale.map { $0 * Double(factor) }, offset: zip(scale, offset).map { $0 * Double(term) + $1 })
    default:
      return nil
    }
  }
}
