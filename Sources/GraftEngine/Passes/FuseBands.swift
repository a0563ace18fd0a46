internal import GraftGraph
internal import GraftTensor

extension Program {
  /// Bytes between the stages of a chain, for one row of results, beyond which it is not made longer.
  private static let longest = 512 << 10

  /// Merges a depthwise convolution with the 1 x 1 convolution that reads it, with the convolution that it reads,
  /// and with the chain before that, where the arrays between them are too large for the cache.
  mutating func fuseBands(at index: Int) {
    guard var layer = layers[index], let projection = layer.stage, projection.kind == .pointwise,
      let depthwise = absorbable(layer.inputs[0]), let middle = depthwise.stage, middle.kind == .depthwise,
      layer.inputShapes[0] == depthwise.shape, depthwise.inputShapes[0].count >= BandedLayers.worthwhile
    else { return }
    var chain = BandedLayers(stages: [middle, projection])
    var absorbed = [layer.inputs[0]]
    var first = depthwise
    if let before = absorbable(first.inputs[0]), before.inputs.count == 1,
      before.shape == first.inputShapes[0], let stage = before.stage, stage.kind != .depthwise
    {
      chain.stages.insert(stage, at: 0)
      absorbed.append(first.inputs[0])
      first = before
    }
    if let before = absorbable(first.inputs[0]), before.inputs.count == 1,
      before.shape == first.inputShapes[0], case .banded(let earlier) = before.kind,
      before.shape.count >= 2 * BandedLayers.worthwhile, chain.stages[0].kind != .convolution
    {
      let longer = BandedLayers(stages: earlier.stages + chain.stages)
      if longer.bytes(rows: 1) <= Self.longest {
        chain = longer
        absorbed.append(first.inputs[0])
        first = before
      }
    }
    (layer.inputs[0], layer.inputShapes[0]) = (first.inputs[0], first.inputShapes[0])
    layer.kind = .banded(chain)
    for layerBefore in absorbed { replace(index, by: layer, absorbing: layerBefore) }
  }
}

extension Layer {
  /// The layer as a stage of a chain, if it can be one.
  fileprivate var stage: BandedLayers.Stage? {
    guard inputShapes.first?.rank == 3, shape.rank == 3, pooledFrom == nil else { return nil }
    func stage(
      _ kind: BandedLayers.Stage.Kind, _ weights: LinearWeights, _ window: SlidingWindow
    ) -> BandedLayers.Stage? {
      // No row of results is made of padding alone.
      guard window.dilation == 1, window.top < window.kernel.height,
        (shape[0] - 1) * window.stride.height - window.top < inputShapes[0][0]
      else { return nil }
      return BandedLayers.Stage(
        kind: kind, weights: weights, window: window, activation: activation, input: inputShapes[0],
        output: shape)
    }
    switch kind {
    case .convolution(let weights, let window, groups: 1) where window.isPointwise:
      return stage(.pointwise, weights, window)
    // Of others only the first convolution of a network, whose sums are short.
    case .convolution(let weights, let window, groups: 1) where inputShapes[0].channels <= 4:
      return stage(.convolution, weights, window)
    case .depthwise(let weights, let window):
      return stage(.depthwise, weights, window)
    default:
      return nil
    }
  }
}
