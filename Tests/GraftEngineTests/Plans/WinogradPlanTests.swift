import GraftEngine
import GraftGraph
import GraftTensor
import Testing
import _GraftTestSupport

@Suite("Plans with Winograd's convolution", .serialized)
struct WinogradPlanTests {
  /// Pooling that becomes a part of a convolution and pooling that may not, a residual, and weights so large that
  /// pictures go together.
  static func mixed() throws -> Network {
    try network([18, 17, 3]) { g, x in
      var x = g.convolution(x, filters: 16, kernel: 3, padding: .same, activation: .relu, "a")
      x = g.convolution(x, filters: 21, kernel: 3, padding: .same, activation: .relu, "b")
      x = g.maxPooling(x, 2, stride: 2, "b_pool")
      let y = g.convolution(x, filters: 21, kernel: 3, padding: .same, "c")
      x = g.activation(g.add(y, x, "sum"), .relu, "c_relu")
      x = g.convolution(x, filters: 40, kernel: 3, padding: .same, activation: .hardSwish, "d")
      x = g.maxPooling(x, 2, stride: 1, "d_pool")
      x = g.convolution(x, filters: 256, kernel: 1, activation: .relu, "e")
      x = g.maxPooling(g.convolution(x, filters: 256, kernel: 3, "f"), 2, stride: 2, "f_pool")
      x = g.batchNormalization(x, "f_bn")
      _ = g.globalPooling(g.activation(x, .relu, "f_relu"), .average, "g")
    }
  }

  @Test("give what the reference gives")
  func againstReference() throws {
    let network = try Self.mixed()
    let profile = try InferencePlan(network).profile(pictures(1, network.graph.inputShape))
    let kinds = profile.map { "\($0.name) \($0.kind)" }
    #expect(kinds.contains("b_pool Winograd and pooling"), "\(kinds)")
    #expect(kinds.contains("c_relu Winograd"), "\(kinds)")
    #expect(kinds.contains("d Winograd"), "\(kinds)")
    #expect(kinds.contains("f_pool Winograd and pooling"), "\(kinds)")
    #expect(kinds.contains("f_relu scale and offset"), "\(kinds)")
    try expectPlan(
      network, outputs: ["b_pool", "c_relu", "d_pool", "f_relu", "g"],
      on: pictures(1, network.graph.inputShape), tolerance: 2e-5)
    try expectPlan(
      network, outputs: ["b", "d"], on: pictures(1, network.graph.inputShape), tolerance: 2e-5,
      "without merged pooling")
  }

  /// Kernels so large that tiles of 2 x 2 are taken, more than 16 of them, for all pictures together.
  static func large() throws -> Network {
    try network([9, 10, 512]) { g, x in
      var x = g.convolution(x, filters: 512, kernel: 3, padding: .same, activation: .relu, "a")
      x = g.maxPooling(g.convolution(x, filters: 520, kernel: 3, padding: .same, "b"), 2, stride: 2, "b_pool")
      _ = g.globalPooling(x, .average, "c")
    }
  }

  @Test("of the largest kernels give what the reference gives, and the same bits for every batch")
  func largest() throws {
    let network = try Self.large()
    let profile = try InferencePlan(network).profile(pictures(1, network.graph.inputShape))
    let kinds = profile.map { "\($0.name) \($0.kind)" }
    #expect(kinds.contains("a Winograd") && kinds.contains("b_pool Winograd and pooling"), "\(kinds)")
    let input = pictures(3, network.graph.inputShape)
    try expectPlan(network, outputs: ["a", "b_pool", "c"], on: input, tolerance: 2e-5)
    let plan = try InferencePlan(network)
    let together = try withThreads(2) { try plan.run(input)[0] }
    for index in 0..<3 {
      let one = picture(index, of: input)
      let alone = try withThreads(1) { try plan.run(one.reshaped(to: Shape([1] + one.shape.dimensions)))[0] }
      #expect(picture(index, of: together).scalars.map(\.bitPattern) == alone.scalars.map(\.bitPattern))
    }
  }

  @Test("give the same bits for every batch and number of threads", arguments: instructionSets)
  func determinism(_ set: KernelTable.InstructionSet) throws {
    let network = try Self.mixed()
    let plan = try InferencePlan(network, outputs: ["b_pool", "d", "f_pool", "g"], kernels: kernels(set))
    let input = pictures(7, network.graph.inputShape)
    let expected = try withThreads(1) {
      try (0..<7).map { index in
        let one = picture(index, of: input)
        return try plan.run(one.reshaped(to: Shape([1] + one.shape.dimensions)))
      }
    }
    for (threads, count) in [(1, 7), (2, 1), (2, 7), (3, 5), (5, 7), (5, 3)] {
      let part = Tensor(
        shape: Shape([count] + network.graph.inputShape.dimensions),
        scalars: Array(input.scalars.prefix(count * network.graph.inputShape.count)))
      let found = try withThreads(threads) { try plan.run(part) }
      for (output, tensor) in found.enumerated() {
        for index in 0..<count {
          #expect(
            picture(index, of: tensor).scalars.map(\.bitPattern)
              == expected[index][output].scalars.map(\.bitPattern),
            "\(plan.outputs[output].name), picture \(index) of \(count), \(threads) threads")
        }
      }
    }
  }
}
