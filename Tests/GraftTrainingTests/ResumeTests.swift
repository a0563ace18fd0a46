import Foundation
import GraftEngine
import GraftGraph
import GraftTensor
import GraftTraining
import Testing
import _GraftTestSupport

private struct Unreadable: Error {}

/// Pictures in memory, as a source.
private final class Source: PictureSource {
  let pictures: LabelledTensors
  /// The pass, from 1 on, and its batch that cannot be read; nil where all can.
  var failure: (pass: Int, batch: Int)?
  private var pass = 0
  var labels: [Int] { pictures.labels }

  init(_ pictures: LabelledTensors) { self.pictures = pictures }

  func forEachBatch(
    _ batches: [ArraySlice<Int>], epoch: Int, _ body: (Int, [Tensor]) throws -> Void
  ) throws {
    let size = pictures.inputs.count / labels.count
    pass += 1
    for (number, batch) in batches.enumerated() {
      if let failure, failure == (pass, number) { throw Unreadable() }
      let scalars = batch.flatMap { pictures.inputs.scalars[$0 * size..<($0 + 1) * size] }
      let shape = [batch.count] + pictures.inputs.shape.dimensions.dropFirst()
      try body(number, [Tensor(shape: Shape(shape), scalars: scalars)])
    }
  }
}

@Suite("Runs that stop and go on", .serialized)
struct ResumeTests {
  private struct Stop: Error {}

  /// Dropout, batch statistics and momenta: everything that a run remembers or draws.
  private static func start() throws -> Network {
    var g = GraphBuilder()
    var x = g.input([6, 6, 2], "input")
    g.begin(stage: "one")
    x = g.convolution(x, filters: 4, kernel: 3, stride: 2, padding: .same, bias: false, "conv")
    x = g.activation(g.batchNormalization(x, momentum: 0.9, "conv_bn"), .relu, "relu")
    g.begin(stage: Graph.headStage)
    x = g.dropout(g.globalPooling(x, .average, "pool"), rate: 0.3, "dropout")
    _ = g.dense(x, units: 3, activation: .softmax, "predictions")
    let graph = try g.graph()
    return try Network(graph: graph, parameters: .random(for: graph, seed: 5))
  }

  private static func pictures(_ count: Int, seed: UInt64) throws -> LabelledTensors {
    try LabelledTensors(
      inputs: Tensor(uniform: -1...1, shape: [count, 6, 6, 2], seed: seed), labels: (0..<count).map { $0 % 3 }
    )
  }

  private static func trainer() -> Trainer {
    var trainer = Trainer(trainable: .all, epochs: 3, learningRate: .cosine(peak: 0.02, warmup: 1))
    trainer.batchSize = 4
    trainer.statistics = .updated
    trainer.optimizer.averaging = 0.5
    return trainer
  }

  /// Runs to the end, or to where `report` throws.
  private static func run(
    from state: TrainingState? = nil, keep: @escaping (TrainingState) throws -> Void = { _ in },
    report: (TrainingEvent) throws -> Void = { _ in }
  ) throws -> TrainingState {
    let surroundings = TrainingSurroundings(
      training: Source(try pictures(14, seed: 1)), validation: Source(try pictures(9, seed: 2)),
      validationBoundary: ["input"],
      keep: { brief, _, whole in
        let state = whole()
        #expect(brief.weights.values.isEmpty && brief.slots.isEmpty && brief.best == state.best)
        #expect(brief.step == state.step && brief.seen == state.seen && brief.history == state.history)
        try keep(state)
      })
    return try trainer().run(start(), from: state, in: surroundings, report: report)
  }

  @Test("A run stopped after any step or epoch goes on to the same bits as an undisturbed one")
  func everywhere() throws {
    let undisturbed = try Self.run()
    #expect(undisturbed.step == 12 && undisturbed.history.epochs.count == 4 && undisturbed.best != nil)
    try TestData.withTemporaryFolder { folder in
      let path = folder.appending(path: "checkpoint.h5").path
      for moment in 1...16 {
        var events = 0
        var kept: TrainingState?
        #expect(throws: Stop.self) {
          _ = try Self.run(keep: { kept = $0 }) { _ in
            events += 1
            if events == moment { throw Stop() }
          }
        }
        let state = try #require(kept)
        try Checkpoint(run: ["seed": "1"], facts: ["a": "b"], state: state).write(to: path)
        let read = try Checkpoint(contentsOf: path)
        #expect(
          read.state == state && read.facts == ["a": "b"] && read.differences(from: ["seed": "1"]) == [])
        #expect(read.differences(from: ["seed": "2"]).count == 1)
        #expect(try Self.run(from: read.state) == undisturbed, "stopped after \(moment) events")
      }
    }
  }

  /// What a run leaves that cannot read a batch of the pictures to learn from, or to judge by; and how often it was told
  /// that no other state will follow.
  private static func failing(
    _ trainer: Trainer, training: (pass: Int, batch: Int)? = nil, validation: (pass: Int, batch: Int)? = nil,
    failingToKeep epoch: Int? = nil
  ) throws -> (states: [TrainingState], urgent: Int) {
    let (learnt, judged) = (Source(try pictures(14, seed: 1)), Source(try pictures(9, seed: 2)))
    (learnt.failure, judged.failure) = (training, validation)
    var states: [TrainingState] = []
    var urgent = 0
    let surroundings = TrainingSurroundings(
      training: learnt, validation: judged, validationBoundary: ["input"],
      keep: { brief, isUrgent, whole in
        if let epoch, brief.history.epochs.count == epoch + 1 { throw Stop() }
        if isUrgent { urgent += 1 }
        states.append(whole())
      })
    #expect(throws: (any Error).self) {
      _ = try trainer.run(start(), from: nil, in: surroundings) { _ in }
    }
    return (states, urgent)
  }

  @Test("A run that fails leaves the state that it had come to, once, and goes on to the same bits")
  func failures() throws {
    let undisturbed = try Self.run()
    let trainer = Self.trainer()
    // In the midst of the second epoch; at the end of the third, while it is judged; and where a state cannot be kept.
    for (states, step, epochs) in [
      (try Self.failing(trainer, training: (2, 2)), 6, 2),
      (try Self.failing(trainer, validation: (3, 0)), 8, 2),
      (try Self.failing(trainer, failingToKeep: 2), 8, 2),
    ] {
      let last = try #require(states.states.last)
      #expect(states.urgent == 1 && last.step == step && last.history.epochs.count == epochs)
      #expect(try Self.run(from: last) == undisturbed)
    }
    // Before the starting point is judged there is nothing to go on from.
    let early = try Self.failing(trainer, validation: (1, 0))
    #expect(early.states.isEmpty)
    // A step that diverges leaves weights as they were, but not statistics that move.
    var wild = trainer
    wild.learningRate = .constant(1e30)
    #expect(try Self.failing(wild).urgent == 0)
    wild.statistics = .frozen
    let diverged = try Self.failing(wild)
    let state = try #require(diverged.states.last)
    #expect(diverged.urgent == 1 && state.step > 0 && state.weights.values.allSatisfy(\.isFinite))
  }

  @Test("A state is put off while writing would cost too much, but not if it is urgent, and not for good")
  func puttingOff() throws {
    try TestData.withTemporaryFolder { folder in
      let path = folder.appending(path: "checkpoint.h5").path
      func steps() throws -> Int { try Checkpoint(contentsOf: path).state.step }
      func state(_ step: Int) -> TrainingState {
        var state = TrainingState(weights: .init(values: [1, 2]), slots: [])
        state.step = step
        return state
      }
      var eager = CheckpointKeeper(path: path, run: [:], facts: [:], bytes: 8, ratio: 0)
      for step in 1...3 {
        try eager.keep(isUrgent: false) { state(step) }
        #expect(try steps() == step)
      }
      var sparing = CheckpointKeeper(path: path, run: [:], facts: [:], bytes: 8, ratio: 1e12)
      var asked = 0
      for (step, isUrgent, written) in [(4, false, 3), (5, true, 5), (6, false, 5), (7, false, 5)] {
        try sparing.keep(isUrgent: isUrgent) {
          asked += 1
          return state(step)
        }
        #expect(try steps() == written)
      }
      #expect(asked == 1)
      try sparing.finish(state(7))
      #expect(try steps() == 7)
      // What was written last is not written again; a new epoch at the same step is.
      try FileManager.default.removeItem(atPath: path)
      try sparing.finish(state(7))
      #expect(!FileManager.default.fileExists(atPath: path))
      var resumed = CheckpointKeeper(path: path, run: [:], facts: [:], bytes: 8, standing: state(7))
      try resumed.finish(state(7))
      #expect(!FileManager.default.fileExists(atPath: path))
      var ended = state(7)
      ended.history.epochs.append(.init(number: 0, training: nil, validation: nil, learningRate: nil))
      try sparing.finish(ended)
      #expect(try steps() == 7)
    }
  }

  @Test("The best epoch has the most right answers, of equals the smallest loss, then comes first")
  func best() {
    var history = TrainingHistory()
    #expect(history.best == nil)
    for (number, score) in [(0.5, 0.7), (0.4, 0.8), (0.3, 0.8), (0.3, 0.8), (0.1, 0.6)].enumerated() {
      history.epochs.append(
        TrainingHistory.Epoch(
          number: number, training: nil, validation: .init(loss: score.0, accuracy: score.1),
          learningRate: nil))
    }
    #expect(history.best?.number == 2)
    history.epochs = history.epochs.map {
      var epoch = $0
      epoch.validation = nil
      return epoch
    }
    #expect(history.best?.number == 4)
  }

  @Test("Checkpoints that are damaged, of another kind or cannot be written are errors that name the file")
  func damage() throws {
    try TestData.withTemporaryFolder { folder in
      let path = folder.appending(path: "checkpoint.h5").path
      try Data("no checkpoint".utf8).write(to: URL(filePath: path))
      let error = #expect(throws: TrainingError.self) { try Checkpoint(contentsOf: path) }
      #expect(error?.code == .checkpoint && error?.description.contains(path) == true)
      let state = TrainingState(weights: .init(values: [1, 2]), slots: [[1], [2]])
      #expect(throws: TrainingError.self) {
        try Checkpoint(run: [:], facts: [:], state: state).write(to: folder.path + "/nowhere/x.h5")
      }
      #expect(throws: TrainingError.self) { _ = try Self.run(from: state) }
      let other = try TrainingRun(try Self.start(), Self.trainer())
      var short = TrainingState(
        weights: try Self.start().weights(of: other.stateKeys), slots: [[Float](repeating: 0, count: 3)])
      short.step = 2
      #expect(throws: TrainingError.self) { _ = try Self.run(from: short) }
    }
  }

  @Test(
    "The trained part evaluated from its boundary gives what the whole network gives",
    arguments: [true, false])
  func boundary(_ isSingle: Bool) throws {
    var g = GraphBuilder()
    var x = g.input([6, 6, 2], "input")
    g.begin(stage: "one")
    let shortcut = g.convolution(x, filters: 4, kernel: 1, "shortcut")
    x = g.convolution(x, filters: 4, kernel: 3, padding: .same, activation: .relu, "a")
    g.begin(stage: "two")
    x = g.convolution(x, filters: 4, kernel: 3, padding: .same, activation: .relu, "b")
    x = g.add(x, shortcut, "add")
    g.begin(stage: Graph.headStage)
    x = g.dropout(g.globalPooling(x, .average, "pool"), rate: 0.5, "dropout")
    _ = g.dense(x, units: 3, activation: .softmax, "predictions")
    let graph = try g.graph()
    let network = try Network(graph: graph, parameters: .random(for: graph, seed: 5))
    let selection: ParameterSelection = isSingle ? .head : .stages(from: "two")
    let names = try TrainingPlan.boundary(of: graph, trainable: selection)
    #expect(names.count == (isSingle ? 1 : 2))
    let input = Tensor(uniform: -1...1, shape: [5, 6, 6, 2], seed: 9)
    let frozen = try InferencePlan(network, outputs: names).run(input)
    let logits = try BoundaryEvaluation(network, boundary: names, trainable: selection).logits(frozen)
    let probabilities = try InferencePlan(network).run(input)[0]
    for picture in 0..<5 {
      let row = logits.scalars[picture * 3..<(picture + 1) * 3].map { exp(Double($0)) }
      let sum = row.reduce(0, +)
      expectClose(
        row.map { Float($0 / sum) }, Array(probabilities.scalars[picture * 3..<(picture + 1) * 3]),
        tolerance: 1e-5, "picture \(picture)")
    }
  }
}
