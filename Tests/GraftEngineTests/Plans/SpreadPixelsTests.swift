import GraftEngine
import GraftGraph
import GraftTensor
import Testing
import _GraftTestSupport

@Suite("Pictures with gaps behind their pixels", .serialized)
struct SpreadPixelsTests {
  /// Separable convolutions with as many channels as get gaps: small ones by themselves, one in bands, one whose result
  /// two layers read, and one with a residual.
  static func mixed() throws -> Network {
    try network([24, 23, 3]) { g, x in
      var x = g.convolution(x, filters: 256, kernel: 1, activation: .relu, "a")
      x = g.depthwiseConvolution(x, kernel: 3, padding: .same, activation: .relu6, "b")
      x = g.convolution(x, filters: 256, kernel: 1, activation: .relu6, "c")
      x = g.depthwiseConvolution(x, kernel: 3, stride: 2, activation: .hardSwish, "d")
      x = g.convolution(x, filters: 512, kernel: 1, activation: .relu, "e")
      x = g.depthwiseConvolution(x, kernel: 5, padding: .same, "f")
      let y = g.convolution(x, filters: 256, kernel: 1, activation: .relu, "g")
      x = g.convolution(
        g.depthwiseConvolution(y, kernel: 3, padding: .same, "h"), filters: 256, kernel: 1, "i")
      x = g.activation(g.add(x, y, "sum"), .relu, "j")
      x = g.depthwiseConvolution(x, kernel: 3, padding: .same, "k")
      _ = g.globalPooling(x, .average, "l")
    }
  }

  @Test("give what the reference gives", arguments: instructionSets)
  func againstReference(_ set: KernelTable.InstructionSet) throws {
    let network = try Self.mixed()
    try expectPlan(network, on: pictures(1, network.graph.inputShape), kernels: kernels(set), tolerance: 2e-5)
    try expectPlan(
      network, outputs: ["c", "e", "g", "j", "l"], on: pictures(1, network.graph.inputShape),
      kernels: kernels(set), tolerance: 2e-5)
  }

  @Test("give the same bits for every batch and number of threads", arguments: instructionSets)
  func determinism(_ set: KernelTable.InstructionSet) throws {
    let network = try Self.mixed()
    let plan = try InferencePlan(network, kernels: kernels(set))
    try expectSameBits(plan, on: pictures(5, network.graph.inputShape), [(2, 1), (2, 5), (3, 4), (5, 3)])
  }
}
