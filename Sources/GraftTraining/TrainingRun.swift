public import GraftEngine
public import GraftGraph
public import GraftTensor

/// A network in training: its compiled plan and what the optimizer remembers, one step at a time.
public final class TrainingRun {
  /// The compiled network.
  public let plan: TrainingPlan
  /// What the optimizer remembers.
  public private(set) var optimizer: OptimizerState
  /// The parameters that a run changes, statistics of batches included, in a fixed order.
  package let stateKeys: [Parameters.Key]
  private let loss: Loss
  private let seed: UInt64
  private let rates: ParameterRates
  private let mixing: BatchMixing?
  private let graph: Graph
  /// How parameters are treated in the epoch of the last step.
  private var groups: (epoch: Int, groups: [ParameterGroup])?

  /// Compiles a network with a trainer's selection, statistics, optimizer, loss and seed.
  ///
  /// - Throws: what `TrainingPlan` throws; `TrainingError` with code `.input` if the network's result is not one
  ///   row of logits.
  public convenience init(_ network: Network, _ trainer: Trainer) throws {
    try self.init(network, trainer, from: nil)
  }

  /// Compiles a network, and goes on from a state if there is one.
  ///
  /// - Throws: also `TrainingError` with code `.checkpoint` if the state does not fit.
  package init(_ network: Network, _ trainer: Trainer, from state: TrainingState?) throws {
    let keys = try Self.stateKeys(of: network.graph, trainer)
    let network = try state.map { try network.replacing(keys, with: $0.weights) } ?? network
    let plan = try TrainingPlan(network, trainable: trainer.trainable, statistics: trainer.statistics)
    guard plan.outputShape.rank == 1, trainer.loss.fits(plan.finalActivation) else {
      throw TrainingError(
        .input,
        "\(trainer.loss.need); this one gives \(plan.outputShape) through \(plan.finalActivation)")
    }
    self.plan = plan
    stateKeys = keys
    optimizer =
      try state.map {
        try OptimizerState(trainer.optimizer, steps: $0.step, slots: $0.slots, count: plan.layout.count)
      } ?? OptimizerState(trainer.optimizer, count: plan.layout.count)
    loss = trainer.loss
    seed = trainer.seed
    rates = trainer.rates
    mixing = trainer.mixing
    graph = network.graph
  }

  /// The parameters that train, in the graph's order, and behind them the statistics that move.
  package static func stateKeys(of graph: Graph, _ trainer: Trainer) throws -> [Parameters.Key] {
    let trained = try trainer.trainable.orderedKeys(in: graph)
    guard trainer.statistics == .updated else { return trained }
    let layers = Set(trained.map(\.layer))
    return trained
      + graph.nodes.filter { layers.contains($0.name) }.flatMap { node in
        graph.parameterShapes(of: node).filter { $0.name.hasPrefix("moving_") }.map {
          Parameters.Key(node.name, $0.name)
        }
      }
  }

  /// The network as it stands.
  public func network() throws -> Network { try plan.network() }

  /// The network to use: that of the moving average of the weights where the optimizer keeps one.
  package func result() throws -> Network { try averagedNetwork() ?? network() }

  /// Changes the weights by one step on a batch of pictures.
  ///
  /// - Parameters:
  ///   - input: pictures x height x width x channels, preprocessed as the network expects.
  ///   - labels: the class of each picture, from 0 on.
  ///   - learningRate: the size of the step.
  ///   - epoch: the epoch, from 0 on, which rates by stage may depend on.
  /// - Returns: the loss of each picture before the step, and the logits that it comes from. Where pictures are mixed,
  ///   both are of the mixed ones.
  /// - Throws: `EngineError` with code `.shape`; `TrainingError` with code `.diverged` if the loss or a gradient is not
  ///   a number, in which case the weights stay as they were.
  @discardableResult
  public func step(
    _ input: Tensor, labels: [Int], learningRate: Double, epoch: Int = 0
  ) throws -> (losses: [Double], logits: Tensor) {
    let boundary = try plan.frozenPart.map { try $0.run(input) } ?? [input]
    return try step(boundary: boundary, labels: labels, learningRate: learningRate, epoch: epoch)
  }

  /// The same, from the results of the frozen part.
  @discardableResult
  public func step(
    boundary: [Tensor], labels: [Int], learningRate: Double, epoch: Int = 0
  ) throws -> (losses: [Double], logits: Tensor) {
    try step(boundary: boundary, targets: .classes(labels), learningRate: learningRate, epoch: epoch)
  }

  /// The same, for whatever the network should say.
  @discardableResult
  public func step(
    boundary: [Tensor], targets: TrainingTargets, learningRate: Double, epoch: Int = 0
  ) throws -> (losses: [Double], logits: Tensor) {
    let number = optimizer.steps
    let (logits, losses, gradient) = try forward(boundary, targets, step: number)
    try plan.backward(gradient)
    let groups = try groups(in: epoch)
    try plan.withParameters { values, gradients in
      guard losses.allSatisfy(\.isFinite), UnsafeBufferPointer(gradients).areFinite else {
        throw TrainingError(
          .diverged,
          "the loss is no longer a number at step \(number + 1), at a learning rate of \(learningRate); "
            + "use a smaller one, or a longer warm-up")
      }
      optimizer.update(values, UnsafeBufferPointer(gradients), rate: learningRate, groups: groups)
    }
    return (losses, logits)
  }

  /// The losses that pictures would have in a step, which is not made.
  ///
  /// - Parameter step: the number of the step, from 0 on, which all that is drawn depends on.
  /// - Throws: as `step` does.
  package func losses(boundary: [Tensor], targets: TrainingTargets, step: Int) throws -> [Double] {
    try forward(boundary, targets, step: step).losses
  }

  private func forward(
    _ boundary: [Tensor], _ wanted: TrainingTargets, step: Int
  ) throws -> (logits: Tensor, losses: [Double], gradient: Tensor) {
    let draw = TrainingDraw(seed: seed, step: step)
    guard let mixing else {
      let logits = try plan.forward(boundary: boundary, draw: draw)
      let (losses, gradient) = try loss.evaluate(logits, wanted)
      return (logits, losses, gradient)
    }
    var targets = try wanted.tensor(outputs: plan.outputShape.count)
    // All draws of a step are equal, so each result is mixed as the targets are.
    let plain = targets
    let mixed = try boundary.map { inputs in
      let (inputs, mixedTargets) = try mixing.mix(inputs, plain, seed: seed, step: step)
      targets = mixedTargets
      return inputs
    }
    let logits = try plan.forward(boundary: mixed, draw: draw)
    let (losses, gradient) = try loss.evaluate(logits, targets: targets)
    return (logits, losses, gradient)
  }

  /// How parameters are treated in an epoch.
  private func groups(in epoch: Int) throws -> [ParameterGroup] {
    if rates == .uniform { return [] }
    if let groups, groups.epoch == epoch { return groups.groups }
    let new = try rates.groups(for: plan.layout, in: graph, epoch: epoch)
    groups = (epoch, new)
    return new
  }
}
