import GraftGraph
import GraftTensor
import Testing

@Suite("Parameter selections")
struct ParameterSelectionTests {
  /// Stages one (a, b), two (c, a batch normalization, and d) and head (predictions).
  static func graph() throws -> Graph {
    var g = GraphBuilder()
    var x = g.input([8, 8, 3], "input")
    g.begin(stage: "one")
    x = g.convolution(x, filters: 4, kernel: 3, "a")
    x = g.convolution(x, filters: 4, kernel: 1, bias: false, "b")
    g.begin(stage: "two")
    x = g.batchNormalization(x, "c")
    x = g.activation(x, .relu, "relu")
    x = g.depthwiseConvolution(x, kernel: 3, "d")
    g.begin(stage: Graph.headStage)
    x = g.globalPooling(x, .average, "pool")
    _ = g.dense(x, units: 5, activation: .softmax, "predictions")
    return try g.graph()
  }

  static let everything = [
    "a/kernel", "a/bias", "b/kernel", "c/gamma", "c/beta", "d/depthwise_kernel", "d/bias",
    "predictions/kernel", "predictions/bias",
  ]

  static let cases: [(ParameterSelection, [String])] = [
    (.all, everything),
    (.none, []),
    (.head, ["predictions/kernel", "predictions/bias"]),
    (.stages(from: "two"), Array(everything[3...])),
    (.stages(from: "one"), everything),
    (.stages(["one", "head"]), Array(everything[...2] + everything[7...])),
    (.layers(from: "b"), Array(everything[2...])),
    (.layers(from: "relu"), Array(everything[5...])),
    (.layers(["c", "relu", "a"]), ["a/kernel", "a/bias", "c/gamma", "c/beta"]),
    (.matching { $0.name == "bias" }, ["a/bias", "d/bias", "predictions/bias"]),
    (.matching { _ in false }, []),
    (.head.union(.layers(["b"])), ["b/kernel", "predictions/kernel", "predictions/bias"]),
    (.all.subtracting(.stages(from: "two")), ["a/kernel", "a/bias", "b/kernel"]),
    (
      .stages(from: "two").subtracting(.matching { $0.name == "gamma" || $0.name == "beta" }).union(.head),
      Array(everything[5...])
    ),
    (.none.subtracting(.all), []),
  ]

  @Test("A selection stands for these parameters, in the graph's order", arguments: cases.indices)
  func selections(_ index: Int) throws {
    let (selection, expected) = Self.cases[index]
    let graph = try Self.graph()
    #expect(try selection.orderedKeys(in: graph).map(\.description) == expected)
    #expect(try selection.keys(in: graph) == Set(selection.orderedKeys(in: graph)))
  }

  @Test(
    "Words of a command line stand for stages, layers and patterns",
    arguments: [
      ("two", "", [], 3), ("b", "", [], 2), ("", "b", [], 3), ("", "predictions", [], 9), ("", "", ["?"], 0),
      ("", "", ["predictions/*"], 7),
    ])
  func words(_ from: String, _ after: String, _ patterns: [String], _ first: Int) throws {
    let graph = try Self.graph()
    let selection: ParameterSelection =
      try !from.isEmpty
      ? .from(from, in: graph)
      : !after.isEmpty ? .after(after, in: graph) : .matching(patterns: patterns, in: graph)
    let end = patterns == ["?"] ? 7 : 9
    #expect(try selection.orderedKeys(in: graph).map(\.description) == Array(Self.everything[first..<end]))
  }

  @Test("Patterns match layers or single parameters")
  func patterns() throws {
    let graph = try Self.graph()
    func found(_ patterns: String...) throws -> [String] {
      try ParameterSelection.matching(patterns: patterns, in: graph).orderedKeys(in: graph).map(\.description)
    }
    #expect(try found("*/bias") == ["a/bias", "d/bias", "predictions/bias"])
    #expect(try found("pre*ons", "?/gamma") == ["c/gamma", "predictions/kernel", "predictions/bias"])
    #expect(try found("*") == Self.everything)
    for wrong in ["", "x*", "a/", "*kernels"] { #expect(throws: GraphError.self) { try found("a", wrong) } }
    #expect(throws: GraphError.self) { try ParameterSelection.from("tow", in: graph) }
    #expect(throws: GraphError.self) { try ParameterSelection.after("tow", in: graph) }
  }

  @Test("Moving statistics are never selected")
  func statistics() throws {
    let selection = ParameterSelection.all.union(.matching { $0.name == "moving_mean" })
    #expect(try !selection.keys(in: Self.graph()).contains(Parameters.Key("c", "moving_mean")))
  }

  @Test("An unknown name is an error that names the nearest")
  func unknown() throws {
    let graph = try Self.graph()
    var error = #expect(throws: GraphError.self) {
      try ParameterSelection.stages(from: "haed").keys(in: graph)
    }
    #expect(error?.code == .unknownStage)
    #expect(error?.description.contains("haed") == true)
    #expect(error?.description.contains("nearest is head") == true)
    for selection in [ParameterSelection.layers(from: "predictoins"), .layers(["a", "predictoins"])] {
      error = #expect(throws: GraphError.self) {
        try ParameterSelection.none.union(selection).keys(in: graph)
      }
      #expect(error?.code == .unknownLayer)
      #expect(error?.description.contains("near it are predictions") == true)
    }
    error = #expect(throws: GraphError.self) {
      try ParameterSelection.head.keys(in: graph.withoutHead())
    }
    #expect(error?.code == .unknownStage)
  }
}
