public import GraftEngine
public import GraftGraph
public import GraftImage
internal import GraftSupport
internal import GraftTensor

/// Options of fine-tuning, and the loop.
///
/// ```swift
/// var trainer = Trainer(
///   trainable: .stages(from: "conv5"), epochs: 10, learningRate: .cosine(peak: 1e-4, warmup: 3))
/// trainer.optimizer = .sgd(momentum: 0.9)
/// let history = try trainer.fit(&network, on: training, validatingOn: held) { event in … }
/// ```
public struct Trainer: Sendable {
  /// The parameters that train; all others keep their bytes.
  public var trainable: ParameterSelection
  /// Passes over the training pictures; 0 evaluates the starting point, which is then the result.
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
  /// What the learning rate is multiplied by, stage by stage.
  public var rates = ParameterRates.uniform
  /// How the pictures of a batch are mixed, if they are.
  public var mixing: BatchMixing?
  /// In which order pictures are trained on, and how often each.
  public var sampling = SamplingOrder.shuffled
  /// When the run ends before its last epoch; nil for never.
  public var earlyStopping: EarlyStopping?
  /// What is changed in each training picture at each epoch; pictures in memory stay as they are.
  public var augmentation = Augmentation.none

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
    let frozen = try TrainingRun(network, self).plan.frozenPart
    let boundary = try frozen.map { try $0.run(training.inputs) } ?? [training.inputs]
    let input = network.graph.nodes[0].name
    let surroundings = TrainingSurroundings(
      training: MemoryPictures(training, boundary: boundary),
      validation: validation.map { MemoryPictures($0, boundary: [$0.inputs]) }, validationBoundary: [input])
    let end = try run(network, from: nil, in: surroundings, report: report)
    network = try TrainingRun(network, self, from: end).result()
    return end.history
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
}
