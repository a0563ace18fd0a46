internal import Foundation
internal import GraftEngine
internal import GraftGraph
internal import GraftSupport
internal import GraftTensor
internal import GraftTraining

/// How fast a network trains by itself: steps of Adam on random pixels, batch normalization on its stored statistics.
package struct TrainingBenchmark: Sendable {
  /// What a layer takes in a step.
  package struct Layer: Sendable {
    /// The layer's name, and the kind of operation.
    package let name: String
    package let operation: String
    /// Seconds of processor time a picture, of all threads together: to prepare weights, forward, for the gradients
    /// with respect to weights, and for all else backward.
    package let packing: Double
    package let forward: Double
    package let weights: Double
    package let input: Double
  }

  /// How many steps were timed.
  package private(set) var runs = 0
  /// Pictures a second: the median.
  package private(set) var imagesPerSecond = 0.0
  /// Seconds of processor time a picture, of all threads together: the median.
  package private(set) var processorSeconds = 0.0
  /// The part of it that is spent in a frozen part.
  package private(set) var frozenSeconds = 0.0
  /// The number of parameters that train.
  package let parameters: Int
  /// What the layers take, if that was asked for.
  package private(set) var layers: [Layer] = []

  /// Times a network.
  ///
  /// - Parameters:
  ///   - batch: pictures in a step, at least 1.
  ///   - stage: the first stage that trains, by name, or nil for everything.
  ///   - seconds: how long to time, at least; never less than three steps.
  ///   - profiles: whether to say what each layer takes.
  /// - Throws: what `TrainingRun` throws.
  package init(
    _ pretrained: PretrainedNetwork, batch: Int, unfrozenFrom stage: String?, seconds: Double,
    profiles: Bool = false
  ) throws {
    precondition(batch > 0, "a batch of \(batch) pictures")
    let trainer = Trainer(
      trainable: stage.map { .stages(from: $0) } ?? .all, epochs: 1, learningRate: .constant(1e-5))
    var adam = trainer
    adam.optimizer = .adam()
    let run = try TrainingRun(pretrained.network, adam)
    parameters = run.plan.layout.count
    let shape = Shape([batch] + pretrained.network.graph.inputShape.dimensions)
    let input = Tensor(uniform: -1...1, shape: shape, seed: 1)
    let labels = (0..<batch).map { $0 % run.plan.outputShape.count }
    try run.step(input, labels: labels, learningRate: 1e-5)

    let clock = ContinuousClock()
    var times: [Double] = []
    var processorTimes: [Double] = []
    var running = 0.0
    while running < seconds || times.count < 3 {
      let (start, processor) = (clock.now, NetworkBenchmark.processorTime())
      try run.step(input, labels: labels, learningRate: 1e-5)
      times.append((clock.now - start) / .seconds(1))
      processorTimes.append(NetworkBenchmark.processorTime() - processor)
      running += times[times.count - 1]
    }
    runs = times.count
    imagesPerSecond = Double(batch) / NetworkBenchmark.median(times)
    processorSeconds = NetworkBenchmark.median(processorTimes) / Double(batch)
    if let frozen = run.plan.frozenPart {
      let processor = NetworkBenchmark.processorTime()
      _ = try frozen.run(input)
      frozenSeconds = (NetworkBenchmark.processorTime() - processor) / Double(batch)
    }
    guard profiles else { return }
    run.plan.startProfile()
    let steps = 3
    for _ in 0..<steps { try run.step(input, labels: labels, learningRate: 1e-5) }
    let pictures = Double(steps * batch)
    layers = run.plan.profile.map {
      Layer(
        name: $0.name, operation: $0.operation, packing: $0.packing / pictures,
        forward: $0.forward / pictures, weights: $0.weights / pictures, input: $0.input / pictures)
    }
  }
}
