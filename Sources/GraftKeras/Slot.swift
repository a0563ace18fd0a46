internal import GraftGraph
internal import GraftTensor

/// A layer of a network that wants weights, as the importer looks at it.
struct Slot: Hashable {
  /// The layer's name in the network.
  let name: String
  /// Keras's class in snake case, by which a `.weights.h5` numbers layers.
  let kind: String
  /// Whether the layer belongs to the classifier.
  let isHead: Bool
  /// The parameters' names in Keras 2's spelling, and the shapes wanted, in Keras's order.
  var parameters: [Parameter]
  /// The shape of the picture that was flattened right before a dense layer. Its kernel then has a row for
  /// each place of that picture, in an order that depends on the backend.
  let flattened: Shape?
  /// Where the file's configuration says that the weights are.
  let origin: String?

  struct Parameter: Hashable {
    let name: String
    var shape: Shape
  }

  /// The layers of a graph that want weights, in Keras's order.
  static func slots(of graph: Graph, _ origins: LayerOrigins = LayerOrigins()) -> [Slot] {
    KerasLayerOrder.nodes(of: graph).compactMap { index in
      let node = graph.nodes[index]
      let parameters = graph.parameterShapes(of: node).map { Parameter(name: $0.name, shape: $0.shape) }
      guard !parameters.isEmpty else { return nil }
      return Slot(
        name: node.name, kind: kind(of: node.operation), isHead: node.stage == Graph.headStage,
        parameters: parameters, flattened: flattened(before: node, in: graph), origin: origins[node.name])
    }
  }

  private static func kind(of operation: Operation) -> String {
    GroupNames.snakeCase(KerasLayer(operation).className)
  }

  private static func flattened(before node: Graph.Node, in graph: Graph) -> Shape? {
    guard case .dense = node.operation, var input = node.inputs.first else { return nil }
    while case .dropout = graph.nodes[input].operation, let next = graph.nodes[input].inputs.first {
      input = next
    }
    guard case .flatten = graph.nodes[input].operation, let picture = graph.nodes[input].inputs.first,
      graph.nodes[picture].shape.rank == 3
    else { return nil }
    // Brought into the order that the configuration says the rows are in.
    if case .permutation = graph.nodes[picture].operation { return nil }
    return graph.nodes[picture].shape
  }

  /// The shapes wanted, for messages.
  var shapes: String { parameters.map { "\($0.name) \($0.shape)" }.joined(separator: ", ") }
}

extension Slot {
  /// The weight of `layer` for each parameter, in the parameters' order: by what the weights' names say they
  /// are, or by position where they do not say it. Nil where the numbers of the two differ or names and
  /// parameters contradict each other.
  func weights(in layer: KerasFile.Layer) -> [KerasFile.Weight]? {
    guard layer.weights.count == parameters.count else { return nil }
    guard layer.weights.allSatisfy({ $0.parameter != nil }) else { return layer.weights }
    var chosen: [KerasFile.Weight] = []
    for parameter in parameters {
      // Keras 3 calls a depthwise kernel "kernel".
      let match =
        layer.weights.first { $0.parameter == parameter.name }
        ?? (parameter.name == "depthwise_kernel" ? layer.weights.first { $0.parameter == "kernel" } : nil)
      guard let match else { return nil }
      chosen.append(match)
    }
    return chosen
  }

  /// Whether the weights of `layer` are as many as the parameters, and of their shapes.
  func fits(_ layer: KerasFile.Layer, transposed: Bool) -> Bool {
    guard layer.kind == nil || layer.kind == kind || origin != nil, let weights = weights(in: layer) else {
      return false
    }
    return zip(parameters, weights).allSatisfy { parameter, weight in
      parameter.shape == weight.shape
        || transposed && kind == "conv2d" && KernelConvention.transposed(weight.shape) == parameter.shape
    }
  }
}
