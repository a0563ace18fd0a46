public import GraftData
internal import GraftGraph

extension PretrainedNetwork {
  /// What the network is asked about a picture: what a model of Graft says; of another file, several labels where it ends
  /// in sigmoid, and classes otherwise.
  public var task: PictureTask {
    facts?.task ?? (network.graph.finalActivation == .sigmoid ? .labels : .classes)
  }

  /// Whether the network's own outputs can go on training for a task with so many outputs.
  func suits(_ task: PictureTask, outputs: Int) -> Bool {
    guard network.graph.output.shape == [outputs] else { return false }
    // A file that says nothing of it may well end in coordinates.
    return self.task == task
      || (task == .boxes && facts == nil && network.graph.finalActivation == .linear)
  }
}

extension PretrainedNetwork {
  /// What the outputs are called.
  ///
  /// - Throws: `WeightError` with code `.unsuitable` if the network does not end in a row of numbers.
  func outputLabels() throws -> Labels {
    let shape = network.graph.output.shape
    guard shape.rank == 1 else {
      throw WeightError(.unsuitable, "\(source): the network ends in \(shape) features, not in classes")
    }
    let labels = try classes ?? .numbered(shape[0])
    guard labels.count == shape[0] else {
      throw WeightError(
        .unsuitable, "\(source): \(labels.count) class names for \(shape[0]) outputs; the file is damaged")
    }
    return labels
  }
}

extension PretrainedNetwork {
  /// Whether the network tells classes apart by numbers of any size, as models of Keras do that leave softmax to the
  /// loss (`from_logits=True`).
  var givesLogits: Bool {
    let end = network.graph.output
    guard task == .classes, facts == nil, end.shape.rank == 1, end.shape[0] > 1,
      case .dense(let dense) = end.operation
    else { return false }
    return dense.activation == .linear
  }

  /// The same network with softmax behind its logits.
  func withProbabilities() throws -> PretrainedNetwork {
    guard givesLogits else { return self }
    var builder = GraphBuilder(continuing: network.graph)
    builder.begin(stage: Graph.headStage)
    _ = builder.activation(builder.last, .softmax, builder.unusedName("softmax"))
    return PretrainedNetwork(
      self, network: try Network(graph: builder.graph(), parameters: network.parameters), classes: classes)
  }

  /// What a user should know about that.
  var logitsWarning: String {
    "\(source): the network ends in numbers of any size, without softmax; they are taken for logits, and softmax is put "
      + "behind them"
  }
}

extension Graph {
  /// The activation that the network ends in.
  var finalActivation: Activation {
    switch output.operation {
    case .activation(let activation): activation
    case .dense(let dense): dense.activation
    case .convolution(let convolution): convolution.activation
    default: .linear
    }
  }
}

extension PictureTask {
  /// The activation that a network for it ends in.
  var activation: Activation {
    switch self {
    case .classes: .softmax
    case .labels: .sigmoid
    case .boxes: .linear
    }
  }
}
