internal import GraftGraph

extension Program {
  /// Makes a max-pooling of 2 x 2 at stride 2 a part of the convolution before it, and returns whether it could:
  /// the large picture is then never written.
  mutating func fusePooling(at index: Int) -> Bool {
    guard let layer = layers[index],
      case .pooling(let pooling, takesMax: true, paddingCounts: false) = layer.kind,
      pooling.kernel == 2, pooling.stride == 2, !pooling.isPadded, let input = layer.inputs.first,
      var before = absorbable(input), case .convolution(_, let window, let groups) = before.kind,
      before.inputs.count == 1, before.pooledFrom == nil, layer.inputShapes[0] == before.shape,
      // A clamp may follow the maximum as well as go before it; other activations may turn the order about.
      before.activation.kind == .clamp,
      Winograd.suits(window, groups: groups, from: before.inputShapes[0], to: before.shape)
    else { return false }
    before.pooledFrom = before.shape
    before.shape = layer.shape
    before.name = layer.name
    replace(index, by: before, absorbing: input)
    return true
  }
}
