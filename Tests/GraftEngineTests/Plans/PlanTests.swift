import GraftEngine
import GraftGraph
import GraftTensor
import Testing
import _GraftTestSupport

@Suite("Inference plan")
struct PlanTests {
  func small() throws -> Network {
    try network([5, 4, 3]) { g, x in
      let x = g.convolution(x, filters: 6, kernel: 3, activation: .relu, "a")
      _ = g.globalPooling(x, .average, "b")
    }
  }

  @Test("says its input and outputs")
  func description() throws {
    let plan = try InferencePlan(small(), outputs: ["b", "a"])
    #expect(plan.inputShape == [5, 4, 3])
    #expect(plan.outputs.map(\.name) == ["b", "a"])
    #expect(plan.outputs.map(\.shape) == [[6], [3, 2, 6]])
    #expect(try InferencePlan(small()).outputs.map(\.name) == ["b"])
  }

  @Test("writes into given arrays and leaves what lies behind the results")
  func intoArrays() throws {
    let network = try small()
    let plan = try InferencePlan(network, outputs: ["a", "b"])
    let input = pictures(2, [5, 4, 3])
    var outputs = [[Float](repeating: 9, count: 80), [Float](repeating: 9, count: 12)]
    try plan.run(input.scalars + [.nan], count: 2, into: &outputs)
    let expected = try plan.run(input)
    #expect(Array(outputs[0].prefix(72)) == expected[0].scalars)
    #expect(Array(outputs[0].suffix(8)) == [Float](repeating: 9, count: 8))
    #expect(outputs[1] == expected[1].scalars)
  }

  @Test("takes an empty batch")
  func empty() throws {
    let result = try InferencePlan(small()).run(Tensor(shape: [0, 5, 4, 3], scalars: []))
    #expect(result.map(\.shape) == [[0, 6]])
  }

  @Test("computes only what its outputs need")
  func unneeded() throws {
    #expect(try InferencePlan(small(), outputs: ["a"]).stepCount == 1)
    #expect(try InferencePlan(small(), outputs: ["input"]).stepCount == 0)
  }

  @Test("refuses an unknown output, and names layers near it")
  func unknownOutput() throws {
    let error = #expect(throws: EngineError.self) { _ = try InferencePlan(small(), outputs: ["a_relu"]) }
    #expect(error?.code == .unknownLayer)
    #expect(error?.description.contains("near it are a") == true, "\(String(describing: error))")
  }

  @Test("refuses input of another shape, saying both")
  func wrongShape() throws {
    let plan = try InferencePlan(small())
    for shape: Shape in [[1, 4, 5, 3], [5, 4, 3], [1, 5, 4, 3, 1], [60]] {
      let error = #expect(throws: EngineError.self) {
        _ = try plan.run(Tensor(repeating: 0, shape: shape))
      }
      #expect(error?.code == .shape)
      #expect(error?.message.contains("5×4×3") == true && error?.message.contains("\(shape)") == true)
    }
  }

  @Test("refuses arrays that are too short, and a wrong number of them")
  func shortArrays() throws {
    let plan = try InferencePlan(small())
    for (inputs, count, outputs) in [
      (59, 1, [6]), (120, 2, [11]), (60, 1, []), (60, 1, [6, 6]), (60, -1, [6]), (60, Int.max, [6]),
    ] {
      var arrays = outputs.map { [Float](repeating: 0, count: $0) }
      let error = #expect(throws: EngineError.self) {
        try plan.run([Float](repeating: 0, count: inputs), count: count, into: &arrays)
      }
      #expect(error?.code == .shape || error?.code == .outOfMemory)
    }
  }

  @Test("refuses what does not fit into memory")
  func tooLarge() throws {
    // A terabyte for one picture, from a network with a single small parameter.
    let huge = try network([1, 1, 1]) { g, x in
      let x = g.zeroPadding(x, EdgeInsets(top: 1 << 38, bottom: 0, left: 0, right: 0), "a")
      _ = g.globalPooling(g.batchNormalization(x, "b"), .average, "c")
    }
    let plan = try InferencePlan(huge)
    let error = #expect(throws: EngineError.self) {
      _ = try plan.run(Tensor(shape: [1, 1, 1, 1], scalars: [1]))
    }
    #expect(error?.code == .outOfMemory)
    // More than can be counted in bytes.
    let beyond = try network([1, 1 << 24, 1]) { g, x in
      _ = g.zeroPadding(x, EdgeInsets(top: 1 << 38, bottom: 0, left: 0, right: 0), "a")
    }
    let refused = #expect(throws: EngineError.self) { _ = try InferencePlan(beyond) }
    #expect(refused?.code == .outOfMemory)
  }

  @Test("refuses pictures without pixels")
  func noPixels() throws {
    let nothing = try network([0, 4, 3]) { g, x in _ = g.activation(x, .relu, "a") }
    let error = #expect(throws: EngineError.self) { _ = try InferencePlan(nothing) }
    #expect(error?.code == .shape)
  }

  @Test("says where its time goes")
  func profile() throws {
    let network = try small()
    let plan = try InferencePlan(network)
    let profile = try plan.profile(pictures(3, [5, 4, 3]), repetitions: 2)
    #expect(profile.map(\.name) == ["a", "b"])
    #expect(profile.allSatisfy { $0.seconds > 0 && $0.operations > 0 })
    #expect(profile[0].operations == Double(2 * 3 * 2 * 6 * 27))
  }
}
