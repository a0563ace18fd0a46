internal import GraftData
internal import GraftGraph
public import GraftLinear
internal import GraftTensor

/// The classifier that takes the place of a network's own: global average pooling, perhaps dropout and a hidden layer,
/// softmax; sigmoid where several labels may hold; for boxes their coordinates as they are.
public struct HeadDesign: Sendable, Hashable {
  /// Where its weights come from.
  public enum Initialization: String, Sendable, Hashable, CaseIterable {
    /// The linear classifier that is fitted to the features of the frozen network, as `graft fit` does: it is epoch 0,
    /// and training starts where that ended. With label smoothing training begins from one that is fitted to the
    /// smoothed targets. One logistic regression a label for several labels, ridge regression for boxes.
    case linear
    /// Random, uniform in ±sqrt(6 / (inputs + outputs)) (Glorot and Bengio, 2010).
    case glorot
    /// Random, normal with deviation sqrt(2 / inputs) (He et al., 2015, arXiv 1502.01852).
    case he
  }

  /// Where the weights come from.
  public var initialization: Initialization
  /// The strength of the penalty of the linear classifier.
  public var l2: LogisticRegression.Strength
  /// The share of the features, and of a hidden layer's results, that is dropped in training; from 0 to below 1.
  public var dropout: Double
  /// Units of a hidden layer with ReLU; nil for none.
  public var hidden: Int?

  /// Describes a head.
  public init(
    initialization: Initialization = .linear, l2: LogisticRegression.Strength = .auto, dropout: Double = 0,
    hidden: Int? = nil
  ) {
    self.initialization = initialization
    self.l2 = l2
    self.dropout = dropout
    self.hidden = hidden
  }
}

/// A network with a new head, and where its parts are.
struct HeadedNetwork {
  /// The network.
  var network: Network
  /// The layer that the head reads.
  var trunkEnd: String
  /// The layer that holds the pooled features.
  var features: String
  /// The last layer.
  var classifier: String
}

extension HeadDesign {
  /// The network with this head in place of its own; random weights, which depend on the seed alone.
  ///
  /// - Throws: `WeightError` with code `.unsuitable` for options that do not go together.
  func added(to pretrained: Network, outputs: TaskTargets, seed: UInt64) throws -> HeadedNetwork {
    guard (0..<1).contains(dropout) else {
      throw WeightError(.unsuitable, "the dropout must be from 0 to below 1, not \(dropout)")
    }
    guard hidden.map({ $0 > 0 && initialization != .linear }) ?? true else {
      throw WeightError(
        .unsuitable,
        "a hidden layer needs at least one unit, and random weights to start with (he or glorot): a linear classifier "
          + "has none")
    }
    let trunk = try pretrained.withoutHead()
    var builder = GraphBuilder(continuing: trunk.graph)
    var x = builder.last
    builder.begin(stage: Graph.headStage)
    if trunk.graph.output.shape.rank == 3 {
      x = builder.globalPooling(x, .average, builder.unusedName("avg_pool"))
    }
    var features = trunk.graph.output.name
    if trunk.graph.output.shape.rank == 3 { features = try builder.graph().output.name }
    var parameters = trunk.parameters

    func dense(_ units: Int, _ activation: Activation, _ name: String) {
      let inputs = builder.shape(of: x).count
      let name = builder.unusedName(name)
      x = builder.dense(x, units: units, activation: activation, name)
      parameters[name, "kernel"] = random([inputs, units], seed, name)
      parameters[name, "bias"] = Tensor(repeating: 0, shape: [units])
    }
    if dropout > 0 { x = builder.dropout(x, rate: Float(dropout), builder.unusedName("dropout")) }
    if let hidden {
      dense(hidden, .relu, "hidden")
      if dropout > 0 { x = builder.dropout(x, rate: Float(dropout), builder.unusedName("dropout")) }
    }
    dense(outputs.outputs, outputs.task.activation, "predictions")
    let graph = try builder.graph()
    return HeadedNetwork(
      network: try Network(graph: graph, parameters: parameters), trunkEnd: trunk.graph.output.name,
      features: features, classifier: graph.output.name)
  }

  private func random(_ shape: Shape, _ seed: UInt64, _ name: String) -> Tensor {
    let stream = "head/\(name)"
    if initialization == .he {
      return Tensor(
        normalWithDeviation: (2 / Float(shape[0])).squareRoot(), shape: shape, seed: seed, stream: stream)
    }
    let limit = (6 / Float(shape[0] + shape[1])).squareRoot()
    return Tensor(uniform: -limit...limit, shape: shape, seed: seed, stream: stream)
  }
}

extension HeadedNetwork {
  /// The network with other weights of its last layer; a kernel that is not given stays.
  func replacingClassifier(kernel: Tensor?, bias: Tensor) throws -> Network {
    var parameters = network.parameters
    if let kernel { parameters[classifier, "kernel"] = kernel }
    parameters[classifier, "bias"] = bias
    return try Network(graph: network.graph, parameters: parameters)
  }
}
