public import GraftGraph
internal import GraftTensor

/// A network in training in Double: results of a batch, and gradients by plain loops from each operation's definition.
public struct ReferenceTraining {
  /// The layers.
  public let graph: Graph
  /// The weights.
  public var parameters: [Parameters.Key: ReferenceArray]
  /// The layers whose batch normalization uses the statistics of the batch.
  public var batchStatistics: Set<String> = []

  /// The weights of a network in Double.
  public init(_ network: Network) {
    graph = network.graph
    parameters = network.parameters.tensors.mapValues { ReferenceArray($0) }
  }

  /// What a walk from the loss to the input gives.
  public struct Gradients {
    /// For each picture, the gradient with respect to the input.
    public var inputs: [ReferenceArray]
    /// The gradients with respect to all parameters, summed over pictures.
    public var parameters: [Parameters.Key: ReferenceArray]
  }

  /// The results of all nodes for each picture: by node, then by picture.
  public func forward(_ inputs: [ReferenceArray]) -> [[ReferenceArray]] {
    var results: [[ReferenceArray]] = []
    for node in graph.nodes {
      if case .batchNormalization(let b) = node.operation, batchStatistics.contains(node.name) {
        results.append(normalized(node, b, results[node.inputs[0]]))
        continue
      }
      results.append(
        inputs.indices.map { picture in
          let y = ReferenceInterpreter.evaluate(
            node, node.inputs.map { results[$0][picture] }, inputs[picture],
            { parameters[Parameters.Key(node.name, $0)] })
          return ReferenceArray(node.shape, y.values)
        })
    }
    return results
  }

  /// The gradients of a loss, from those with respect to the output of each picture.
  public func backward(_ inputs: [ReferenceArray], _ outputGradients: [ReferenceArray]) -> Gradients {
    let results = forward(inputs)
    var gradients = graph.nodes.map { node in inputs.map { _ in ReferenceArray(zeros: node.shape) } }
    gradients[graph.outputIndex] = outputGradients
    var sums: [Parameters.Key: ReferenceArray] = parameters.mapValues { ReferenceArray(zeros: $0.shape) }
    func add(_ values: [Double], _ node: Graph.Node, _ name: String) {
      let key = Parameters.Key(node.name, name)
      for (index, value) in values.enumerated() { sums[key]?.values[index] += value }
    }
    for (index, node) in graph.nodes.enumerated().reversed() {
      if case .batchNormalization(let b) = node.operation, batchStatistics.contains(node.name) {
        let found = normalizedGradient(node, b, results[node.inputs[0]], gradients[index])
        for picture in inputs.indices {
          gradients[node.inputs[0]][picture].add(found.inputs[picture])
        }
        for (name, values) in found.parameters { add(values, node, name) }
        continue
      }
      for picture in inputs.indices {
        let found = ReferenceGradient.evaluate(
          node, node.inputs.map { results[$0][picture] }, gradients[index][picture],
          { parameters[Parameters.Key(node.name, $0)] })
        for (input, gradient) in zip(node.inputs, found.inputs) { gradients[input][picture].add(gradient) }
        for (name, values) in found.parameters { add(values, node, name) }
      }
    }
    return Gradients(inputs: gradients[0], parameters: sums)
  }

  /// The mean and variance of each channel over the batch.
  public static func statistics(_ inputs: [ReferenceArray]) -> (mean: [Double], variance: [Double]) {
    let channels = inputs[0].shape.channels
    let count = Double(inputs.reduce(0) { $0 + $1.values.count } / channels)
    var (mean, variance) = ([Double](repeating: 0, count: channels), [Double](repeating: 0, count: channels))
    for x in inputs { for (i, v) in x.values.enumerated() { mean[i % channels] += v / count } }
    for x in inputs {
      for (i, v) in x.values.enumerated() {
        variance[i % channels] += (v - mean[i % channels]) * (v - mean[i % channels]) / count
      }
    }
    return (mean, variance)
  }

  private func normalized(
    _ node: Graph.Node, _ b: BatchNormalization, _ inputs: [ReferenceArray]
  ) -> [ReferenceArray] {
    let (mean, variance) = Self.statistics(inputs)
    let gamma = parameters[Parameters.Key(node.name, "gamma")]?.values
    let beta = parameters[Parameters.Key(node.name, "beta")]?.values
    return inputs.map { x in
      var y = x
      for index in y.values.indices {
        let c = index % x.shape.channels
        let unit = (x.values[index] - mean[c]) / (variance[c] + Double(b.epsilon)).squareRoot()
        y.values[index] = unit * (gamma?[c] ?? 1) + (beta?[c] ?? 0)
      }
      return y
    }
  }

  /// Straight from the chain rule, through mean and variance.
  private func normalizedGradient(
    _ node: Graph.Node, _ b: BatchNormalization, _ inputs: [ReferenceArray], _ gradients: [ReferenceArray]
  ) -> (inputs: [ReferenceArray], parameters: [String: [Double]]) {
    let channels = node.shape.channels
    let (mean, variance) = Self.statistics(inputs)
    let gamma = parameters[Parameters.Key(node.name, "gamma")]?.values
    let count = Double(inputs.reduce(0) { $0 + $1.values.count } / channels)
    var results = inputs.map { ReferenceArray(zeros: $0.shape) }
    var (dGamma, dBeta) = ([Double](repeating: 0, count: channels), [Double](repeating: 0, count: channels))
    for c in 0..<channels {
      let deviation = (variance[c] + Double(b.epsilon)).squareRoot()
      var (dVariance, dMean) = (0.0, 0.0)
      for (x, dy) in zip(inputs, gradients) {
        for i in stride(from: c, to: x.values.count, by: channels) {
          let dUnit = dy.values[i] * (gamma?[c] ?? 1)
          dGamma[c] += dy.values[i] * (x.values[i] - mean[c]) / deviation
          dBeta[c] += dy.values[i]
          dVariance -= dUnit * (x.values[i] - mean[c]) / (2 * deviation * deviation * deviation)
          dMean -= dUnit / deviation
        }
      }
      for (picture, (x, dy)) in zip(inputs, gradients).enumerated() {
        for i in stride(from: c, to: x.values.count, by: channels) {
          results[picture].values[i] =
            dy.values[i] * (gamma?[c] ?? 1) / deviation + dVariance * 2 * (x.values[i] - mean[c]) / count
            + dMean / count
        }
      }
    }
    return (results, ["gamma": dGamma, "beta": dBeta])
  }
}

extension ReferenceArray {
  /// Adds another array element by element.
  mutating func add(_ other: ReferenceArray) {
    for index in values.indices { values[index] += other.values[index] }
  }
}
