import GraftEngine
import GraftGraph
import GraftTensor
import Testing
import _GraftTestSupport

@Suite("Gradients")
struct GradientTests {
  /// Arrays of one picture each.
  static func split(_ batch: Tensor) -> [ReferenceArray] {
    (0..<batch.shape[0]).map { ReferenceArray(picture($0, of: batch)) }
  }

  @Test("The reference agrees with central differences", arguments: try GradientCase.all())
  func reference(_ test: GradientCase) throws {
    let (input, gradient) = test.batch(2)
    let (x, dy) = (Self.split(input), Self.split(gradient))
    var reference = test.reference()
    let found = reference.backward(x, dy)
    func loss(_ reference: ReferenceTraining, _ x: [ReferenceArray]) -> Double {
      let y = reference.forward(x)[reference.graph.outputIndex]
      return zip(y, dy).reduce(0) { $0 + zip($1.0.values, $1.1.values).reduce(0) { $0 + $1.0 * $1.1 } }
    }
    let step = 1e-5
    func check(_ what: String, _ analytic: [Double], _ difference: (Int, Double) -> Double) {
      let scale = analytic.reduce(1e-3) { max($0, abs($1)) }
      for index in stride(from: 0, to: analytic.count, by: max(analytic.count / 7, 1)) {
        let numeric = (difference(index, step) - difference(index, -step)) / (2 * step)
        #expect(
          abs(numeric - analytic[index]) <= 1e-6 * scale,
          "\(what) \(index): \(analytic[index]), differences say \(numeric)")
      }
    }
    for key in test.network.graph.trainableKeys {
      let original = try #require(reference.parameters[key])
      check(key.description, try #require(found.parameters[key]).values) { index, change in
        reference.parameters[key]?.values[index] += change
        defer { reference.parameters[key] = original }
        return loss(reference, x)
      }
    }
    check("input", found.inputs[1].values) { index, change in
      var moved = x
      moved[1].values[index] += change
      return loss(reference, moved)
    }
  }

  @Test("A plan's results and gradients agree with the reference", arguments: try GradientCase.all())
  func plan(_ test: GradientCase) throws {
    for pictures in [1, 3, 18] {
      let (input, gradient) = test.batch(pictures)
      let reference = test.reference()
      let plan = try TrainingPlan(test.network, trainable: .all, statistics: test.statistics)
      let results = reference.forward(Self.split(input))[reference.graph.outputIndex]
      let found = try plan.forward(input, draw: TrainingDraw(seed: 1, step: 0))
      expectClose(found.scalars, results.flatMap(\.values), tolerance: 1e-5, floor: 0.02, "\(test)")
      try plan.backward(gradient)
      let expected = reference.backward(Self.split(input), Self.split(gradient)).parameters
      #expect(plan.layout.entries.map(\.key) == test.network.graph.trainableKeys)
      for entry in plan.layout.entries {
        let values = plan.withParameters { _, gradients in Array(gradients[entry.range]) }
        expectClose(
          values, try #require(expected[entry.key]).values, tolerance: 5e-5,
          // With statistics of the batch, sums that cancel exactly are left with their rounding errors.
          floor: test.statistics == .updated ? 0.5 : 0.02, "\(test) \(entry.key) of \(pictures)")
      }
    }
  }

  @Test("Only what is selected gets a gradient, and nothing else differs for it")
  func partial() throws {
    let selections: [String: [ParameterSelection]] = [
      "a residual block": [
        ParameterSelection.layers(["c2"]), .layers(["b1"]), .layers(["stem", "b2"]), .layers(from: "c2"),
        .matching { $0.name == "beta" },
      ],
      "blocks of a residual network": [
        .layers(["a_bn"]), .layers(["s"]), .layers(["c", "c_bn"]), .matching { $0.name == "gamma" },
        .matching { $0.name == "beta" }, .matching { $0.name == "kernel" }, .layers(from: "e"),
      ],
      "inverted residuals": [
        .layers(["a"]), .layers(["b_bn"]), .matching { $0.name != "gamma" }, .layers(from: "d"),
      ],
    ]
    for test in try GradientCase.all() where selections[test.description] != nil {
      let (input, gradient) = test.batch(3)
      let expected = test.reference().backward(Self.split(input), Self.split(gradient)).parameters
      for selection in selections[test.description] ?? [] {
        let keys = try selection.orderedKeys(in: test.network.graph)
        let plan = try TrainingPlan(test.network, trainable: selection)
        #expect(plan.layout.entries.map(\.key) == keys)
        _ = try plan.forward(input, draw: TrainingDraw(seed: 1, step: 0))
        try plan.backward(gradient)
        for entry in plan.layout.entries {
          let values = plan.withParameters { _, gradients in Array(gradients[entry.range]) }
          expectClose(
            values, try #require(expected[entry.key]).values, tolerance: 5e-5, floor: 0.02,
            "\(test) \(entry.key)")
        }
      }
    }
  }
}
