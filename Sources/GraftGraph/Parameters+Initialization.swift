internal import GraftTensor

extension Parameters {
  /// Random parameters, the same for the same graph and seed: kernels from He's normal distribution (deviation
  /// sqrt(2 / inputs of a unit), He et al., 2015, arXiv 1502.01852), biases and betas zero, gammas and moving
  /// variances one, moving means zero, slopes of parametric rectifiers 0.25.
  public static func random(for graph: Graph, seed: UInt64) -> Parameters {
    var parameters = Parameters()
    for node in graph.nodes {
      for (name, shape) in graph.parameterShapes(of: node) {
        let key = Key(node.name, name)
        switch name {
        case "kernel", "pointwise_kernel":
          parameters[key] = he(shape, inputs: shape.count / max(shape.channels, 1), key, seed)
        case "depthwise_kernel":
          parameters[key] = he(shape, inputs: shape[0] * shape[1], key, seed)
        case "gamma", "moving_variance", "variance":
          parameters[key] = Tensor(repeating: 1, shape: shape)
        case "alpha":
          // Where training starts in He et al., 2015, arXiv 1502.01852.
          parameters[key] = Tensor(repeating: 0.25, shape: shape)
        default:
          parameters[key] = Tensor(repeating: 0, shape: shape)
        }
      }
    }
    return parameters
  }

  private static func he(_ shape: Shape, inputs: Int, _ key: Key, _ seed: UInt64) -> Tensor {
    Tensor(
      normalWithDeviation: (2 / Float(max(inputs, 1))).squareRoot(), shape: shape, seed: seed,
      stream: key.description)
  }
}
