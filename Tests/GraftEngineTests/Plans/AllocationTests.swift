import GraftEngine
import GraftGraph
import GraftModels
import GraftTensor
import Testing
import _GraftTestAllocations

@Suite("Allocations")
struct AllocationTests {
  static let counts = graft_test_allocations() >= 0

  @Test("the counter counts", .enabled(if: counts, "allocations can be counted with glibc only"))
  func counter() {
    let before = graft_test_allocations()
    let array = [Float](repeating: 1, count: 1000)
    #expect(graft_test_allocations() - before >= 1)
    #expect(array.count == 1000)
  }

  @Test(
    "a plan that runs again takes no memory for its layers, whatever their number",
    .enabled(if: counts, "allocations can be counted with glibc only"),
    arguments: ["vgg16", "mobilenetv2_0.35", "resnet50"], [1, 3])
  func steadyState(_ name: String, _ batch: Int) throws {
    let graph = try Architecture.named(name).graph(inputSize: 32, top: .classifier(classes: 4))
    let plan = try InferencePlan(Network(graph: graph, parameters: .random(for: graph, seed: 1)))
    let input = [Float](repeating: 0.5, count: batch * graph.inputShape.count)
    var outputs = [[Float](repeating: 0, count: batch * 4)]
    for _ in 0..<3 { try plan.run(input, count: batch, into: &outputs) }
    // Other tests change the number of threads meanwhile, and a plan makes room for more once: the least of some rounds
    // is what it takes again and again.
    let runs: Int64 = 20
    let each =
      try (0..<5).map { _ in
        let before = graft_test_allocations()
        for _ in 0..<runs { try plan.run(input, count: batch, into: &outputs) }
        return Double(graft_test_allocations() - before) / Double(runs)
      }.min() ?? .infinity
    #expect(each <= 2 && plan.stepCount >= 18, "\(each) allocations a run of \(plan.stepCount) steps")
  }
}
