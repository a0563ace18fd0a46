public import GraftEngine
public import GraftGraph
internal import GraftSupport
internal import GraftTensor

/// Options of fine-tuning, and the loop.
///
/// ```swift
/// var trainer = Trainer(
///   trainable: .stages(from: "conv5"), epochs: 10, learningRate: .cosine(peak: 1e-4, warmup: 1))
/// trainer.optimizer = .sgd(momentum: 0.9)
/// let history = try trainer.fit(&network, on: training, validatingOn: held) { event in … }
/// ```
public struct Trainer: Sendable {
  /// The parameters that train; all others keep their bytes.
  public var trainable: ParameterSelection
  /// Passes over the training pictures.
  public var epochs: Int
  /// The size of steps over the run.
  public var learningRate: LearningRate
  /// How gradients change weights.
  public var optimizer = Optimizer.adamW()
  /// What is made small.
  public var loss = Loss.crossEntropy()
  /// Pictures in a step; the last of an epoch has what is left.
  public var batchSize = 16
  /// Fixes the order of pictures and what dropout drops.
  public var seed: UInt64 = 1
  /// How batch normalizations with parameters that train behave.
  public var statistics = TrainingPlan.Statistics.frozen

  /// Options with defaults for all but what a job cannot guess.
  public init(trainable: ParameterSelection, epochs: Int, learningRate: LearningRate) {
    self.trainable = trainable
    self.epochs = epochs
    self.learningRate = learningRate
  }

  /// Trains a network on pictures in memory. The frozen part is computed once.
  ///
  /// - Parameters:
  ///   - network: the network at the start; at the end, as training left it. It stays as it was if an error is
  ///     thrown.
  ///   - training: pictures to learn from.
  ///   - validation: pictures to evaluate the starting point and each epoch on.
  ///   - report: is told of each step and epoch; stops the run by throwing.
  /// - Throws: `TrainingError`, what `TrainingPlan` throws, and what `report` throws.
  @discardableResult
  public func fit(
    _ network: inout Network, on training: LabelledTensors, validatingOn validation: LabelledTensors? = nil,
    report: (TrainingEvent) throws -> Void = { _ in }
  ) throws -> TrainingHistory {
    guard epochs > 0, batchSize > 0, !training.labels.isEmpty else {
      throw TrainingError(
        .input,
        "\(training.labels.count) pictures, \(epochs) epochs and batches of \(batchSize): all must be positive"
      )
    }
    let run = try TrainingRun(network, self)
    let boundary = try run.plan.frozenPart.map { try $0.run(training.inputs) } ?? [training.inputs]
    let count = training.labels.count
    let stepsPerEpoch = (count + batchSize - 1) / batchSize
    var history = TrainingHistory()

    func finish(_ number: Int, _ score: TrainingHistory.Score?, _ rate: Double?) throws {
      let epoch = TrainingHistory.Epoch(
        number: number, training: score,
        validation: try validation.map { try evaluate(run.network(), on: $0) }, learningRate: rate)
      history.epochs.append(epoch)
      try report(.epochFinished(epoch))
    }

    try finish(0, nil, nil)
    for epoch in 0..<epochs {
      var generator = SeededGenerator(seed: seed, stream: "order/\(epoch)")
      let order = generator.permutation(count)
      var (total, right, rate) = (0.0, 0, 0.0)
      for batch in 0..<stepsPerEpoch {
        let pictures = order[batch * batchSize..<min((batch + 1) * batchSize, count)]
        let labels = pictures.map { training.labels[$0] }
        let step = epoch * stepsPerEpoch + batch
        rate = learningRate.rate(at: step, stepsPerEpoch: stepsPerEpoch, epochs: epochs)
        let (losses, logits) = try run.step(
          boundary: boundary.map { $0.selecting(pictures) }, labels: labels, learningRate: rate)
        total += losses.reduce(0, +)
        right += Self.right(logits, labels)
        try report(
          .stepFinished(
            step: step + 1, of: epochs * stepsPerEpoch, loss: losses.reduce(0, +) / Double(labels.count)))
      }
      try finish(
        epoch + 1,
        TrainingHistory.Score(loss: total / Double(count), accuracy: Double(right) / Double(count)), rate)
    }
    network = try run.network()
    return history
  }

  /// The loss and the share of right answers of a network over pictures in memory.
  ///
  /// - Throws: `EngineError` if pictures or labels do not fit the network.
  public func evaluate(
    _ network: Network, on pictures: LabelledTensors
  ) throws -> TrainingHistory.Score {
    let logits = try InferencePlan(network.withLogits()).run(pictures.inputs)[0]
    let losses = try loss.evaluate(logits, pictures.labels).losses
    let count = Double(max(losses.count, 1))
    return TrainingHistory.Score(
      loss: losses.reduce(0, +) / count, accuracy: Double(Self.right(logits, pictures.labels)) / count)
  }

  /// The number of rows whose largest element, the first of equals, is the label's.
  private static func right(_ logits: Tensor, _ labels: [Int]) -> Int {
    let classes = logits.count / max(labels.count, 1)
    return labels.indices.count { picture in
      let row = logits.scalars[picture * classes..<(picture + 1) * classes]
      return row.firstIndex(of: row.max() ?? 0) == picture * classes + labels[picture]
    }
  }
}

extension Network {
  /// The network without the softmax at its end.
  fileprivate func withLogits() throws -> Network {
    let end = graph.output
    switch end.operation {
    case .activation(.softmax):
      return try truncated(at: graph.nodes[end.inputs[0]].name)
    case .dense(var dense) where dense.activation == .softmax:
      dense.activation = .linear
      return try replacingEnd(by: .dense(dense))
    case .convolution(var convolution) where convolution.activation == .softmax:
      convolution.activation = .linear
      return try replacingEnd(by: .convolution(convolution))
    default:
      return self
    }
  }

  private func replacingEnd(by operation: GraftGraph.Operation) throws -> Network {
    var builder = GraphBuilder(continuing: try graph.truncated(at: graph.nodes[graph.output.inputs[0]].name))
    _ = builder.layer(operation, [builder.last], graph.output.name)
    return try Network(graph: builder.graph(), parameters: parameters)
  }
}
