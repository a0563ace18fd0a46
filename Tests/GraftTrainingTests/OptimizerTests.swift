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
    ("adagrad", .adaGrad(), 0.1),
    ("adagrad_all", .adaGrad(initialAccumulator: 0.5, epsilon: 1e-3, weightDecay: 0.01), 0.05),
    ("clipped_norm", with(.sgd(momentum: 0.9)) { $0.clipping = .globalNorm(0.7) }, 0.1),
    ("clipped_value", with(.adam()) { $0.clipping = .value(0.3) }, 0.01),
    ("averaged", with(.adam()) { $0.averaging = 0.8 }, 0.05),
    (
      "elastic",
      with(.sgd(momentum: 0.9)) {
        $0.clipping = .globalNorm(2)
        $0.l1 = 0.03
        $0.l2 = 0.2
      }, 0.1
    ),
  ]

  private static func with(_ optimizer: Optimizer, _ change: (inout Optimizer) -> Void) -> Optimizer {
    var optimizer = optimizer
    change(&optimizer)
    return optimizer
  }

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
    if name == "averaged" {
      let averages = try #require(golden.results["averages"]?.last)
      for (found, wanted) in zip(try #require(state.average), averages) {
        #expect(abs(found - wanted) <= 2e-6 * max(abs(wanted), 0.1))
      }
    } else {
      #expect(state.average == nil)
    }
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

  /// Makes the golden steps with some groups.
  private func run(_ optimizer: Optimizer, rate: Double, groups: [ParameterGroup]) throws -> [[Float]] {
    let golden = try JSONDecoder().decode(
      Golden.self, from: Data(contentsOf: Self.folder.appending(path: "optimizers.json")))
    var values = golden.weights
    var state = OptimizerState(optimizer, count: values.count)
    return golden.gradients.map { gradient in
      values.withUnsafeMutableBufferPointer { values in
        gradient.withUnsafeBufferPointer { state.update(values, $0, rate: rate, groups: groups) }
      }
      return values
    }
  }

  @Test("Weights that are left out of decay step as those that Keras excludes")
  func partlyDecayed() throws {
    let golden = try JSONDecoder().decode(
      Golden.self, from: Data(contentsOf: Self.folder.appending(path: "optimizers.json")))
    let expected = try #require(golden.results["partly_decayed"])
    let found = try run(
      .adamW(weightDecay: 0.5), rate: 0.05, groups: [ParameterGroup(range: 0..<4, isDecayed: false)])
    for (found, wanted) in zip(found.flatMap { $0 }, expected.flatMap { $0 }) {
      #expect(abs(found - wanted) <= 2e-6 * max(abs(wanted), 0.1))
    }
  }

  @Test("A group steps as all weights would at its own rate; at no rate it keeps its bits")
  func groups() throws {
    for (name, optimizer, rate) in Self.optimizers where optimizer.clipping == nil {
      let whole = try run(optimizer, rate: rate, groups: [])
      let half = try run(optimizer, rate: rate * 0.5, groups: [])
      let grouped = try run(
        optimizer, rate: rate,
        groups: [ParameterGroup(range: 2..<5, rateFactor: 0.5), ParameterGroup(range: 5..<7, rateFactor: 0)])
      let start = try JSONDecoder().decode(
        Golden.self, from: Data(contentsOf: Self.folder.appending(path: "optimizers.json"))
      ).weights
      for step in whole.indices {
        let expected = whole[step][..<2] + half[step][2..<5] + start[5..<7] + whole[step][7...]
        #expect(grouped[step] == Array(expected), "\(name), step \(step)")
      }
    }
  }

  @Test("Clipping by length looks at the weights that train only")
  func clippedGroups() {
    var values: [Float] = [1, 1, 1]
    let gradients: [Float] = [3, 4, 1000]
    var state = OptimizerState(Self.with(.sgd()) { $0.clipping = .globalNorm(1) }, count: 3)
    values.withUnsafeMutableBufferPointer { values in
      gradients.withUnsafeBufferPointer {
        state.update(values, $0, rate: 1, groups: [ParameterGroup(range: 2..<3, rateFactor: 0)])
      }
    }
    #expect(abs(values[0] - 0.4) < 1e-6 && abs(values[1] - 0.2) < 1e-6 && values[2] == 1)
  }

  @Test("Optimizers and schedules have names; others are refused with a list")
  func names() throws {
    for name in Optimizer.names { #expect(try Optimizer(named: name, weightDecay: 0.25).weightDecay == 0.25) }
    #expect(try Optimizer(named: "adamw") == .adamW())
    #expect(try Optimizer(named: "nesterov") == .sgd(momentum: 0.9, nesterov: true))
    for name in LearningRate.names {
      let rate = try LearningRate(named: name, peak: 0.1, epochs: 7, warmup: 1.5)
      let rates = (0..<70).map { rate.rate(at: $0, stepsPerEpoch: 10, epochs: 7) }
      #expect(rates[0] == 0 && rates.allSatisfy { $0.isFinite && $0 >= 0 && $0 <= 0.1 + 1e-12 }, "\(name)")
      #expect((rates.max() ?? 0) > 0.09, "\(name)")
    }
    let optimizer = #expect(throws: TrainingError.self) { try Optimizer(named: "lbfgs") }
    #expect(optimizer?.message.contains("sgd, momentum, nesterov, adagrad, rmsprop, adam, adamw") == true)
    let schedule = #expect(throws: TrainingError.self) {
      try LearningRate(named: "cosin", peak: 1, epochs: 1)
    }
    #expect(schedule?.message.contains("cosine, restarts") == true)
  }

  @Test("Options survive being written and read")
  func codable() throws {
    for (_, optimizer, _) in Self.optimizers {
      let data = try JSONEncoder().encode(optimizer)
      #expect(try JSONDecoder().decode(Optimizer.self, from: data) == optimizer)
    }
    for name in LearningRate.names {
      let rate = try LearningRate(named: name, peak: 0.1, epochs: 7, warmup: 1.5)
      #expect(try JSONDecoder().decode(LearningRate.self, from: JSONEncoder().encode(rate)) == rate)
    }
  }

  @Test("Schedules are those of Keras")
  func schedules() throws {
    let golden = try JSONDecoder().decode(
      [String: [Double]].self, from: Data(contentsOf: Self.folder.appending(path: "schedules.json")))
    let schedules: [(String, LearningRate)] = [
      ("cosine_warmup", .cosine(peak: 0.4, warmup: 1, floor: 0.05)), ("cosine", .cosine(peak: 0.4)),
      ("step", .step(0.4, factor: 0.5, every: 1.5)), ("exponential", .exponential(0.4, factor: 0.7)),
      ("inverse", .inverseTime(0.4, decay: 1.5)), ("restarts", .restarts(peak: 0.4, first: 1)),
      ("growing", .restarts(peak: 0.4, first: 1, growth: 2, peakFactor: 0.5, floor: 0.1)),
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
