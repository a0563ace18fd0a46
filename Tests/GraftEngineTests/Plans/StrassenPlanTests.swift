import GraftEngine
import GraftGraph
import GraftTensor
import Testing
import _GraftTestSupport

@Suite("Plans with products by Strassen's method", .serialized)
struct StrassenPlanTests {
  /// Products by themselves, with a residual, with an activation that is no limit, and at the end of bands; sides that
  /// tiles and bands do not divide.
  static func mixed() throws -> Network {
    try network([43, 39, 3]) { g, x in
      let stem = g.convolution(x, filters: 192, kernel: 3, padding: .same, activation: .relu, "stem")
      let a = g.convolution(stem, filters: 192, kernel: 1, activation: .relu6, "a")
      let b = g.convolution(a, filters: 192, kernel: 1, "b")
      var x = g.activation(g.add(b, stem, "sum"), .relu, "c")
      x = g.depthwiseConvolution(x, kernel: 3, padding: .same, activation: .relu, "d")
      x = g.convolution(x, filters: 256, kernel: 1, activation: .relu, "e")
      x = g.depthwiseConvolution(x, kernel: 3, stride: 2, activation: .relu, "f")
      x = g.convolution(x, filters: 192, kernel: 1, activation: .hardSwish, "g")
      x = g.convolution(x, filters: 192, kernel: 1, stride: 2, activation: .relu, "h")
      _ = g.globalPooling(x, .average, "i")
    }
  }

  @Test("give what the reference gives", arguments: instructionSets)
  func againstReference(_ set: KernelTable.InstructionSet) throws {
    let network = try Self.mixed()
    let table = try kernels(set)
    let input = pictures(1, network.graph.inputShape)
    let kinds = try InferencePlan(network, kernels: table).profile(input).map { "\($0.name) \($0.kind)" }
    for name in ["a 1×1", "c 1×1", "g depthwise, 1×1", "h 1×1"] {
      #expect(kinds.contains { $0.hasPrefix(name) && $0.hasSuffix("(Strassen)") }, "\(kinds)")
    }
    try expectPlan(
      network, outputs: ["a", "c", "e", "g", "h", "i"], on: input, kernels: table, tolerance: 2e-5)
  }

  @Test("give the same bits for every batch and number of threads", arguments: instructionSets)
  func determinism(_ set: KernelTable.InstructionSet) throws {
    let network = try Self.mixed()
    let plan = try InferencePlan(network, outputs: ["c", "e", "g", "h", "i"], kernels: kernels(set))
    try expectSameBits(
      plan, on: pictures(5, network.graph.inputShape), [(2, 1), (2, 5), (3, 4), (5, 3), (5, 1)])
  }
}
