import GraftEngine
import GraftGraph
import GraftModels
import GraftSupport
import GraftTensor
import Testing
import _GraftTestSupport

/// Runs `body` with a number of threads, and puts the old number back.
///
/// Tests of one suite that call it must be serialized. Other suites may run meanwhile: their results do not
/// depend on it.
func withThreads<Result>(_ threads: Int, _ body: () throws -> Result) rethrows -> Result {
  let before = ThreadPool.threads
  ThreadPool.threads = threads
  defer { ThreadPool.threads = before }
  return try body()
}

@Suite("Results are the same to the last bit", .serialized)
struct DeterminismTests {
  /// Large dense layers, residuals, squeeze and excitation, and softmax in one.
  static func mixed() throws -> Network {
    try network([37, 31, 3]) { g, x in
      var x = g.convolution(x, filters: 40, kernel: 3, stride: 2, padding: .same, activation: .hardSwish, "a")
      let s = g.globalPooling(x, .average, keepsDimensions: true, "s")
      x = g.multiply(x, g.convolution(s, filters: 40, kernel: 1, activation: .sigmoid, "u"), "m")
      let y = g.depthwiseConvolution(x, kernel: 5, padding: .same, activation: .swish, "b")
      x = g.add(g.convolution(y, filters: 40, kernel: 1, "c"), x, "d")
      x = g.maxPooling(x, 3, stride: 2, padding: .same, "p")
      x = g.convolution(x, filters: 130, kernel: 3, activation: .relu, "e")
      x = g.dense(g.flatten(x, "f"), units: 70, activation: .relu, "g")
      _ = g.dense(x, units: 33, activation: .softmax, "h")
    }
  }

  @Test("for every size of batch and number of threads", arguments: instructionSets)
  func batchesAndThreads(_ set: KernelTable.InstructionSet) throws {
    let network = try Self.mixed()
    let plan = try InferencePlan(network, outputs: ["d", "e", "h"], kernels: kernels(set))
    let input = pictures(8, network.graph.inputShape)
    let expected = try withThreads(1) { try (0..<8).map { try plan.run(single($0, input)) } }
    for threads in [1, 2, 3, 4, 7] {
      try withThreads(threads) {
        for count in [1, 2, 3, 5, 8] {
          let part = Tensor(
            shape: Shape([count] + network.graph.inputShape.dimensions),
            scalars: Array(input.scalars.prefix(count * network.graph.inputShape.count)))
          let found = try plan.run(part)
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
  }

  @Test("for batches larger than what is computed together")
  func largeBatch() throws {
    let network = try network([4, 4, 3]) { g, x in
      let x = g.convolution(x, filters: 32, kernel: 3, padding: .same, activation: .relu, "a")
      _ = g.dense(g.flatten(x, "f"), units: 600, "y")
    }
    let plan = try InferencePlan(network, outputs: ["y", "a"])
    let input = pictures(71, [4, 4, 3])
    let all = try plan.run(input)
    for index in 0..<71 {
      let one = try plan.run(single(index, input))
      #expect(picture(index, of: all[0]) == picture(0, of: one[0]))
      #expect(picture(index, of: all[1]) == picture(0, of: one[1]))
    }
  }

  @Test("when several threads run one plan at once")
  func concurrentRuns() async throws {
    let network = try Self.mixed()
    let plan = try InferencePlan(network)
    let input = pictures(5, network.graph.inputShape)
    let expected = try plan.run(input)
    try await withThrowingTaskGroup(of: [Tensor].self) { group in
      for _ in 0..<6 { group.addTask { try plan.run(input) } }
      for try await result in group { #expect(result == expected) }
    }
  }

  @Test("whichever outputs are asked for, as long as the same layers are merged")
  func otherPlan() throws {
    let network = try Self.mixed()
    let input = pictures(2, network.graph.inputShape)
    let one = try InferencePlan(network, outputs: ["h"]).run(input)
    let two = try InferencePlan(network, outputs: ["p", "h"]).run(input)
    #expect(one[0] == two[1])
  }

  private func single(_ index: Int, _ batch: Tensor) -> Tensor {
    let one = picture(index, of: batch)
    return one.reshaped(to: Shape([1] + one.shape.dimensions))
  }
}
