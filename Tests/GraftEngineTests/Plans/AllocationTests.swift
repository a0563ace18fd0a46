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
    let before = graft_test_allocations()
    let runs: Int64 = 20
    for _ in 0..<runs { try plan.run(input, count: batch, into: &outputs) }
    let each = Double(graft_test_allocations() - before) / Double(runs)
    // Those of the call; while other tests use the threads, a few more. One a layer would be eighteen at least.
    #expect(each <= 5 && plan.stepCount >= 18, "\(each) allocations a run of \(plan.stepCount) steps")
  }
}
