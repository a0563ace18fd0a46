import GraftEngine
import GraftGraph
import GraftSupport
import GraftTensor
import Testing
import _GraftTestSupport

/// Random parameters with statistics, gammas and biases that all matter.
func livelyParameters(for graph: Graph, seed: UInt64) -> Parameters {
  var parameters = Parameters.random(for: graph, seed: seed)
  for node in graph.nodes {
    for (name, shape) in graph.parameterShapes(of: node) {
      let range: ClosedRange<Float>
      switch name {
      case "gamma": range = 0.5...1.5
      case "moving_variance", "variance": range = 0.3...2
      case "beta", "moving_mean", "mean", "bias": range = -0.5...0.5
      default: continue
      }
      parameters[node.name, name] = Tensor(
        uniform: range, shape: shape, seed: seed, stream: "\(node.name)/\(name)")
    }
  }
  return parameters
}

/// A network of the layers that `body` adds after an input.
func network(
  _ input: Shape, seed: UInt64 = 1, _ body: (inout GraphBuilder, GraphBuilder.Value) -> Void
) throws -> Network {
  var builder = GraphBuilder()
  let x = builder.input(input, "input")
  body(&builder, x)
  let graph = try builder.graph()
  return try Network(graph: graph, parameters: livelyParameters(for: graph, seed: seed))
}

/// Random pictures.
func pictures(
  _ count: Int, _ shape: Shape, _ range: ClosedRange<Float> = -1...1, seed: UInt64 = 7
) -> Tensor {
  Tensor(uniform: range, shape: Shape([count] + shape.dimensions), seed: seed, stream: "pictures")
}

/// One picture of a batch.
func picture(_ index: Int, of batch: Tensor) -> Tensor {
  let shape = Shape(Array(batch.shape.dimensions.dropFirst()))
  return Tensor(
    shape: shape, scalars: Array(batch.scalars[index * shape.count..<(index + 1) * shape.count]))
}

/// Expects a plan's outputs to equal the reference, picture by picture, within `tolerance` of the largest
/// magnitude. Sums of numbers around 1 may cancel; the rounding errors that remain are not held against it.
func expectPlan(
  _ network: Network, outputs: [String] = [], on input: Tensor? = nil, kernels: KernelTable = .current,
  tolerance: Double = 1e-5, _ what: String = "", sourceLocation: SourceLocation = #_sourceLocation
) throws {
  let input = input ?? pictures(2, network.graph.inputShape)
  let plan = try InferencePlan(network, outputs: outputs, kernels: kernels)
  let results = try plan.run(input)
  #expect(results.count == plan.outputs.count, sourceLocation: sourceLocation)
  for index in 0..<input.shape[0] {
    let expected = ReferenceInterpreter.run(network, picture(index, of: input))
    for (output, result) in zip(plan.outputs, results) {
      let node = try #require(network.graph.index(of: output.name))
      #expect(
        result.shape.dimensions == [input.shape[0]] + output.shape.dimensions, sourceLocation: sourceLocation)
      #expect(output.shape == network.graph.nodes[node].shape, sourceLocation: sourceLocation)
      expectClose(
        picture(index, of: result).scalars, expected[node].values, tolerance: tolerance, floor: 0.02,
        "\(kernels.name) \(what) \(output.name) of picture \(index)", sourceLocation: sourceLocation)
    }
  }
}

/// Expects a plan to give for the first pictures of a batch, on some threads, the bits that one thread gives for all.
func expectSameBits(
  _ plan: InferencePlan, on input: Tensor, _ cases: [(threads: Int, count: Int)],
  sourceLocation: SourceLocation = #_sourceLocation
) throws {
  let expected = try withThreads(1) { try plan.run(input) }
  let shape = plan.inputShape
  for (threads, count) in cases {
    let part = Tensor(
      shape: Shape([count] + shape.dimensions), scalars: Array(input.scalars.prefix(count * shape.count)))
    for (found, whole) in zip(try withThreads(threads) { try plan.run(part) }, expected) {
      #expect(
        found.scalars.map(\.bitPattern) == whole.scalars.prefix(found.count).map(\.bitPattern),
        "\(count) pictures, \(threads) threads", sourceLocation: sourceLocation)
    }
  }
}
