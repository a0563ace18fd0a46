extension Program {
  /// Makes an activation a part of the layer before it, and returns whether it could.
  mutating func fuseActivation(at index: Int) -> Bool {
    guard let layer = layers[index], case .activation = layer.kind, let input = layer.inputs.first,
      var before = absorbable(input), before.activation == .none, before.kind.takesActivation
    else { return false }
    before.activation = layer.activation
    before.name = layer.name
    replace(index, by: before, absorbing: input)
    return true
  }
}

extension Layer.Kind {
  /// Whether the kernels of this kind can apply an activation to their results.
  fileprivate var takesActivation: Bool {
    switch self {
    case .convolution, .depthwise, .product, .affine, .add, .multiply, .channelScaling: true
    default: false
    }
  }
}
