internal import GraftGraph
internal import GraftTensor

extension Program {
  /// Channels of which a multiple puts the pixels of a picture into a few sets of the first-level cache only.
  private static let crowding = 256
  /// Floats of a gap behind each pixel: a cache line.
  private static let gap = 16

  /// Leaves a gap behind each pixel of a layer that a depthwise convolution alone writes or reads, where the pixels
  /// that its windows cover would otherwise throw each other out of the cache.
  mutating func spreadPixels(at index: Int) {
    guard let layer = layers[index], uses[index] == 1, layer.shape.rank == 3,
      layer.shape[0] * layer.shape[1] > 1, layer.shape.channels % Self.crowding == 0,
      let place = layers.firstIndex(where: { $0?.inputs.contains(index) == true }),
      let reader = layers[place],
      reader.inputs[0] == index, !reader.inputs.dropFirst().contains(index),
      reader.inputShapes[0] == layer.shape, layer.givesPixels, reader.takesPixels,
      layer.startsOrEndsDepthwise(atEnd: true) || reader.startsOrEndsDepthwise(atEnd: false)
    else { return }
    layers[index]?.outputStride = layer.shape.channels + Self.gap
    layers[place]?.inputStride = layer.shape.channels + Self.gap
  }
}

extension Layer {
  /// Whether it is computed pixel by pixel into an array that may have gaps: with a residual, what is added may lie in
  /// the same memory, without any.
  fileprivate var givesPixels: Bool { inputs.count == 1 && takesPixels }

  /// Whether it reads pixels that may have gaps between them.
  fileprivate var takesPixels: Bool {
    guard shape.rank == 3, pooledFrom == nil else { return false }
    switch kind {
    case .convolution(_, let window, groups: 1): return window.isPointwise
    case .depthwise, .banded: return true
    default: return false
    }
  }

  fileprivate func startsOrEndsDepthwise(atEnd: Bool) -> Bool {
    switch kind {
    case .depthwise: true
    case .banded(let layers): (atEnd ? layers.stages.last : layers.stages.first)?.kind == .depthwise
    default: false
    }
  }
}
