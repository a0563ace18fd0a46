package import GraftGraph
package import GraftTensor
internal import GraftEngine

/// A network's logits from the results of its frozen part, as they are outside training.
package struct BoundaryEvaluation {
  private enum Plan {
    case inference(InferencePlan)
    /// For several results at the boundary, which no plan for inference can be given.
    case training(TrainingPlan)
  }

  private let plan: Plan

  /// Compiles what follows the boundary.
  ///
  /// - Parameters:
  ///   - network: the network as it stands.
  ///   - boundary: the names of the layers whose results will be given.
  ///   - trainable: the selection that the boundary follows from.
  package init(_ network: Network, boundary: [String], trainable: ParameterSelection) throws {
    if let only = boundary.first, boundary.count == 1 {
      plan = .inference(try InferencePlan(network.withLogits().continuing(from: only)))
    } else {
      plan = .training(try TrainingPlan(network.withoutDropout(), trainable: trainable))
    }
  }

  /// The logits of pictures.
  package func logits(_ boundary: [Tensor]) throws -> Tensor {
    switch plan {
    case .inference(let plan): try plan.run(boundary[0])[0]
    case .training(let plan): try plan.forward(boundary: boundary, draw: TrainingDraw(seed: 0, step: 0))
    }
  }
}

extension Network {
  /// The network without the softmax or sigmoid at its end.
  func withLogits() throws -> Network {
    let end = graph.output
    switch end.operation {
    case .activation(.softmax), .activation(.sigmoid):
      return try truncated(at: graph.nodes[end.inputs[0]].name)
    case .dense(var dense) where dense.activation == .softmax || dense.activation == .sigmoid:
      dense.activation = .linear
      return try mapping { $0.name == end.name ? .dense(dense) : $0.operation }
    case .convolution(var convolution)
    where convolution.activation == .softmax || convolution.activation == .sigmoid:
      convolution.activation = .linear
      return try mapping { $0.name == end.name ? .convolution(convolution) : $0.operation }
    default:
      return self
    }
  }

  /// The network with dropouts that drop nothing.
  fileprivate func withoutDropout() throws -> Network {
    try mapping { node in
      if case .dropout = node.operation { .dropout(rate: 0) } else { node.operation }
    }
  }

  /// The network with other operations that give the same shapes.
  private func mapping(_ operation: (Graph.Node) -> GraftGraph.Operation) throws -> Network {
    var builder = GraphBuilder()
    var values: [GraphBuilder.Value] = []
    for node in graph.nodes {
      builder.begin(stage: node.stage)
      values.append(builder.layer(operation(node), node.inputs.map { values[$0] }, node.name))
    }
    return try Network(graph: builder.graph(), parameters: parameters)
  }

  /// The part behind a layer that all of it passes, with that layer's result as input.
  fileprivate func continuing(from layer: String) throws -> Network {
    guard let start = graph.index(of: layer), start > 0 else { return self }
    var needed = [Bool](repeating: false, count: graph.nodes.count)
    needed[graph.outputIndex] = true
    for index in graph.nodes.indices.reversed() where needed[index] && index != start {
      for input in graph.nodes[index].inputs { needed[input] = true }
    }
    var builder = GraphBuilder()
    var values: [Int: GraphBuilder.Value] = [start: builder.input(graph.nodes[start].shape, layer)]
    for (index, node) in graph.nodes.enumerated() where needed[index] && index > start {
      builder.begin(stage: node.stage)
      values[index] = builder.layer(node.operation, node.inputs.compactMap { values[$0] }, node.name)
    }
    return try Network(graph: builder.graph(), parameters: parameters)
  }
}
