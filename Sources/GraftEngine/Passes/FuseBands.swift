internal import GraftGraph
internal import GraftTensor

extension Program {
  /// Merges a depthwise convolution with the 1 x 1 convolution that reads it, and with the one it reads, where the
  /// array between them is too large for the cache.
  mutating func fuseBands(at index: Int) {
    guard let layer = layers[index], let projection = layer.pointwise,
      let depthwise = absorbable(layer.inputs[0]), case .depthwise(let weights, let window) = depthwise.kind,
      layer.inputShapes[0] == depthwise.shape, window.dilation == 1, depthwise.inputShapes[0].rank == 3,
      // No row of results is made of padding alone.
      window.top < window.kernel.height,
      (depthwise.shape[0] - 1) * window.stride.height - window.top < depthwise.inputShapes[0][0],
      depthwise.inputShapes[0].count >= BandedLayers.worthwhile
    else { return }
    var banded = BandedLayers(
      expansion: nil, depthwise: weights, window: window, depthwiseActivation: depthwise.activation,
      projection: projection, wide: depthwise.inputShapes[0], narrow: depthwise.shape)
    var merged = layer
    let middle = layer.inputs[0]
    (merged.inputs[0], merged.inputShapes[0]) = (depthwise.inputs[0], depthwise.inputShapes[0])
    if let before = absorbable(depthwise.inputs[0]), before.inputs.count == 1, before.shape == banded.wide,
      let expansion = before.pointwise
    {
      banded.expansion = expansion
      let first = depthwise.inputs[0]
      (merged.inputs[0], merged.inputShapes[0]) = (before.inputs[0], before.inputShapes[0])
      merged.kind = .banded(banded)
      replace(index, by: merged, absorbing: first)
    }
    merged.kind = .banded(banded)
    replace(index, by: merged, absorbing: middle)
  }
}

extension Layer {
  /// The layer as a 1 x 1 convolution, which each pixel's channels go through by themselves, if it is one.
  fileprivate var pointwise: BandedLayers.Pointwise? {
    guard case .convolution(let weights, let window, groups: 1) = kind, window.isPointwise else { return nil }
    return BandedLayers.Pointwise(weights: weights, activation: activation)
  }
}
