extension Program {
  /// Makes an addition a part of the convolution or dense layer that gives one of its terms, and returns
  /// whether it could. Of two such layers it takes the later one: the end of a residual branch.
  mutating func fuseAddition(at index: Int) -> Bool {
    guard let layer = layers[index], case .add = layer.kind, layer.inputs[0] != layer.inputs[1] else {
      return false
    }
    for (input, other) in [(0, 1), (1, 0)].sorted(by: { layer.inputs[$0.0] > layer.inputs[$1.0] }) {
      guard var before = absorbable(layer.inputs[input]), before.inputs.count == 1,
        before.activation == .none, before.pooledFrom == nil, before.kind.takesResidual
      else { continue }
      before.inputs.append(layer.inputs[other])
      before.inputShapes.append(layer.inputShapes[other])
      before.name = layer.name
      before.activation = layer.activation
      let absorbed = layer.inputs[input]
      replace(index, by: before, absorbing: absorbed)
      return true
    }
    return false
  }
}

extension Layer.Kind {
  fileprivate var takesResidual: Bool {
    switch self {
    case .convolution, .product: true
    default: false
    }
  }
}
