import GraftEngine
import GraftGraph
import GraftSupport
import GraftTensor
import GraftTraining
import Testing
import _GraftTestSupport

@Suite("Labels and numbers as targets")
struct TargetsTests {
  /// A small network with three outputs.
  private func network(_ activation: Activation) throws -> Network {
    var g = GraphBuilder()
    var x = g.input([6, 6, 2], "input")
    x = g.convolution(x, filters: 5, kernel: 3, activation: .relu, "conv")
    g.begin(stage: Graph.headStage)
    _ = g.dense(g.globalPooling(x, .average, "pool"), units: 3, activation: activation, "predictions")
    let graph = try g.graph()
    return try Network(graph: graph, parameters: Parameters.random(for: graph, seed: 4))
  }

  private func trainer(_ loss: Loss) -> Trainer {
    var trainer = Trainer(trainable: .all, epochs: 1, learningRate: .constant(0.05))
    trainer.optimizer = .adam()
    trainer.loss = loss
    return trainer
  }

  @Test(
    "are learned by the loss that goes with them",
    arguments: [
      (Activation.sigmoid, Loss.binaryCrossEntropy()), (.linear, .meanSquaredError),
      (.linear, .smoothL1(delta: 0.1)),
    ])
  func learned(_ activation: Activation, _ loss: Loss) throws {
    var generator = SeededGenerator(seed: 3, stream: "pictures")
    let input = Tensor(shape: [8, 6, 6, 2], scalars: (0..<8 * 72).map { _ in Float(generator.normal()) })
    let targets = Tensor(shape: [8, 3], scalars: (0..<24).map { _ in Float(generator.below(2)) })
    let run = try TrainingRun(network(activation), trainer(loss))
    var means: [Double] = []
    for _ in 0..<60 {
      let losses = try run.step(boundary: [input], targets: .rows(targets), learningRate: 0.05).losses
      means.append(losses.reduce(0, +) / 8)
    }
    #expect(means[59] < 0.5 * means[0], "\(means[0]) to \(means[59])")
  }

  @Test("A network that ends otherwise than the loss needs is refused, and so are rows of another width")
  func refused() throws {
    let pairs: [(Activation, Loss)] = [
      (.softmax, .binaryCrossEntropy()), (.sigmoid, .crossEntropy()), (.sigmoid, .meanSquaredError),
      (.softmax, .smoothL1()),
    ]
    for (activation, loss) in pairs {
      let error = #expect(throws: TrainingError.self) { try TrainingRun(network(activation), trainer(loss)) }
      #expect(
        error?.message.contains("needs a network") == true
          || error?.message.contains("need a network") == true)
    }
    let run = try TrainingRun(network(.sigmoid), trainer(.binaryCrossEntropy()))
    let input = Tensor(shape: [2, 6, 6, 2], scalars: [Float](repeating: 0, count: 144))
    #expect(throws: TrainingError.self) {
      try run.step(
        boundary: [input], targets: .rows(Tensor(shape: [2, 2], scalars: [0, 1, 1, 0])), learningRate: 0.1)
    }
  }
}
