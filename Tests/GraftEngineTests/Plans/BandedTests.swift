import GraftEngine
import GraftGraph
import GraftTensor
import Testing
import _GraftTestSupport

@Suite("Layers that run together over bands of rows", .serialized)
struct BandedTests {
  /// Inverted residuals and separable convolutions on pictures too large for the cache, with windows of all kinds.
  static func mixed() throws -> Network {
    try network([61, 53, 3]) { g, x in
      func expanded(_ x: GraphBuilder.Value, _ name: String) -> GraphBuilder.Value {
        g.convolution(x, filters: 104, kernel: 1, bias: false, activation: .relu6, name)
      }
      var x = g.convolution(x, filters: 20, kernel: 3, padding: .same, activation: .relu, "stem")
      var y = g.depthwiseConvolution(expanded(x, "a"), kernel: 3, padding: .same, activation: .relu6, "b")
      x = g.add(g.convolution(y, filters: 20, kernel: 1, "c"), x, "d")
      y = g.depthwiseConvolution(expanded(x, "e"), kernel: 5, padding: .same, activation: .hardSwish, "f")
      x = g.convolution(y, filters: 18, kernel: 1, activation: .relu, "g")
      y = g.zeroPadding(expanded(x, "h"), EdgeInsets(top: 0, bottom: 1, left: 0, right: 1), "pad")
      y = g.depthwiseConvolution(y, kernel: 3, stride: 2, activation: .relu6, "i")
      x = g.convolution(y, filters: 176, kernel: 1, "j")
      x = g.activation(x, .relu, "j_relu")
      x = g.convolution(
        g.depthwiseConvolution(x, kernel: 3, activation: .relu, "k"), filters: 9, kernel: 1, "l")
      _ = g.globalPooling(x, .average, "m")
    }
  }

  /// A first convolution, and separable convolutions that go on with it.
  static func chained() throws -> Network {
    try network([141, 133, 3]) { g, x in
      var x = g.convolution(x, filters: 28, kernel: 3, stride: 2, padding: .same, activation: .relu6, "a")
      x = g.depthwiseConvolution(x, kernel: 3, padding: .same, activation: .relu6, "b")
      x = g.convolution(x, filters: 60, kernel: 1, activation: .relu6, "c")
      x = g.depthwiseConvolution(x, kernel: 5, stride: 2, padding: .same, activation: .hardSwish, "d")
      x = g.convolution(x, filters: 33, kernel: 1, "e")
      _ = g.globalPooling(x, .average, "f")
    }
  }

  @Test(
    "start with the first convolution, and go on where what lies between is large", arguments: instructionSets
  )
  func chains(_ set: KernelTable.InstructionSet) throws {
    let network = try Self.chained()
    let table = try kernels(set)
    let input = pictures(2, network.graph.inputShape)
    let plan = try InferencePlan(network, outputs: ["e"], kernels: table)
    let kinds = try plan.profile(input).map { "\($0.name) \($0.kind)" }
    #expect(kinds == ["e convolution, depthwise, 1×1, depthwise, 1×1"])
    try expectPlan(network, outputs: ["e", "f"], on: input, kernels: table, tolerance: 2e-5)
    let apart = try InferencePlan(network, outputs: ["a", "b", "c", "d", "e"], kernels: table)
    let expected = try withThreads(1) { try apart.run(input) }.last
    for threads in [1, 2, 5] {
      let found = try withThreads(threads) { try plan.run(input) }.first
      #expect(found?.scalars.map(\.bitPattern) == expected?.scalars.map(\.bitPattern), "\(threads) threads")
    }
  }

  @Test("give what the reference gives", arguments: instructionSets)
  func againstReference(_ set: KernelTable.InstructionSet) throws {
    let network = try Self.mixed()
    let table = try kernels(set)
    let profile = try InferencePlan(network, kernels: table).profile(pictures(1, network.graph.inputShape))
    let kinds = profile.map { "\($0.name) \($0.kind)" }
    for kind in [
      "d 1×1, depthwise, 1×1", "g 1×1, depthwise, 1×1", "j_relu 1×1, depthwise, 1×1", "l depthwise, 1×1",
    ] {
      #expect(kinds.contains(kind), "\(kinds)")
    }
    try expectPlan(
      network, outputs: ["d", "g", "j_relu", "l", "m"], on: pictures(1, network.graph.inputShape),
      kernels: table, tolerance: 2e-5)
  }

  @Test("give the same bits as the layers one by one", arguments: instructionSets)
  func likeSeparateLayers(_ set: KernelTable.InstructionSet) throws {
    let network = try Self.mixed()
    let input = pictures(1, network.graph.inputShape)
    let outputs = ["d", "g", "j_relu", "l"]
    let together = try InferencePlan(network, outputs: outputs, kernels: kernels(set))
    let apart = try InferencePlan(
      network, outputs: outputs + ["a", "b", "e", "f", "h", "i", "k"], kernels: kernels(set))
    #expect(together.stepCount < apart.stepCount)
    for (one, other) in zip(try together.run(input), try apart.run(input)) {
      #expect(one.scalars.map(\.bitPattern) == other.scalars.map(\.bitPattern))
    }
  }

  @Test("give the same bits for every batch and number of threads", arguments: instructionSets)
  func determinism(_ set: KernelTable.InstructionSet) throws {
    let network = try Self.mixed()
    let plan = try InferencePlan(network, outputs: ["g", "m"], kernels: kernels(set))
    try expectSameBits(plan, on: pictures(3, network.graph.inputShape), [(2, 3), (3, 2), (5, 1)])
  }
}
