import Foundation
import GraftGraph
import GraftTensor
import Testing
import _GraftTestSupport

@Suite("Graph")
struct GraphTests {
  /// Two branches that meet: input, a (conv), b and c read a, d = b + c, pooled, classifier.
  func branched() throws -> Graph {
    var g = GraphBuilder()
    let input = g.input([8, 8, 3], "input")
    g.begin(stage: "one")
    let a = g.convolution(input, filters: 4, kernel: 3, padding: .same, "a")
    let b = g.convolution(a, filters: 4, kernel: 1, "b")
    g.begin(stage: "two")
    let c = g.batchNormalization(a, "c")
    let d = g.add(b, c, "d")
    g.begin(stage: Graph.headStage)
    let pooled = g.globalPooling(d, .average, "pool")
    _ = g.dense(pooled, units: 5, activation: .softmax, "predictions")
    return try g.graph()
  }

  @Test("Parameters are counted with moving statistics")
  func parameterCount() throws {
    #expect(try branched().parameterCount == (27 * 4 + 4) + (16 + 4) + 16 + (4 * 5 + 5))
  }

  @Test("Cutting at a layer keeps just what it needs, in order")
  func truncation() throws {
    let graph = try branched().truncated(at: "c")
    #expect(graph.nodes.map(\.name) == ["input", "a", "c"])
    #expect(graph.nodes.map(\.inputs) == [[], [0], [1]])
    #expect(graph.output.shape == [8, 8, 4])
  }

  @Test("An unknown layer is named in the error, with layers spelled alike")
  func unknownLayer() throws {
    let graph = try branched()
    let error = #expect(throws: GraphError.self) { try graph.truncated(at: "Predictions2") }
    #expect(error?.code == .unknownLayer)
    #expect(error?.description.contains("Predictions2") == true)
    #expect(error?.description.contains("predictions") == true)
  }

  @Test("A new head replaces the old one and reads the pooled features")
  func replacingHead() throws {
    let graph = try branched().replacingHead(classes: 2)
    #expect(graph.nodes.map(\.name) == ["input", "a", "b", "c", "d", "avg_pool", "predictions"])
    #expect(graph.output.shape == [2])
    #expect(graph.output.stage == Graph.headStage)
  }

  @Test("A graph read from JSON equals the one written")
  func codable() throws {
    let graph = try branched()
    #expect(try JSONDecoder().decode(Graph.self, from: JSONEncoder().encode(graph)) == graph)
  }

  @Test("A graph for another size has the same parameters and new shapes")
  func resizing() throws {
    let graph = try branched().resized(height: 5, width: 9)
    #expect(try graph.node(named: "d").shape == [5, 9, 4])
    #expect(graph.parameterCount == (try branched()).parameterCount)
  }

  @Test("The first mistake is thrown with its layer's name")
  func mistakes() throws {
    var g = GraphBuilder()
    let x = g.input([4, 4, 3], "input")
    let y = g.convolution(x, filters: 2, kernel: 5, "too_large")
    _ = g.add(x, y, "sum")
    let error = #expect(throws: GraphError.self) { try g.graph() }
    #expect(error?.layer == "too_large")
  }

  @Test("Two layers of one name are refused")
  func duplicates() throws {
    var g = GraphBuilder()
    let x = g.input([4, 4, 3], "input")
    _ = g.activation(g.activation(x, .relu, "r"), .relu, "r")
    let error = #expect(throws: GraphError.self) { try g.graph() }
    #expect(error?.code == .name)
  }

  @Test("A network refuses missing parameters and wrong shapes, naming them")
  func network() throws {
    let graph = try branched()
    var parameters = Parameters.random(for: graph, seed: 1)
    #expect(throws: Never.self) { try Network(graph: graph, parameters: parameters) }
    parameters["b", "kernel"] = Tensor(repeating: 0, shape: [1, 1, 4, 5])
    let wrong = #expect(throws: GraphError.self) { try Network(graph: graph, parameters: parameters) }
    #expect(wrong?.description.contains("1×1×4×5") == true && wrong?.layer == "b")
    parameters["b", "kernel"] = nil
    let missing = #expect(throws: GraphError.self) { try Network(graph: graph, parameters: parameters) }
    #expect(missing?.layer == "b")
  }
}

@Suite("Window")
struct WindowTests {
  /// Positions and padding of TensorFlow's "SAME" and "VALID", counted by hand from the definition.
  @Test(
    "Positions and padding follow TensorFlow's rules",
    arguments: [
      (7, 3, 2, Padding.same, 4, 1, 1), (8, 3, 2, .same, 4, 0, 1), (8, 3, 1, .same, 8, 1, 1),
      (5, 1, 2, .same, 3, 0, 0), (6, 5, 2, .same, 3, 1, 2), (7, 3, 2, .valid, 3, 0, 0),
      (8, 3, 2, .valid, 3, 0, 0), (1, 3, 2, .same, 1, 1, 1),
    ])
  func rules(
    length: Int, kernel: Int, stride: Int, padding: Padding, positions: Int, before: Int, after: Int
  ) throws {
    let window = Window(Extent(kernel), stride: Extent(stride), dilation: 1, padding: padding)
    let shape: Shape = [length, length, 1]
    #expect(try window.extent(over: shape) == Extent(positions))
    let insets = window.insets(over: shape)
    #expect(insets == EdgeInsets(top: before, bottom: after, left: before, right: after))
  }
}
