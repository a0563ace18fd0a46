public import GraftEngine
public import GraftGraph
public import GraftTensor

/// A network in training: its compiled plan and what the optimizer remembers, one step at a time.
public final class TrainingRun {
  /// The compiled network.
  public let plan: TrainingPlan
  /// What the optimizer remembers.
  public private(set) var optimizer: OptimizerState
  private let loss: Loss
  private let seed: UInt64

  /// Compiles a network with a trainer's selection, statistics, optimizer, loss and seed.
  ///
  /// - Throws: what `TrainingPlan` throws; `TrainingError` with code `.input` if the network's result is not one
  ///   row of logits.
  public init(_ network: Network, _ trainer: Trainer) throws {
    plan = try TrainingPlan(network, trainable: trainer.trainable, statistics: trainer.statistics)
    guard plan.outputShape.rank == 1, plan.finalActivation != .sigmoid else {
      throw TrainingError(
        .input,
        "cross-entropy needs a network that ends in one number a class and softmax; this one gives "
          + "\(plan.outputShape) through \(plan.finalActivation)")
    }
    optimizer = OptimizerState(trainer.optimizer, count: plan.layout.count)
    loss = trainer.loss
    seed = trainer.seed
  }

  /// The network as it stands.
  public func network() throws -> Network { try plan.network() }

  /// Changes the weights by one step on a batch of pictures.
  ///
  /// - Returns: the loss of each picture before the step, and the logits that it comes from.
  /// - Throws: `EngineError` with code `.shape`; `TrainingError` with code `.diverged` if the loss or a gradient is not
  ///   a number, in which case the weights stay as they were.
  @discardableResult
  public func step(
    _ input: Tensor, labels: [Int], learningRate: Double
  ) throws -> (losses: [Double], logits: Tensor) {
    let boundary = try plan.frozenPart.map { try $0.run(input) } ?? [input]
    return try step(boundary: boundary, labels: labels, learningRate: learningRate)
  }

  /// The same, from the results of the frozen part.
  @discardableResult
  public func step(
    boundary: [Tensor], labels: [Int], learningRate: Double
  ) throws -> (losses: [Double], logits: Tensor) {
    let number = optimizer.steps
    let logits = try plan.forward(boundary: boundary, draw: TrainingDraw(seed: seed, step: number))
    let (losses, gradient) = try loss.evaluate(logits, labels)
    try plan.backward(gradient)
    try plan.withParameters { values, gradients in
      // A sum is a number only if all its terms are.
      guard losses.allSatisfy(\.isFinite), (gradients.reduce(0) { $0 + Double($1) }).isFinite else {
        throw TrainingError(
          .diverged,
          "the loss is no longer a number at step \(number + 1), at a learning rate of \(learningRate); "
            + "use a smaller one, or a longer warm-up")
      }
      optimizer.update(values, UnsafeBufferPointer(gradients), rate: learningRate)
    }
    return (losses, logits)
  }
}
