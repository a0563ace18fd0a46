import GraftGraph
import GraftKeras
import GraftTensor
import Testing

@Suite("Configurations of old versions of Keras")
struct OldConfigurationTests {
  @Test("A sequential model of Keras 1, a bare list with other names of options")
  func sequential() throws {
    let text = #"""
      {"class_name": "Sequential", "keras_version": "1.2.2", "config": [
        {"class_name": "Convolution2D", "config": {"name": "conv", "trainable": true,
          "batch_input_shape": [null, 9, 9, 3], "input_dtype": "float32", "nb_filter": 4, "nb_row": 3, "nb_col": 2,
          "init": "glorot_uniform", "activation": "relu", "border_mode": "same", "subsample": [2, 1],
          "dim_ordering": "tf", "W_regularizer": null, "b_regularizer": null, "activity_regularizer": null,
          "W_constraint": null, "b_constraint": null, "bias": false}},
        {"class_name": "BatchNormalization", "config": {"name": "bn", "epsilon": 0.001, "mode": 0, "axis": -1,
          "momentum": 0.99, "gamma_regularizer": null, "beta_regularizer": null}},
        {"class_name": "MaxPooling2D", "config": {"name": "pool", "pool_size": [2, 2], "strides": [2, 2],
          "border_mode": "valid", "dim_ordering": "tf"}},
        {"class_name": "Flatten", "config": {"name": "flat"}},
        {"class_name": "Dropout", "config": {"name": "drop", "p": 0.25}},
        {"class_name": "Dense", "config": {"name": "dense", "output_dim": 5, "init": "glorot_uniform",
          "activation": "softmax", "W_regularizer": null, "bias": true, "input_dim": null}}]}
      """#
    var g = GraphBuilder()
    var x = g.input([9, 9, 3], "conv_input")
    g.begin(stage: "trunk")
    x = g.convolution(
      x, filters: 4, kernel: Extent(height: 3, width: 2), stride: Extent(height: 2, width: 1), padding: .same,
      bias: false, activation: .relu, "conv")
    x = g.batchNormalization(x, "bn")
    x = g.maxPooling(x, 2, stride: 2, "pool")
    g.begin(stage: "head")
    x = g.flatten(x, "flat")
    x = g.dropout(x, rate: 0.25, "drop")
    _ = g.dense(x, units: 5, activation: .softmax, "dense")
    #expect(try GraphImporter.graph(fromJSON: text) == g.graph())
  }

  @Test("Keras 1 joined branches by a layer with a mode", arguments: ["sum", "mul", "concat"])
  func merge(mode: String) throws {
    let text = #"""
      {"class_name": "Model", "config": {"name": "model_1", "layers": [
        {"class_name": "InputLayer", "name": "x", "inbound_nodes": [], "config": {"name": "x", "sparse": false,
          "batch_input_shape": [null, 4, 4, 3], "input_dtype": "float32"}},
        {"class_name": "Activation", "name": "a", "inbound_nodes": [[["x", 0, 0]]],
          "config": {"name": "a", "activation": "relu", "trainable": true}},
        {"class_name": "Merge", "name": "m", "inbound_nodes": [[["x", 0, 0], ["a", 0, 0]]],
          "config": {"name": "m", "mode": "MODE", "mode_type": "raw", "concat_axis": -1, "dot_axes": -1,
          "output_shape": null, "output_shape_type": "raw", "output_mask": null, "output_mask_type": "raw",
          "arguments": {}}}],
        "input_layers": [["x", 0, 0]], "output_layers": [["m", 0, 0]]}}
      """#
    let graph = try GraphImporter.graph(fromJSON: text.replacing("MODE", with: mode), kerasVersion: "1.2.2")
    let expected: Operation = ["sum": .add, "mul": .multiply][mode] ?? .concatenate
    #expect(graph.output.operation == expected)
    #expect(graph.output.shape == (mode == "concat" ? [4, 4, 6] : [4, 4, 3]))
  }

  @Test("A number before the tensor is understood, and which of two is subtracted")
  func constants() throws {
    let text = #"""
      {"class_name": "Functional", "config": {"name": "m", "layers": [
        {"class_name": "InputLayer", "name": "x", "inbound_nodes": [],
          "config": {"name": "x", "batch_input_shape": [null, 4, 4, 3]}},
        {"class_name": "TFOpLambda", "name": "a", "config": {"name": "a", "function": "math.subtract"},
          "inbound_nodes": [["_CONSTANT_VALUE", -1, 2.5, {"y": ["x", 0, 0], "name": null}]]},
        {"class_name": "TFOpLambda", "name": "b", "config": {"name": "b", "function": "__operators__.add"},
          "inbound_nodes": [["a", 0, 0, {"y": ["x", 0, 0], "name": null}]]}],
        "input_layers": [["x", 0, 0]], "output_layers": [["b", 0, 0]]}}
      """#
    let graph = try GraphImporter.graph(fromJSON: text, kerasVersion: "2.15.0")
    #expect(graph.nodes.map(\.operation).dropFirst() == [.rescaling(scale: -1, offset: 2.5), .add])
    #expect(graph.nodes[2].inputs == [1, 0])
  }
}
