internal import GraftGraph
internal import GraftTensor

extension Network {
  /// The layer whose results, turned into probabilities by softmax, are the network's: a dense layer or a convolution
  /// without another function behind it. Nil where the network ends otherwise.
  ///
  /// Layers that only change the shape, or only act in training, may stand between it and softmax.
  private var logitsLayer: Graph.Node? {
    var node = graph.output
    if node.operation.endsInSoftmax { return node }
    guard case .activation(.softmax) = node.operation else { return nil }
    while let input = node.inputs.last {
      node = graph.nodes[input]
      switch node.operation {
      case .reshape, .flatten, .dropout, .activation(.linear): continue
      case .dense(let layer): return layer.activation == .linear ? node : nil
      case .convolution(let layer): return layer.activation == .linear ? node : nil
      default: return nil
      }
    }
    return nil
  }

  /// The network without the softmax at its end; nil where it does not end in one.
  ///
  /// - Throws: `GraphError` for a graph that cannot be cut, which does not happen to those that end in softmax.
  func endingInLogits() throws -> Network? {
    let output = graph.output
    guard let input = output.inputs.last else { return nil }
    let before = graph.nodes[input]
    switch output.operation {
    case .activation(.softmax):
      return try truncated(at: before.name)
    case .dense(let layer) where layer.activation == .softmax:
      var builder = GraphBuilder(continuing: try graph.truncated(at: before.name))
      builder.begin(stage: output.stage)
      _ = builder.dense(builder.last, units: layer.units, bias: layer.usesBias, output.name)
      return try Network(graph: builder.graph(), parameters: parameters)
    default:
      return nil
    }
  }

  /// The network with the results before softmax divided by `temperature`, by way of the weights of the layer that makes
  /// them; nil where the network does not end in such a layer and softmax.
  ///
  /// - Throws: `GraphError`, which does not happen, because no shape changes.
  func dividingLogits(by temperature: Double) throws -> Network? {
    guard let layer = logitsLayer else { return nil }
    var parameters = parameters
    for (name, shape) in graph.parameterShapes(of: layer) {
      guard let values = parameters[layer.name, name]?.scalars else { return nil }
      parameters[layer.name, name] = Tensor(
        shape: shape, scalars: values.map { Float(Double($0) / temperature) })
    }
    return try Network(graph: graph, parameters: parameters)
  }
}

extension Operation {
  /// Whether this is a layer with weights that applies softmax itself.
  fileprivate var endsInSoftmax: Bool {
    switch self {
    case .dense(let layer): layer.activation == .softmax
    case .convolution(let layer): layer.activation == .softmax
    default: false
    }
  }
}
