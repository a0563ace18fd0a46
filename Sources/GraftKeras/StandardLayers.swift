package import GraftGraph
internal import GraftTensor

extension Network {
  /// The same network in layers that every Keras has. Layer scales and additions with a factor belong to single
  /// networks of Keras Applications, and a file with them would not open without their classes.
  ///
  /// - Throws: `GraphError` if a name that has to be made up is taken.
  func inStandardLayers() throws -> Network {
    let graph = try self.graph.inStandardLayers()
    var parameters = parameters
    for node in self.graph.nodes {
      guard case .layerScale = node.operation, let gamma = parameters[node.name, "gamma"] else { continue }
      parameters[node.name, "depthwise_kernel"] = Tensor(
        shape: [1, 1, gamma.count, 1], scalars: gamma.scalars)
    }
    return try Network(graph: graph, parameters: parameters)
  }
}

extension Graph {
  /// The same graph in layers that every Keras has: a layer scale is a 1 x 1 convolution of each channel, an addition
  /// with a factor is a rescaling and an addition.
  package func inStandardLayers() throws -> Graph {
    let isSpecial = nodes.contains {
      switch $0.operation {
      case .layerScale, .scaledAddition: true
      default: false
      }
    }
    guard isSpecial else { return self }
    var builder = GraphBuilder()
    var values: [GraphBuilder.Value] = []
    let taken = Set(nodes.map(\.name))
    for node in nodes {
      builder.begin(stage: node.stage)
      let inputs = node.inputs.map { values[$0] }
      switch node.operation {
      case .layerScale:
        values.append(builder.depthwiseConvolution(inputs[0], kernel: 1, bias: false, node.name))
      case .scaledAddition(let scale):
        var name = "\(node.name)_scale"
        while taken.contains(name) { name += "_" }
        let scaled = builder.rescaling(inputs[1], scale: scale, offset: 0, name)
        values.append(builder.add(inputs[0], scaled, node.name))
      default:
        values.append(builder.layer(node.operation, inputs, node.name))
      }
    }
    return try builder.graph()
  }
}
