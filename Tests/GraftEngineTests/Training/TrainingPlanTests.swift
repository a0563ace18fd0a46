import Foundation
import GraftEngine
import GraftGraph
import GraftModels
import GraftTensor
import Testing
import _GraftTestSupport

@Suite("Training plans", .serialized)
struct TrainingPlanTests {
  private let draw = TrainingDraw(seed: 1, step: 0)

  /// Convolutions in stages, with dropout before the classifier.
  static func staged(rate: Float = 0.4) throws -> Network {
    try network([19, 17, 3], seed: 9) { g, x in
      g.begin(stage: "one")
      var x = g.convolution(x, filters: 24, kernel: 3, stride: 2, padding: .same, bias: false, "a")
      x = g.activation(g.batchNormalization(x, "a_bn"), .relu6, "a_relu")
      g.begin(stage: "two")
      var y = g.convolution(x, filters: 40, kernel: 1, bias: false, "b")
      y = g.activation(g.batchNormalization(y, "b_bn"), .hardSwish, "b_swish")
      y = g.depthwiseConvolution(y, kernel: 3, padding: .same, bias: false, "c")
      y = g.activation(g.batchNormalization(y, "c_bn"), .relu, "c_relu")
      x = g.add(g.convolution(y, filters: 24, kernel: 1, "d"), x, "sum")
      g.begin(stage: Graph.headStage)
      x = g.dropout(g.globalPooling(x, .average, "pool"), rate: rate, "drop")
      _ = g.dense(x, units: 5, activation: .softmax, "predictions")
    }
  }

  private func gradients(_ plan: TrainingPlan, _ input: Tensor, _ gradient: Tensor) throws -> [UInt32] {
    let result = try plan.forward(input, draw: draw)
    try plan.backward(gradient)
    return result.scalars.map(\.bitPattern)
      + plan.withParameters { _, gradients in gradients.map(\.bitPattern) }
  }

  @Test("Results and gradients are the same to the last bit for any number of threads")
  func threads() throws {
    let network = try Self.staged()
    let input = pictures(13, network.graph.inputShape)
    let gradient = pictures(13, [5], seed: 8)
    for statistics in TrainingPlan.Statistics.allCases {
      let expected = try withThreads(1) {
        try gradients(
          TrainingPlan(network, trainable: .all, statistics: statistics), input, gradient)
      }
      let plan = try TrainingPlan(network, trainable: .all, statistics: .frozen)
      for threads in [1, 2, 3, 7] {
        try withThreads(threads) {
          let fresh = try TrainingPlan(network, trainable: .all, statistics: statistics)
          let found = try gradients(fresh, input, gradient)
          #expect(found == expected, "\(threads) threads, \(statistics) statistics")
          if statistics == .frozen {
            let again = try gradients(plan, input, gradient)
            #expect(again == expected, "\(threads) threads, the same plan again")
          }
        }
      }
    }
  }

  @Test("What is not selected keeps its bytes, statistics included; what is selected changes")
  func frozen() throws {
    let network = try Self.staged()
    let input = pictures(6, network.graph.inputShape)
    let gradient = pictures(6, [5], seed: 8)
    for (selection, trained) in [
      (ParameterSelection.head, Set(["predictions"])),
      (.stages(from: "two"), ["b", "b_bn", "c", "c_bn", "d", "predictions"]),
      (.layers(["c_bn"]), ["c_bn"]),
    ] {
      for statistics in TrainingPlan.Statistics.allCases {
        let plan = try TrainingPlan(network, trainable: selection, statistics: statistics)
        for _ in 0..<2 {
          _ = try plan.forward(input, draw: draw)
          try plan.backward(gradient)
          plan.withParameters { values, gradients in
            for index in values.indices { values[index] -= 0.1 * gradients[index] }
          }
        }
        let after = try plan.network().parameters
        for (key, tensor) in network.parameters.tensors {
          let isStatistic = key.name.hasPrefix("moving")
          let changes = trained.contains(key.layer) && (!isStatistic || statistics == .updated)
          #expect((after[key] != tensor) == changes, "\(key), \(statistics) statistics")
        }
      }
    }
  }

  @Test("The frozen part ends where the trained part begins, and its results may be kept")
  func boundary() throws {
    let network = try Self.staged(rate: 0)
    let input = pictures(4, network.graph.inputShape)
    for (selection, names) in [
      (ParameterSelection.head, ["drop"]), (.layers(["d", "predictions"]), ["c_relu", "a_relu"]),
      (.stages(from: "two"), ["a_relu"]), (.all, ["input"]),
    ] {
      let plan = try TrainingPlan(network, trainable: selection)
      #expect(Set(plan.boundary.map(\.name)) == Set(names))
      #expect((plan.frozenPart == nil) == (names == ["input"]))
      let expected = try plan.forward(input, draw: draw)
      if let frozen = plan.frozenPart {
        #expect(try plan.forward(boundary: frozen.run(input), draw: draw) == expected)
      }
      // What the plan leaves to the loss is all that it differs by from the plan for inference.
      #expect(plan.finalActivation == .softmax)
      let probabilities = expected.reshaped(to: [4, 5]).scalars
      let reference = Reference.activation(probabilities.map(Double.init), .softmax, channels: 5)
      expectClose(try InferencePlan(network).run(input)[0].scalars, reference, tolerance: 1e-5)
    }
  }

  @Test("Statistics of batches move the stored ones by Keras's rule")
  func statistics() throws {
    let network = try network([4, 3, 5]) { g, x in _ = g.batchNormalization(x, momentum: 0.9, "y") }
    let input = pictures(7, [4, 3, 5])
    let plan = try TrainingPlan(network, trainable: .all, statistics: .updated)
    _ = try plan.forward(input, draw: draw)
    let after = try plan.network().parameters
    let (mean, variance) = ReferenceTraining.statistics(GradientTests.split(input))
    for (name, batch) in [("moving_mean", mean), ("moving_variance", variance)] {
      let before = try #require(network.parameters["y", name]).scalars
      let expected = zip(before, batch).map { Double($0) * 0.9 + $1 * 0.1 }
      expectClose(try #require(after["y", name]).scalars, expected, tolerance: 1e-6)
    }
  }

  @Test("Dropout drops its share, scales the rest, and lets the gradient through where it let the result")
  func dropout() throws {
    let network = try network([1000]) { g, x in
      let y = g.layer(.batchNormalization(BatchNormalization(scales: false)), [x], "y")
      _ = g.dropout(y, rate: 0.3, "dropped")
    }
    let plan = try TrainingPlan(network, trainable: .all)
    let input = pictures(4, [1000], 1...2)
    let plain = try InferencePlan(network).run(input)[0]
    let found = try plan.forward(input, draw: draw)
    let again = try plan.forward(input, draw: draw)
    #expect(found == again)
    let other = try plan.forward(input, draw: TrainingDraw(seed: 1, step: 1))
    let kept = found.scalars.map { $0 != 0 }
    #expect(kept != other.scalars.map { $0 != 0 })
    #expect(Array(kept[..<1000]) != Array(kept[1000..<2000]), "pictures have dropouts of their own")
    let share = Double(kept.count { !$0 }) / 4000
    #expect(abs(share - 0.3) < 0.03)
    for (index, isKept) in kept.enumerated() where isKept {
      #expect(abs(found.scalars[index] - plain.scalars[index] / 0.7) <= 1e-5 * abs(found.scalars[index]))
    }
    _ = try plan.forward(input, draw: draw)
    try plan.backward(Tensor(repeating: 1, shape: [4, 1000]))
    let gradients = plan.withParameters { _, gradients in Array(gradients) }
    let expected = (0..<1000).map { feature in
      Double((0..<4).count { kept[$0 * 1000 + feature] }) / 0.7
    }
    expectClose(gradients, expected, tolerance: 1e-6)
  }

  @Test("Cross-entropy through softmax has the value and gradient of its definition")
  func crossEntropy() throws {
    let logits = Tensor(uniform: -3...3, shape: [3, 5], seed: 4)
    let labels = [4, 0, 2]
    for smoothing in [Float(0), 0.1] {
      let loss = SoftmaxCrossEntropy(labelSmoothing: smoothing)
      let (losses, gradient) = try loss.evaluate(logits, labels: labels)
      func total(_ values: [Double]) -> [Double] {
        let shares = Reference.activation(values, .softmax, channels: 5)
        return labels.indices.map { picture in
          -(0..<5).reduce(0) { sum, index in
            let target = (index == labels[picture] ? 1 - Double(smoothing) : 0) + Double(smoothing) / 5
            return sum + target * log(shares[picture * 5 + index])
          }
        }
      }
      let values = logits.scalars.map(Double.init)
      for (a, b) in zip(losses, total(values)) { #expect(abs(a - b) < 1e-12) }
      let differences = values.indices.map { index in
        var (up, down) = (values, values)
        up[index] += 1e-5
        down[index] -= 1e-5
        return (total(up).reduce(0, +) - total(down).reduce(0, +)) / 2e-5 / 3
      }
      expectClose(gradient.scalars, differences, tolerance: 1e-6)
    }
    for wrong in [[0, 1], [0, 1, 5], [0, -1, 2]] {
      #expect(throws: EngineError.self) { try SoftmaxCrossEntropy().evaluate(logits, labels: wrong) }
    }
  }

  @Test("A selection that leaves nothing to train and wrong shapes are errors that say so")
  func errors() throws {
    let network = try Self.staged()
    var error = #expect(throws: EngineError.self) { try TrainingPlan(network, trainable: .none) }
    #expect(error?.description.contains("predictions") == true)
    #expect(throws: GraphError.self) { try TrainingPlan(network, trainable: .stages(from: "three")) }
    let plan = try TrainingPlan(network, trainable: .head)
    error = #expect(throws: EngineError.self) {
      try plan.forward(boundary: [pictures(2, [23])], draw: draw)
    }
    #expect(error?.description.contains("pool of shape pictures×24") == true)
    #expect(throws: EngineError.self) { try plan.forward(boundary: [pictures(0, [24])], draw: draw) }
    #expect(throws: EngineError.self) { try plan.forward(pictures(2, [8, 8, 3]), draw: draw) }
    _ = try plan.forward(pictures(2, [19, 17, 3]), draw: draw)
    #expect(throws: EngineError.self) { try plan.backward(pictures(3, [5])) }
  }

  @Test(
    "In architectures of light weight each parameter gets a gradient",
    arguments: ["mobilenet", "mobilenetv2", "mobilenetv3small"])
  func architectures(_ name: String) throws {
    let graph = try Architecture.named(name).graph(inputSize: 32, top: .classifier(classes: 4))
    let network = try Network(graph: graph, parameters: livelyParameters(for: graph, seed: 2))
    let plan = try TrainingPlan(network, trainable: .all)
    let result = try plan.forward(pictures(2, graph.inputShape), draw: draw)
    try plan.backward(pictures(2, Shape(Array(result.shape.dimensions.dropFirst())), seed: 3))
    plan.withParameters { _, gradients in
      for entry in plan.layout.entries {
        #expect(gradients[entry.range].contains { $0 != 0 && $0.isFinite }, "\(entry.key)")
        #expect(gradients[entry.range].allSatisfy { $0.isFinite }, "\(entry.key)")
      }
    }
  }
}
