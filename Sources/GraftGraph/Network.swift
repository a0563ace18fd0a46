public import GraftTensor

/// A graph with its weights, checked against each other.
public struct Network: Hashable, Sendable {
  /// The layers.
  public let graph: Graph
  /// The weights: exactly those that the graph's layers have, with their shapes; none where they were let go.
  public let parameters: Parameters

  /// A network whose weights were given up, to be looked at only: to compile or save it is an error that names the first
  /// layer with weights.
  package init(withoutWeights graph: Graph) {
    self.graph = graph
    parameters = Parameters()
  }

  /// Puts weights into a graph. Weights that the graph has no use for are left out.
  ///
  /// - Throws: `GraphError` with code `.parameters` naming the layer, the expected and the found shape.
  public init(graph: Graph, parameters: Parameters) throws {
    var used = Parameters()
    for node in graph.nodes {
      for (name, shape) in graph.parameterShapes(of: node) {
        let key = Parameters.Key(node.name, name)
        guard let tensor = parameters[key] else {
          throw GraphError(.parameters, "\(name) is missing (\(shape) expected)", layer: node.name)
        }
        guard tensor.shape == shape else {
          throw GraphError(
            .parameters, "\(name) has shape \(tensor.shape), the network wants \(shape)", layer: node.name)
        }
        used[key] = tensor
      }
    }
    self.graph = graph
    self.parameters = used
  }

  /// A weight of a layer.
  ///
  /// - Throws: `GraphError` with code `.parameters` where weights were let go.
  package func weight(_ name: String, of node: Graph.Node) throws -> Tensor {
    guard let tensor = parameters[node.name, name] else {
      throw GraphError(.parameters, "\(name) is missing: the network's weights were let go", layer: node.name)
    }
    return tensor
  }

  /// The part of the network that the layer `name` needs, with that layer as output.
  ///
  /// - Throws: `GraphError` with code `.unknownLayer`.
  public func truncated(at name: String) throws -> Network {
    try Network(graph: graph.truncated(at: name), parameters: parameters)
  }

  /// The network without its classifier; see `Graph.withoutHead()`.
  public func withoutHead() throws -> Network {
    try Network(graph: graph.withoutHead(), parameters: parameters)
  }

  /// The network with a new classifier of the given weights.
  ///
  /// - Parameters:
  ///   - kernel: features x classes.
  ///   - bias: classes.
  /// - Throws: `GraphError` if the number of features differs from the network's.
  public func replacingHead(kernel: Tensor, bias: Tensor) throws -> Network {
    var parameters = parameters
    let graph = try graph.replacingHead(classes: kernel.shape.channels)
    parameters[graph.output.name, "kernel"] = kernel
    parameters[graph.output.name, "bias"] = bias
    return try Network(graph: graph, parameters: parameters)
  }

  /// The network for pictures of another size.
  ///
  /// - Throws: `GraphError` where a layer does not fit the new size.
  public func resized(height: Int, width: Int) throws -> Network {
    try Network(graph: graph.resized(height: height, width: width), parameters: parameters)
  }
}
