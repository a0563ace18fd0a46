import Foundation
import GraftGraph
import GraftKeras
import GraftModels
import GraftTensor
import Testing
import _GraftTestSupport

@Suite("Layers of single networks of Keras Applications")
struct SpecialLayersTests {
  /// A functional model of one layer that reads a picture of 8 x 8 x 3, or reads it twice.
  private static func model(_ className: String, _ options: String, inputs: Int = 1) -> String {
    let reads = (0..<inputs).map { _ in #"["x", 0, 0, {}]"# }.joined(separator: ", ")
    return """
      {"class_name": "Functional", "config": {"name": "model", "layers": [
      {"class_name": "InputLayer", "name": "x", "config": {"batch_input_shape": [null, 8, 8, 3], "name": "x"},
      "inbound_nodes": []},
      {"class_name": "\(className)", "name": "y", "config": {"name": "y", \(options)},
      "inbound_nodes": [[\(reads)]]}],
      "input_layers": [["x", 0, 0]], "output_layers": [["y", 0, 0]]}}
      """
  }

  static let figures = Normalization.Figures(mean: [0.5, 1, -2], variance: [4, 0.25, 1])

  @Test(
    "Each becomes the operation that it is",
    arguments: [
      (
        model(
          "SeparableConv2D", #""filters": 4, "kernel_size": [3, 5], "padding": "same", "use_bias": false"#),
        GraftGraph.Operation.separableConvolution(
          SeparableConvolution(
            filters: 4, kernel: Extent(height: 3, width: 5), padding: .same, usesBias: false))
      ),
      (
        model("SeparableConvolution2D", #""nb_filter": 4, "nb_row": 3, "nb_col": 3, "depth_multiplier": 2"#),
        .separableConvolution(SeparableConvolution(filters: 4, kernel: 3, multiplier: 2))
      ),
      (
        model("LayerNormalization", #""axis": [3], "epsilon": 1e-06, "center": true, "scale": true"#),
        .layerNormalization(LayerNormalization(epsilon: 1e-6))
      ),
      (
        model("LayerNormalization", #""axis": -1, "center": false, "rms_scaling": false"#),
        .layerNormalization(LayerNormalization(centers: false))
      ),
      (
        model("Normalization", #""axis": [-1], "mean": null, "variance": null"#),
        .normalization(Normalization())
      ),
      (
        model("Normalization", #""axis": [3], "mean": [0.5, 1, -2], "variance": [4, 0.25, 1]"#),
        .normalization(Normalization(figures))
      ),
      (
        model("Normalization", #""axis": 3, "mean": [[[[0.5, 1, -2]]]], "variance": [[[[4, 0.25, 1]]]]"#),
        .normalization(Normalization(figures))
      ),
      (
        model("Rescaling", #""scale": [0.5, 2, 1], "offset": [-0.25, -2, 2]"#),
        .normalization(Normalization(figures))
      ),
      (
        model("Rescaling", #""scale": [0.5, 2, 1], "offset": 0.0"#),
        .normalization(Normalization(.init(mean: [0, 0, 0], variance: [4, 0.25, 1])))
      ),
      (model("Rescaling", #""scale": 0.5, "offset": 1"#), .rescaling(scale: 0.5, offset: 1)),
      (model("LayerScale", #""init_values": 1e-06, "projection_dim": 3"#), .layerScale),
      (model("Custom>LayerScale", #""init_values": 1e-06, "projection_dim": 3"#), .layerScale),
      (model("StochasticDepth", #""drop_path_rate": 0.25"#), .stochasticDepth(rate: 0.25)),
      (
        model("Dropout", #""rate": 0.25, "noise_shape": [null, 1, 1, 1]"#), .stochasticDepth(rate: 0.25)
      ),
      (model("Dropout", #""rate": 0.25, "noise_shape": null"#), .dropout(rate: 0.25)),
      (
        model("Cropping2D", #""cropping": [[1, 0], [2, 3]]"#),
        .cropping(EdgeInsets(top: 1, bottom: 0, left: 2, right: 3))
      ),
      (model("CustomScaleLayer", #""scale": 0.17"#, inputs: 2), .scaledAddition(scale: 0.17)),
      (model("Activation", #""activation": "gelu""#), .activation(.gelu)),
    ])
  func operations(text: String, expected: GraftGraph.Operation) throws {
    let graph = try GraphImporter.graph(fromJSON: text, kerasVersion: "3.1.0")
    #expect(graph.output.operation == expected)
  }

  @Test("In layers that every Keras has, a network computes what it computed")
  func standardLayers() throws {
    var g = GraphBuilder()
    var x = g.input([4, 5, 3], "x")
    g.begin(stage: "trunk")
    x = g.normalization(x, "figures")
    let y = g.layerScale(g.convolution(x, filters: 3, kernel: 1, "c"), "scale")
    x = g.scaledAddition(x, y, scale: 0.3, "sum")
    g.begin(stage: "head")
    _ = g.dense(g.globalPooling(x, .average, "mean"), units: 2, "d")
    let graph = try g.graph()
    var parameters = Parameters.random(for: graph, seed: 1)
    for name in ["gamma", "mean", "variance"] {
      let layer = name == "gamma" ? "scale" : "figures"
      parameters[layer, name] = Tensor(uniform: 0.5...2, shape: [3], seed: 2, stream: name)
    }
    parameters["figures", "count"] = Tensor(shape: [], scalars: [17])
    let network = try Network(graph: graph, parameters: parameters)
    try TestData.withTemporaryFolder { folder in
      let path = folder.appending(path: "model.h5").path
      try KerasModelFile.write(network, to: path)
      let file = try KerasFile(path: path)
      let read = try Network(of: file)
      #expect(read.graph.stages == graph.stages)
      #expect(
        read.graph.nodes.allSatisfy {
          !["LayerScale", "CustomScaleLayer"].contains($0.operation.kerasName)
        })
      #expect(read.parameters["figures", "count"]?.scalars == [17])
      let picture = Tensor(uniform: -1...1, shape: [4, 5, 3], seed: 3, stream: "picture")
      let expected = ReferenceInterpreter.output(network, picture)
      expectClose(
        ReferenceInterpreter.output(read, picture).map { Float($0) }, expected, tolerance: 1e-6)
    }
  }
}
