import Foundation
import GraftGraph
import GraftKeras
import GraftTensor
import Testing
import _GraftTestSupport

@Suite("Graphs from Keras's configurations")
struct GraphImporterTests {
  static let models = ["keras2", "keras3"].flatMap { keras in GoldenModel.names.map { "\(keras)_\($0)" } }

  @Test("Layers have Keras's shapes, and the whole has its number of parameters", arguments: models)
  func shapes(name: String) throws {
    let model = try GoldenModel(name)
    let graph = try KerasModelFile.graph(of: model.file)
    #expect(graph.parameterCount == model.parameterCount)
    #expect(graph.output.shape == [model.output.count])
    var compared = 0
    for (name, shape) in model.shapes {
      guard let index = graph.index(of: name) else { continue }
      #expect(graph.nodes[index].shape == shape, "\(name)")
      compared += 1
    }
    // Nested models and random flips are no layers of the graph.
    #expect(compared >= model.shapes.count - 2)
  }

  @Test("The imported network gives what Keras gives", arguments: models)
  func outputs(name: String) throws {
    let model = try GoldenModel(name)
    let network = try Network(of: model.file)
    let output = ReferenceInterpreter.output(network, model.input)
    expectClose(model.output, output, tolerance: 1e-5, name)
  }

  @Test("The importer of weights fills the imported graph", arguments: models)
  func weights(name: String) throws {
    let file = try GoldenModel(name).file
    let graph = try KerasModelFile.graph(of: file)
    let parameters = try WeightImporter(file: file).load(into: graph).parameters
    #expect(try Network(graph: graph, parameters: parameters) == Network(of: file))
  }

  @Test("Keras 2 and Keras 3 describe the same model by the same operations", arguments: GoldenModel.names)
  func versions(name: String) throws {
    let graphs = try ["keras2", "keras3"].map {
      try KerasModelFile.graph(of: GoldenModel("\($0)_\(name)").file)
    }
    #expect(graphs[0].nodes.map(\.operation) == graphs[1].nodes.map(\.operation))
    #expect(graphs[0].nodes.map(\.inputs) == graphs[1].nodes.map(\.inputs))
    #expect(graphs[0].nodes.map(\.stage) == graphs[1].nodes.map(\.stage))
  }

  @Test("A functional model becomes the graph that was written down")
  func functional() throws {
    var g = GraphBuilder()
    let picture = g.input([13, 10, 3], "picture")
    g.begin(stage: "trunk")
    var x = g.rescaling(picture, scale: 1 / 127.5, offset: -1, "rescaling")
    x = g.zeroPadding(x, EdgeInsets(top: 0, bottom: 1, left: 2, right: 1), "pad")
    x = g.convolution(x, filters: 4, kernel: 3, stride: 2, bias: false, "stem")
    x = g.batchNormalization(x, epsilon: 1.001e-5, momentum: 0.9, "stem_bn")
    x = g.activation(x, .relu6, "stem_relu")
    var y = g.depthwiseConvolution(
      x, kernel: Extent(height: 3, width: 5), padding: .same, activation: .relu, "depthwise")
    y = g.convolution(y, filters: 4, kernel: 1, groups: 2, activation: .swish, "grouped")
    var s = g.globalPooling(y, .average, keepsDimensions: true, "squeeze")
    s = g.convolution(s, filters: 4, kernel: 1, activation: .sigmoid, "excite")
    y = g.multiply(y, s, "weigh")
    x = g.add(x, y, "shortcut")
    x = g.rescaling(x, scale: 0.5, offset: 0, "multiply")
    let framed = g.zeroPadding(x, 1, "frame")
    let a = g.maxPooling(x, 2, stride: 2, "largest")
    let b = g.averagePooling(framed, 3, stride: 2, "mean")
    x = g.concatenate([a, b], "join")
    x = g.convolution(
      x, filters: 2, kernel: 2, padding: .same, dilation: 2, activation: .relu6, "dilated")
    x = g.activation(x, .relu, "last_relu")
    g.begin(stage: "head")
    x = g.flatten(x, "flatten")
    x = g.dense(x, units: 6, activation: .relu, "hidden")
    x = g.dropout(x, rate: 0.3, "dropout")
    x = g.reshape(x, to: [1, 2, 3], "fold")
    x = g.globalPooling(x, .max, "top")
    x = g.dense(x, units: 3, bias: false, "logits")
    _ = g.activation(x, .softmax, "probabilities")
    let expected = try g.graph()
    let found = try KerasModelFile.graph(of: GoldenModel("keras3_functional").file)
    for (found, expected) in zip(found.nodes, expected.nodes) { #expect(found == expected) }
    #expect(found.nodes.count == expected.nodes.count)
  }

  @Test(
    "A model inside a model is unfolded; its layers give way to those outside",
    arguments: ["keras2", "keras3"])
  func nested(keras: String) throws {
    let graph = try KerasModelFile.graph(of: GoldenModel("\(keras)_nested").file)
    let names = graph.nodes.map(\.name)
    #expect(Array(names.suffix(6)) == ["base_conv", "bn", "relu", "pool", "dropout", "conv"])
    #expect(graph.nodes.count == 9)
    #expect(graph.stages == ["input", "trunk", "base", "head"])
    #expect(try graph.withoutHead().output.name == "relu")
  }

  @Test("A text is read as well as a file")
  func text() throws {
    let model = try GoldenModel("keras2_sequential")
    let text = try #require(model.file.configuration)
    let graph = try KerasModelFile.graph(of: model.file)
    #expect(try GraphImporter.graph(fromJSON: text, kerasVersion: "2.21.0") == graph)
    #expect(try GraphImporter.graph(fromJSON: Array(text.utf8), kerasVersion: "2.21.0") == graph)
  }
}
