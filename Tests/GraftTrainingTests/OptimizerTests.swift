import Foundation
import GraftTraining
import Testing
import _GraftTestSupport

@Suite("Optimizers and learning rates")
struct OptimizerTests {
  private struct Golden: Decodable {
    let weights: [Float]
    let gradients: [[Float]]
    let results: [String: [[Float]]]
  }

  private static let folder = TestData.package.appending(path: "Tests/GraftTrainingTests/Golden")

  static let optimizers: [(String, Optimizer, Double)] = [
    ("sgd", .sgd(), 0.1),
    ("sgd_momentum", .sgd(momentum: 0.9), 0.1),
    ("sgd_nesterov_decay", .sgd(momentum: 0.8, nesterov: true, weightDecay: 0.01), 0.05),
    ("rmsprop", .rmsProp(), 0.01),
    (
      "rmsprop_all", .rmsProp(rho: 0.8, momentum: 0.5, epsilon: 1e-3, centered: true, weightDecay: 0.02), 0.01
    ),
    ("adam", .adam(), 0.01),
    ("adam_all", .adam(beta1: 0.7, beta2: 0.95, epsilon: 1e-2), 0.02),
    ("adamw", .adamW(), 0.01),
  ]

  @Test("Each step is that of Keras", arguments: optimizers.indices)
  func keras(_ index: Int) throws {
    let (name, optimizer, rate) = Self.optimizers[index]
    let golden = try JSONDecoder().decode(
      Golden.self, from: Data(contentsOf: Self.folder.appending(path: "optimizers.json")))
    let expected = try #require(golden.results[name])
    var values = golden.weights
    var state = OptimizerState(optimizer, count: values.count)
    for (gradient, after) in zip(golden.gradients, expected) {
      values.withUnsafeMutableBufferPointer { values in
        gradient.withUnsafeBufferPointer { state.update(values, $0, rate: rate) }
      }
      for (found, wanted) in zip(values, after) {
        #expect(
          abs(found - wanted) <= 2e-6 * max(abs(wanted), 0.1),
          "\(name), step \(state.steps): \(found), \(wanted)")
      }
    }
    #expect(state.steps == 6)
  }

  @Test("An update is the same for any number of weights and place among them")
  func blocks() {
    let count = 40_000
    let gradients = (0..<count).map { Float($0 % 1000 - 500) / 100 }
    for (_, optimizer, rate) in Self.optimizers {
      var values = [Float](repeating: 1, count: count)
      var state = OptimizerState(optimizer, count: count)
      for _ in 0..<3 {
        values.withUnsafeMutableBufferPointer { values in
          gradients.withUnsafeBufferPointer { state.update(values, $0, rate: rate) }
        }
      }
      #expect(values[..<1000] == values[39_000...], "\(optimizer)")
    }
  }

  @Test("Schedules are those of Keras")
  func schedules() throws {
    let golden = try JSONDecoder().decode(
      [String: [Double]].self, from: Data(contentsOf: Self.folder.appending(path: "schedules.json")))
    let schedules: [(String, LearningRate)] = [
      ("cosine_warmup", .cosine(peak: 0.4, warmup: 1, floor: 0.05)), ("cosine", .cosine(peak: 0.4)),
      ("step", .step(0.4, factor: 0.5, every: 1.5)),
    ]
    for (name, schedule) in schedules {
      for (step, expected) in try #require(golden[name]).enumerated() {
        let found = schedule.rate(at: step, stepsPerEpoch: 10, epochs: 4)
        #expect(abs(found - expected) <= 1e-6 * 0.4, "\(name), step \(step): \(found), \(expected)")
      }
    }
    #expect(LearningRate.constant(0.3).rate(at: 39, stepsPerEpoch: 10, epochs: 4) == 0.3)
    // Longer warm-ups than the run end in its middle, not in a division by zero.
    #expect(LearningRate.cosine(peak: 1, warmup: 9).rate(at: 1, stepsPerEpoch: 2, epochs: 1) == 0.5)
  }
}
