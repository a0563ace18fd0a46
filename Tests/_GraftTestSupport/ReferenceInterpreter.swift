public import GraftGraph
public import GraftTensor

/// Runs a network node by node in Double with plain loops: slow, and obviously right.
public enum ReferenceInterpreter {
  /// The result of every node for one picture (height x width x channels), in the order of the graph.
  public static func run(_ network: Network, _ input: Tensor) -> [ReferenceArray] {
    var results: [ReferenceArray] = []
    for node in network.graph.nodes {
      let parameter = { (name: String) in network.parameters[node.name, name].map { ReferenceArray($0) } }
      let result = evaluate(node, node.inputs.map { results[$0] }, ReferenceArray(input), parameter)
      results.append(ReferenceArray(node.shape, result.values))
    }
    return results
  }

  /// The result of the graph's output for one picture.
  public static func output(_ network: Network, _ input: Tensor) -> [Double] {
    run(network, input)[network.graph.outputIndex].values
  }

  /// The result of a node for what it reads; the network's input gives `input`.
  static func evaluate(
    _ node: Graph.Node, _ inputs: [ReferenceArray], _ input: ReferenceArray,
    _ parameter: (String) -> ReferenceArray?
  ) -> ReferenceArray {
    evaluate(node.operation, node.shape, inputs, input, parameter)
  }

  /// The result, of shape `shape`, of an operation for what it reads; the network's input gives `input`.
  static func evaluate(
    _ operation: GraftGraph.Operation, _ shape: Shape, _ inputs: [ReferenceArray], _ input: ReferenceArray,
    _ parameter: (String) -> ReferenceArray?
  ) -> ReferenceArray {
    guard let x = inputs.first else { return input }
    switch operation {
    case .input:
      return input
    case .convolution(let c):
      let window = ReferenceWindow(
        c.kernel, stride: c.stride, dilation: c.dilation, padding: c.padding, over: x.shape)
      guard let kernel = parameter("kernel") else { return x }
      let y = Reference.convolution(x, kernel, bias: parameter("bias")?.values, window, groups: c.groups)
      return activated(y, c.activation)
    case .depthwiseConvolution(let c):
      let window = ReferenceWindow(
        c.kernel, stride: c.stride, dilation: c.dilation, padding: c.padding, over: x.shape)
      guard let kernel = parameter("depthwise_kernel") else { return x }
      return activated(
        Reference.depthwise(x, kernel, bias: parameter("bias")?.values, window), c.activation)
    case .separableConvolution(let c):
      let window = ReferenceWindow(
        c.kernel, stride: c.stride, dilation: c.dilation, padding: c.padding, over: x.shape)
      guard let first = parameter("depthwise_kernel"), let second = parameter("pointwise_kernel") else {
        return x
      }
      let middle = Reference.depthwise(x, first, bias: nil, window)
      let matrix = ReferenceArray([second.shape[2], second.shape[3]], second.values)
      return activated(Reference.dense(middle, matrix, bias: parameter("bias")?.values), c.activation)
    case .transposedConvolution(let c):
      guard let kernel = parameter("kernel") else { return x }
      let y = Reference.transposedConvolution(x, kernel, bias: parameter("bias")?.values, c, to: shape)
      return activated(y, c.activation)
    case .groupNormalization(let n):
      return Reference.groupNormalization(
        x, n, gamma: parameter("gamma")?.values, beta: parameter("beta")?.values)
    case .unitNormalization:
      let rows = stride(from: 0, to: x.values.count, by: x.shape.channels)
      return ReferenceArray(
        x.shape,
        rows.flatMap { row in
          let values = x.values[row..<row + x.shape.channels]
          let length = max(values.reduce(0) { $0 + $1 * $1 }.squareRoot(), 1e-12)
          return values.map { $0 / length }
        })
    case .parametricRectifier:
      guard let alpha = parameter("alpha") else { return x }
      return Reference.combine([x, alpha], to: x.shape) { $0 < 0 ? $0 * $1 : $0 }
    case .combination(let kind):
      return Reference.combination(inputs, kind, to: shape)
    case .stacking(let axis):
      return Reference.stacked(inputs, axis: axis, to: shape)
    case .permutation(let order):
      var y = ReferenceArray(zeros: shape)
      for index in y.values.indices {
        let place = Reference.place(index, in: shape)
        var source = place
        for (axis, from) in order.enumerated() { source[from] = place[axis] }
        y.values[index] = x.values[Reference.index(source, in: x.shape)]
      }
      return y
    case .resampling(let r):
      return Reference.resampled(x, r.interpolation, to: shape)
    case .dense(let d):
      guard let kernel = parameter("kernel") else { return x }
      return activated(Reference.dense(x, kernel, bias: parameter("bias")?.values), d.activation)
    case .batchNormalization(let b):
      let channels = x.shape.channels
      let mean = parameter("moving_mean")?.values ?? [Double](repeating: 0, count: channels)
      let variance = parameter("moving_variance")?.values ?? [Double](repeating: 1, count: channels)
      let gamma = parameter("gamma")?.values ?? [Double](repeating: 1, count: channels)
      let beta = parameter("beta")?.values ?? [Double](repeating: 0, count: channels)
      var y = x
      for index in y.values.indices {
        let c = index % channels
        let deviation = (variance[c] + Double(b.epsilon)).squareRoot()
        y.values[index] = gamma[c] * (x.values[index] - mean[c]) / deviation + beta[c]
      }
      return y
    case .layerNormalization(let n):
      let channels = x.shape.channels
      var y = x
      for row in stride(from: 0, to: x.values.count, by: channels) {
        let (mean, deviation) = Reference.statistics(x.values[row..<row + channels], epsilon: n.epsilon)
        for c in 0..<channels {
          y.values[row + c] =
            (x.values[row + c] - mean) / deviation * (parameter("gamma")?.values[c] ?? 1)
            + (parameter("beta")?.values[c] ?? 0)
        }
      }
      return y
    case .normalization(let n):
      let mean = n.figures?.mean.map(Double.init) ?? parameter("mean")?.values ?? []
      let variance = n.figures?.variance.map(Double.init) ?? parameter("variance")?.values ?? []
      var y = x
      for index in y.values.indices {
        let c = index % x.shape.channels
        y.values[index] = (x.values[index] - mean[c]) / max(variance[c].squareRoot(), 1e-7)
      }
      return y
    case .layerScale:
      let gamma = parameter("gamma")?.values ?? []
      var y = x
      for index in y.values.indices { y.values[index] *= gamma[index % x.shape.channels] }
      return y
    case .activation(let activation):
      return activated(x, activation)
    case .maxPooling(let p):
      return Reference.pooling(
        x, takesMax: true, ReferenceWindow(p.window, stride: p.stride, padding: p.padding, over: x.shape))
    case .averagePooling(let p):
      return Reference.pooling(
        x, takesMax: false, ReferenceWindow(p.window, stride: p.stride, padding: p.padding, over: x.shape))
    case .globalPooling(let p):
      return ReferenceArray(shape, Reference.globalPooling(x, takesMax: p.kind == .max))
    case .zeroPadding(let insets):
      var y = ReferenceArray(zeros: shape)
      for oy in 0..<shape[0] {
        for ox in 0..<shape[1] {
          for c in 0..<shape[2] {
            y.values[(oy * shape[1] + ox) * shape[2] + c] =
              x.pixel(oy - insets.top, ox - insets.left, c)
          }
        }
      }
      return y
    case .cropping(let insets):
      var y = ReferenceArray(zeros: shape)
      for oy in 0..<shape[0] {
        for ox in 0..<shape[1] {
          for c in 0..<shape[2] {
            y.values[(oy * shape[1] + ox) * shape[2] + c] =
              x.pixel(oy + insets.top, ox + insets.left, c)
          }
        }
      }
      return y
    case .scaledAddition(let scale):
      return ReferenceArray(
        x.shape, zip(x.values, inputs[1].values).map { $0 + Double(scale) * $1 })
    case .add:
      var y = x
      for other in inputs.dropFirst() {
        for index in y.values.indices { y.values[index] += other.values[index] }
      }
      return y
    case .multiply:
      let other = inputs[1]
      let (big, small) = x.values.count >= other.values.count ? (x, other) : (other, x)
      var y = big
      for index in y.values.indices { y.values[index] *= small.values[index % small.values.count] }
      return y
    case .concatenate:
      var y = ReferenceArray(zeros: shape)
      let rows = shape.count / max(shape.channels, 1)
      var offset = 0
      for part in inputs {
        let channels = part.shape.channels
        for row in 0..<rows {
          for c in 0..<channels {
            y.values[row * shape.channels + offset + c] = part.values[row * channels + c]
          }
        }
        offset += channels
      }
      return y
    case .reshape, .flatten, .dropout, .stochasticDepth:
      return x
    case .rescaling(let scale, let offset):
      return ReferenceArray(x.shape, x.values.map { $0 * Double(scale) + Double(offset) })
    }
  }

  private static func activated(_ x: ReferenceArray, _ activation: Activation) -> ReferenceArray {
    ReferenceArray(x.shape, Reference.activation(x.values, activation, channels: x.shape.channels))
  }
}
