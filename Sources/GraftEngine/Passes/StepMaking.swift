internal import GraftGraph
internal import GraftSupport
internal import GraftTensor

/// A step, and the layers whose results it reads and writes.
struct PlannedStep: Sendable {
  enum Work: Sendable {
    case picture(any Step)
    case batch(any BatchStep)
  }

  var name: String
  var work: Work
  var x: Int
  var second: Int?
  var y: Int

  var readers: [Int] { [x] + (second.map { [$0] } ?? []) }
}

extension Program {
  /// The steps that compute the layers, in order.
  ///
  /// - Parameter trains: whether they are for training, where pictures come in batches.
  /// - Throws: `EngineError` with code `.outOfMemory`.
  mutating func steps(_ kernels: KernelTable, trains: Bool = false) throws -> [PlannedStep] {
    var results = [Result<[PlannedStep], any Error>](repeating: .success([]), count: layers.count)
    layers.withUnsafeMutableBufferPointer { layers in
      results.withUnsafeMutableBufferPointer { results in
        // Each call reads and writes the elements of its own number.
        nonisolated(unsafe) let (layers, results) = (layers, results)
        ThreadPool.shared.forEach(layers.count) { index in
          guard let layer = layers[index] else { return }
          // Weights are packed now; the layer's own copy of them is not needed again.
          layers[index]?.kind = .input
          results[index] = Result { try Self.steps(of: layer, at: index, kernels, trains: trains) }
        }
      }
    }
    return try results.flatMap { try $0.get() }
  }

  private static func steps(
    of layer: Layer, at index: Int, _ kernels: KernelTable, trains: Bool
  ) throws -> [PlannedStep] {
    func planned(_ work: PlannedStep.Work) -> [PlannedStep] {
      [
        PlannedStep(
          name: layer.name, work: work, x: layer.inputs[0],
          second: layer.inputs.count > 1 ? layer.inputs[1] : nil, y: index)
      ]
    }
    func strassen(_ weights: LinearWeights, _ rows: KernelRows) throws -> [PlannedStep]? {
      guard Strassen.suits(rows: rows.count, depth: weights.depth, columns: weights.columns, kernels) else {
        return nil
      }
      let stride = layer.outputStride ?? weights.columns
      return planned(.picture(try StrassenStep(weights, rows, stride: stride, layer.activation, kernels)))
    }
    func product(_ weights: LinearWeights, rows: Int) throws -> [PlannedStep] {
      if rows == 1, weights.matrix.count * MemoryLayout<Float>.stride >= DenseStep.largeWeights {
        return planned(.batch(try DenseStep(weights, layer.activation, kernels)))
      }
      let strides = (layer.inputStride ?? weights.depth, layer.outputStride ?? weights.columns)
      if let strassen = try strassen(weights, KernelRows(count: rows, stride: strides.0)) { return strassen }
      return planned(.picture(try ProductStep(weights, rows: rows, strides, layer.activation, kernels)))
    }
    func elementwise(_ kind: ElementwiseStep.Kind) -> [PlannedStep] {
      planned(.picture(ElementwiseStep(kind, count: layer.shape.count, layer.activation, kernels)))
    }

    let input = layer.inputShapes.first ?? layer.shape
    switch layer.kind {
    case .input:
      return []
    case .convolution(let weights, let window, let groups):
      if groups == 1 && window.isPointwise { return try product(weights, rows: input[0] * input[1]) }
      // One output that no window leaves: the picture itself is the row.
      if groups == 1, !window.isPadded, window.kernel.height == input[0], window.kernel.width == input[1],
        window.dilation == 1
      {
        return try product(weights, rows: 1)
      }
      if groups == 1, window.kernel == 1, !window.isPadded,
        let strassen = try strassen(weights, KernelRows(layer.kernelWindow(window)))
      {
        return strassen
      }
      let shape = layer.pooledFrom ?? layer.shape
      if Winograd.suits(window, groups: groups, from: input, to: shape, trains: trains) {
        let winograd = try Winograd(
          weights, window, from: input, to: shape, pools: layer.pooledFrom != nil, trains: trains,
          layer.activation, kernels)
        return planned(
          winograd.isBoundByWeights ? .batch(WinogradBatchStep(winograd)) : .picture(WinogradStep(winograd)))
      }
      return planned(
        .picture(
          try ConvolutionStep(
            weights, window, groups: groups, from: input, to: layer.shape, layer.activation, kernels)))
    case .depthwise(let weights, let window):
      return planned(
        .picture(
          try DepthwiseConvolutionStep(
            weights, layer.kernelWindow(window), layer.activation, kernels)))
    case .product(let weights):
      return try product(weights, rows: input.count / input.channels)
    case .affine(let scale, let offset):
      return planned(
        .picture(try AffineStep((scale, offset), over: layer.shape, layer.activation, kernels)))
    case .channelScaling:
      return planned(.picture(try AffineStep(nil, over: layer.shape, layer.activation, kernels)))
    case .rescaling(let scale, let offset):
      return elementwise(.rescaling(scale: scale, offset: offset))
    case .activation:
      return elementwise(.activation)
    case .add:
      return elementwise(.add)
    case .multiply:
      return elementwise(.multiply)
    case .softmax:
      return planned(.picture(SoftmaxStep(over: layer.shape, kernels)))
    case .layerNormalization(let gamma, let beta, let epsilon):
      return planned(
        .picture(
          try LayerNormalizationStep(gamma: gamma, beta: beta, epsilon: epsilon, over: layer.shape, kernels)))
    case .pooling(let window, let takesMax, let paddingCounts):
      return planned(
        .picture(
          PoolingStep(
            window, takesMax: takesMax, paddingCounts: paddingCounts, from: input, to: layer.shape, kernels)))
    case .globalPooling(let kind):
      return planned(.picture(GlobalPoolingStep(kind, over: input, kernels)))
    case .zeroPadding(let insets):
      return planned(.picture(ZeroPaddingStep(insets, from: input, to: layer.shape)))
    case .cropping(let insets):
      return planned(.picture(CroppingStep(insets, from: input, to: layer.shape)))
    case .plain(let operation, let parameters):
      return planned(.picture(try PlainStep(operation, parameters: parameters)))
    case .banded(let banded):
      return planned(
        .picture(try BandedStep(banded, strides: (layer.inputStride, layer.outputStride), kernels)))
    case .concatenation:
      var first = 0
      return zip(layer.inputs, layer.inputShapes).map { source, shape in
        defer { first += shape.channels }
        let step = ChannelCopyStep(from: shape, to: first, of: layer.shape.channels)
        return PlannedStep(name: layer.name, work: .picture(step), x: source, second: nil, y: index)
      }
    }
  }
}

extension Layer {
  /// The window over whole pictures, with the gaps behind their pixels.
  fileprivate func kernelWindow(_ window: SlidingWindow) -> KernelWindow {
    var result = KernelWindow(window, from: inputShapes[0], to: shape)
    result.inputStride = inputStride ?? result.inputStride
    result.outputStride = outputStride ?? result.outputStride
    return result
  }
}
