internal import GraftTensor

extension Graph {
  /// The part of the graph that the layer `name` needs, with that layer as output.
  ///
  /// - Throws: `GraphError` with code `.unknownLayer`.
  public func truncated(at name: String) throws -> Graph { try truncated(at: [name]) }

  /// The part of the graph that the layers `names` need; the last of them in the graph's order is the output.
  ///
  /// - Throws: `GraphError` with code `.unknownLayer`.
  public func truncated(at names: [String]) throws -> Graph {
    var ends: [Int] = []
    for name in names {
      guard let end = index(of: name) else { throw unknownLayer(name) }
      ends.append(end)
    }
    let end = ends.max() ?? outputIndex
    var needed = [Bool](repeating: false, count: end + 1)
    needed[0] = true
    for index in ends { needed[index] = true }
    for index in stride(from: end, through: 0, by: -1) where needed[index] {
      for input in nodes[index].inputs { needed[input] = true }
    }
    var renumbered: [Int: Int] = [:]
    var kept: [Node] = []
    for index in 0...end where needed[index] {
      let node = nodes[index]
      renumbered[index] = kept.count
      kept.append(
        Node(
          name: node.name, operation: node.operation, inputs: node.inputs.compactMap { renumbered[$0] },
          stage: node.stage, shape: node.shape))
    }
    return try Graph(nodes: kept)
  }

  /// The graph without its classifier: cut before the first layer of the stage `head`. A graph that has no
  /// such stage is returned as it is.
  public func withoutHead() throws -> Graph {
    guard let first = nodes.first(where: { $0.stage == Self.headStage }), let last = first.inputs.last else {
      return self
    }
    return try truncated(at: nodes[last].name)
  }

  /// The graph with a new classifier: the old one is taken off, a picture is averaged over height and width,
  /// and a dense layer with softmax named `predictions` gives one probability a class.
  ///
  /// - Throws: `GraphError` if `classes` is not positive or a name is taken.
  public func replacingHead(classes: Int) throws -> Graph {
    let trunk = try withoutHead()
    var builder = GraphBuilder(continuing: trunk)
    var x = builder.last
    builder.begin(stage: Self.headStage)
    if trunk.output.shape.rank == 3 {
      x = builder.globalPooling(x, .average, "avg_pool")
    }
    _ = builder.dense(x, units: classes, activation: .softmax, "predictions")
    return try builder.graph()
  }

  /// The graph for pictures of another size, with everything else the same.
  ///
  /// - Throws: `GraphError` where a layer does not fit the new size, for example a dense layer after a
  ///   flattened picture.
  public func resized(height: Int, width: Int) throws -> Graph {
    let input: Shape = [height, width, inputShape.channels]
    var shapes: [Shape] = []
    var resized: [Node] = []
    for node in nodes {
      var operation = node.operation
      if case .input = operation { operation = .input(input) }
      do {
        shapes.append(try operation.outputShape(for: node.inputs.map { shapes[$0] }))
      } catch let error as GraphError {
        throw GraphError(error.code, error.message, layer: node.name)
      }
      resized.append(
        Node(
          name: node.name, operation: operation, inputs: node.inputs, stage: node.stage,
          shape: shapes[shapes.count - 1]))
    }
    return try Graph(nodes: resized)
  }

  /// The graph behind another one, whose result it reads in place of its own input.
  ///
  /// - Throws: `GraphError` if that result has another shape than the input, or a name occurs in both.
  package func following(_ front: Graph) throws -> Graph {
    guard front.output.shape == inputShape else {
      throw GraphError(
        .shape, "gives \(front.output.shape), and \(inputShape) is read", layer: front.output.name)
    }
    let end = front.outputIndex
    let shift = front.nodes.count - 1
    return try Graph(
      nodes: front.nodes
        + nodes.dropFirst().map { node in
          Node(
            name: node.name, operation: node.operation,
            inputs: node.inputs.map { $0 == 0 ? end : $0 + shift },
            stage: node.stage, shape: node.shape)
        })
  }
}
