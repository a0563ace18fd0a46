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
  /// with a factor is a rescaling and an addition, and activations that Keras has no name for are layers of their own.
  package func inStandardLayers() throws -> Graph {
    let isSpecial = nodes.contains {
      switch $0.operation {
      case .layerScale, .scaledAddition, .activation(.function(.ramp)): true
      default: $0.operation.followingActivation != nil
      }
    }
    guard isSpecial else { return self }
    var builder = GraphBuilder()
    var values: [GraphBuilder.Value] = []
    let taken = Set(nodes.map(\.name))
    func unused(_ name: String) -> String {
      var name = name
      while taken.contains(name) { name += "_" }
      return name
    }
    /// A ramp is a rescaling and a rectifier with a maximum, if it goes from 0 to something.
    func activated(
      _ x: GraphBuilder.Value, _ activation: Activation, _ name: String, _ builder: inout GraphBuilder
    ) -> GraphBuilder.Value {
      guard case .function(.ramp(let scale, let offset, low: 0, let high)) = activation else {
        return builder.activation(x, activation, name)
      }
      let scaled = builder.rescaling(x, scale: scale, offset: offset, unused("\(name)_scale"))
      return builder.activation(
        scaled, .function(.rectifier(slope: 0, maximum: high, threshold: 0)), name)
    }
    for node in nodes {
      builder.begin(stage: node.stage)
      let inputs = node.inputs.map { values[$0] }
      switch node.operation {
      case .layerScale:
        values.append(builder.depthwiseConvolution(inputs[0], kernel: 1, bias: false, node.name))
      case .scaledAddition(let scale):
        let scaled = builder.rescaling(inputs[1], scale: scale, offset: 0, unused("\(node.name)_scale"))
        values.append(builder.add(inputs[0], scaled, node.name))
      case .activation(let activation):
        values.append(activated(inputs[0], activation, node.name, &builder))
      default:
        guard let (operation, activation) = node.operation.followingActivation else {
          values.append(builder.layer(node.operation, inputs, node.name))
          continue
        }
        let x = builder.layer(operation, inputs, node.name)
        values.append(activated(x, activation, unused("\(node.name)_activation"), &builder))
      }
    }
    return try builder.graph()
  }
}

extension Operation {
  /// The operation without its activation, and the activation, where Keras has no name for that; nil for others.
  fileprivate var followingActivation: (operation: Operation, activation: Activation)? {
    switch self {
    case .convolution(var c) where c.activation.kerasName == nil:
      let activation = c.activation
      c.activation = .linear
      return (.convolution(c), activation)
    case .depthwiseConvolution(var c) where c.activation.kerasName == nil:
      let activation = c.activation
      c.activation = .linear
      return (.depthwiseConvolution(c), activation)
    case .separableConvolution(var c) where c.activation.kerasName == nil:
      let activation = c.activation
      c.activation = .linear
      return (.separableConvolution(c), activation)
    case .transposedConvolution(var c) where c.activation.kerasName == nil:
      let activation = c.activation
      c.activation = .linear
      return (.transposedConvolution(c), activation)
    case .dense(var d) where d.activation.kerasName == nil:
      let activation = d.activation
      d.activation = .linear
      return (.dense(d), activation)
    default: return nil
    }
  }
}
