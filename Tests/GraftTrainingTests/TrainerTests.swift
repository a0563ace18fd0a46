import Foundation
import GraftEngine
import GraftGraph
import GraftSupport
import GraftTensor
import GraftTraining
import Testing
import _GraftTestSupport

@Suite("Training", .serialized)
struct TrainerTests {
  private struct Golden: Decodable {
    struct Result: Decodable {
      let losses: [Double]
      let weights: [String: [Float]]
    }

    let inputs: [Float]
    let labels: [Int]
    let weights: [String: [Float]]
    let results: [String: Result]
  }

  /// The network of `Golden/make_steps.py`.
  static func graph() throws -> Graph {
    var g = GraphBuilder()
    var x = g.input([7, 6, 2], "input")
    g.begin(stage: "one")
    x = g.convolution(x, filters: 4, kernel: 3, stride: 2, padding: .same, bias: false, "conv")
    x = g.activation(g.batchNormalization(x, momentum: 0.9, "conv_bn"), .relu, "relu")
    g.begin(stage: "two")
    var y = g.depthwiseConvolution(x, kernel: 3, padding: .same, bias: false, "deep")
    y = g.activation(g.batchNormalization(y, momentum: 0.9, "deep_bn"), .relu6, "relu6")
    x = g.add(x, y, "add")
    g.begin(stage: Graph.headStage)
    x = g.globalPooling(x, .average, "pool")
    _ = g.dense(x, units: 3, activation: .softmax, "predictions")
    return try g.graph()
  }

  private static func golden() throws -> (Golden, Network) {
    let folder = TestData.package.appending(path: "Tests/GraftTrainingTests/Golden")
    let golden = try JSONDecoder().decode(
      Golden.self, from: Data(contentsOf: folder.appending(path: "steps.json")))
    let graph = try graph()
    var parameters = Parameters()
    for node in graph.nodes {
      for (name, shape) in graph.parameterShapes(of: node) {
        let values = try #require(golden.weights["\(node.name)/\(name)"])
        parameters[node.name, name] = Tensor(shape: shape, scalars: values)
      }
    }
    return (golden, try Network(graph: graph, parameters: parameters))
  }

  @Test(
    "Steps keep in step with Keras",
    arguments: [
      ("sgd", Optimizer.sgd(momentum: 0.9), 0.05, 0.0), ("rmsprop", .rmsProp(), 0.002, 0),
      ("adam", .adam(), 0.005, 0.1), ("adamw_updated", .adamW(), 0.005, 0),
    ])
  func keras(_ name: String, _ optimizer: Optimizer, _ rate: Double, _ smoothing: Double) throws {
    let (golden, network) = try Self.golden()
    let expected = try #require(golden.results[name])
    var trainer = Trainer(trainable: .all, epochs: 1, learningRate: .constant(rate))
    trainer.optimizer = optimizer
    trainer.loss = .crossEntropy(labelSmoothing: smoothing)
    trainer.statistics = name.hasSuffix("updated") ? .updated : .frozen
    let run = try TrainingRun(network, trainer)
    let input = Tensor(shape: [golden.labels.count, 7, 6, 2], scalars: golden.inputs)
    for (step, wanted) in expected.losses.enumerated() {
      let losses = try run.step(input, labels: golden.labels, learningRate: rate).losses
      let found = losses.reduce(0, +) / Double(losses.count)
      #expect(abs(found - wanted) <= 1e-5 * wanted, "\(name), step \(step): \(found), \(wanted)")
    }
    let parameters = try run.network().parameters
    for (key, wanted) in expected.weights {
      let parts = key.split(separator: "/").map(String.init)
      expectClose(
        try #require(parameters[parts[0], parts[1]]).scalars, wanted, tolerance: 1e-4, "\(name) \(key)")
    }
  }

  /// Pictures of three classes that differ in their mean.
  private static func pictures(_ count: Int, seed: UInt64) throws -> LabelledTensors {
    let labels = (0..<count).map { $0 % 3 }
    var inputs = Tensor(uniform: -1...1, shape: [count, 7, 6, 2], seed: seed, stream: "pictures")
    inputs.withUnsafeMutableScalars { scalars in
      for index in scalars.indices {
        let label = labels[index / 84]
        if index % 2 == 0 && label == 0 { scalars[index] += 0.5 }
        if index % 2 == 1 && label == 1 { scalars[index] += 0.5 }
      }
    }
    return try LabelledTensors(inputs: inputs, labels: labels)
  }

  private static func trainer(_ selection: ParameterSelection, epochs: Int = 6) -> Trainer {
    var trainer = Trainer(
      trainable: selection, epochs: epochs, learningRate: .cosine(peak: 0.02, warmup: 1))
    trainer.optimizer = .adam()
    trainer.batchSize = 8
    return trainer
  }

  @Test("A network learns, and what is frozen keeps its bytes", arguments: [0, 1, 2])
  func learning(_ number: Int) throws {
    let (selection, frozen): (ParameterSelection, [String]) =
      [
        (.all, []), (.stages(from: "two"), ["conv", "conv_bn"]),
        (.head, ["conv", "conv_bn", "deep", "deep_bn"]),
      ][number]
    let (_, start) = try Self.golden()
    var network = start
    let (training, held) = (try Self.pictures(60, seed: 1), try Self.pictures(30, seed: 2))
    var (steps, epochs) = (0, 0)
    let trainer = Self.trainer(selection, epochs: number == 2 ? 30 : 8)
    let history = try trainer.fit(&network, on: training, validatingOn: held) { event in
      switch event {
      case .stepFinished(let step, let total, _):
        steps += 1
        #expect(step == steps && total == trainer.epochs * 8)
      case .epochGoesOn(let epoch, let score, let rate):
        #expect(epoch == epochs && score.loss > 0 && (0...1).contains(score.accuracy) && rate >= 0)
      case .epochFinished(let epoch):
        #expect(epoch.number == epochs)
        epochs += 1
      }
    }
    #expect(steps == trainer.epochs * 8 && epochs == trainer.epochs + 1)
    let (first, last) = (
      try #require(history.epochs.first?.validation), try #require(history.epochs.last?.validation)
    )
    #expect(last.loss < 0.8 * first.loss && last.accuracy > first.accuracy + 0.1, "\(first) \(last)")
    #expect(try trainer.evaluate(network, on: held) == last)
    for (key, tensor) in start.parameters.tensors {
      let isFrozen = frozen.contains(key.layer) || key.name.hasPrefix("moving")
      #expect((network.parameters[key] == tensor) == isFrozen, "\(key)")
    }
  }

  @Test("A run gives the same bits for any number of threads")
  func threads() throws {
    let (_, start) = try Self.golden()
    let training = try Self.pictures(29, seed: 1)
    func trained(_ threads: Int, seed: UInt64) throws -> Parameters {
      let before = ThreadPool.threads
      ThreadPool.threads = threads
      defer { ThreadPool.threads = before }
      var network = start
      var trainer = Self.trainer(.all, epochs: 2)
      trainer.seed = seed
      trainer.statistics = .updated
      try trainer.fit(&network, on: training)
      return network.parameters
    }
    let expected = try trained(1, seed: 1)
    for threads in [2, 3, 5] { #expect(try trained(threads, seed: 1) == expected) }
    #expect(try trained(1, seed: 2) != expected)
  }

  @Test("Mistakes are errors that say what to do, and leave the network as it was")
  func errors() throws {
    struct Stop: Error {}
    let (_, start) = try Self.golden()
    var network = start
    let training = try Self.pictures(16, seed: 1)
    #expect(throws: TrainingError.self) { try LabelledTensors(inputs: training.inputs, labels: [1]) }
    var trainer = Self.trainer(.all)
    trainer.batchSize = 0
    #expect(throws: TrainingError.self) { try trainer.fit(&network, on: training) }
    trainer = Self.trainer(.all)
    #expect(throws: EngineError.self) {
      try trainer.fit(
        &network, on: LabelledTensors(inputs: training.inputs, labels: [Int](repeating: 3, count: 16)))
    }
    #expect(throws: Stop.self) {
      try trainer.fit(&network, on: training) { if case .stepFinished(3, _, _) = $0 { throw Stop() } }
    }
    trainer.learningRate = .constant(1e30)
    trainer.optimizer = .sgd()
    let error = #expect(throws: TrainingError.self) { try trainer.fit(&network, on: training) }
    #expect(error?.code == .diverged)
    #expect(error?.description.contains("smaller") == true)
    #expect(network == start)
  }
}

@Suite("Groups and averages of a network's parameters")
struct ParameterGroupTests {
  private func run(_ optimizer: Optimizer) throws -> (TrainingRun, Network) {
    let graph = try TrainerTests.graph()
    let network = try Network(graph: graph, parameters: .random(for: graph, seed: 4))
    var trainer = Trainer(trainable: .all, epochs: 1, learningRate: .constant(0.1))
    trainer.optimizer = optimizer
    return (try TrainingRun(network, trainer), network)
  }

  @Test("Each parameter gets its stage's factor, and decay if it is a kernel")
  func groups() throws {
    let (run, network) = try run(.adamW())
    let rates = ParameterRates.stages(factor: 0.5).unfreezing(every: 1).decayingKernelsOnly()
    let groups = try rates.groups(for: run.plan.layout, in: network.graph, epoch: 1)
    let expected: [String: (Double, Bool)] = [
      "conv/kernel": (0, true), "conv_bn/gamma": (0, false), "conv_bn/beta": (0, false),
      "deep/depthwise_kernel": (0.5, true), "deep_bn/gamma": (0.5, false), "deep_bn/beta": (0.5, false),
      "predictions/kernel": (1, true), "predictions/bias": (1, false),
    ]
    #expect(groups.count == expected.count)
    for (group, entry) in zip(groups, run.plan.layout.entries) {
      let (factor, isDecayed) = try #require(expected["\(entry.key.layer)/\(entry.key.name)"])
      #expect(group.range == entry.range && group.rateFactor == factor && group.isDecayed == isDecayed)
    }
  }

  @Test("The averaged network has the averages of the weights that the steps left")
  func average() throws {
    var optimizer = Optimizer.sgd()
    optimizer.averaging = 0.75
    let (run, _) = try run(optimizer)
    #expect(try run.averagedNetwork() == nil)
    let input = Tensor(shape: [4, 7, 6, 2], scalars: (0..<336).map { Float($0 % 17) / 8 - 1 })
    var expected: [Double] = []
    for step in 0..<4 {
      try run.step(input, labels: [0, 2, 1, 1], learningRate: 0.1)
      let network = try run.network()
      let weights = run.plan.layout.entries.flatMap { network.parameters[$0.key]?.scalars ?? [] }.map(
        Double.init)
      expected = step == 0 ? weights : zip(expected, weights).map { 0.75 * $0 + 0.25 * $1 }
    }
    let averaged = try #require(try run.averagedNetwork())
    let found = run.plan.layout.entries.flatMap { averaged.parameters[$0.key]?.scalars ?? [] }
    #expect(found.count == expected.count && !found.isEmpty)
    for (a, b) in zip(found, expected) { #expect(abs(Double(a) - b) < 1e-6) }
    // Statistics are taken over as they are.
    let network = try run.network()
    #expect(averaged.parameters["conv_bn", "moving_mean"] == network.parameters["conv_bn", "moving_mean"])
  }
}
