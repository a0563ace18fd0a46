import Foundation
import GraftGraph
import GraftKeras
import GraftSupport
import GraftTensor
import Testing

@Suite("Configurations that are refused")
struct GraphImporterErrorTests {
  /// A functional model of an input and further layers, each given as class, options and inputs.
  private static func model(
    _ layers: [(className: String, name: String, options: String, inputs: [String])],
    input: String = "[null, 8, 8, 3]", output: String? = nil
  ) -> String {
    let rest = layers.map { layer in
      let inputs = layer.inputs.map { "[\"\($0)\", 0, 0, {}]" }.joined(separator: ", ")
      return """
        {"class_name": "\(layer.className)", "name": "\(layer.name)",
        "config": {"name": "\(layer.name)"\(layer.options.isEmpty ? "" : ", " + layer.options)},
        "inbound_nodes": [[\(inputs)]]}
        """
    }
    let all =
      [
        """
        {"class_name": "InputLayer", "name": "x", "config": {"batch_input_shape": \(input), "name": "x"},
        "inbound_nodes": []}
        """
      ] + rest
    return """
      {"class_name": "Functional", "config": {"name": "model", "layers": [\(all.joined(separator: ", "))],
      "input_layers": [["x", 0, 0]], "output_layers": [["\(output ?? layers.last?.name ?? "x")", 0, 0]]}}
      """
  }

  private static func one(_ className: String, _ options: String) -> String {
    model([(className, "layer", options, ["x"])])
  }

  private static func error(_ text: String, kerasVersion: String? = "2.15.0") -> ImportError? {
    #expect(throws: ImportError.self) { try GraphImporter.graph(fromJSON: text, kerasVersion: kerasVersion) }
  }

  @Test(
    "An unsupported class or option is named, with the layer and what is supported",
    arguments: [
      (one("LSTM", #""units": 3"#), "LSTM", "Conv2D"),
      (one("Lambda", #""function": "x""#), "Lambda", "Rescaling"),
      (
        one("Conv2D", #""filters": 3, "kernel_size": 3, "data_format": "channels_between""#), "data_format",
        "channels_last"
      ),
      (one("Conv2D", #""filters": 3, "kernel_size": 3, "padding": "causal""#), "padding", "same"),
      (one("Conv2D", #""filters": 3, "kernel_size": 3, "activation": "glu""#), "glu", "relu6"),
      (one("Conv2D", #""filters": 3, "kernel_size": 3, "novelty": 2"#), "novelty", "2"),
      (one("UpSampling2D", #""interpolation": "lanczos3""#), "lanczos3", "bilinear"),
      (one("CenterCrop", #""height": 9, "width": 3"#), "height", "8×8"),
      (one("Resizing", #""height": 9, "width": 3, "crop_to_aspect_ratio": true"#), "crop_to", "true"),
      (one("Softmax", #""axis": 1"#), "axis", "-1"),
      (one("UnitNormalization", #""axis": 1"#), "axis", "-1"),
      (one("BatchNormalization", #""axis": [1]"#), "axis", "-1"),
      (one("BatchNormalization", #""renorm": true"#), "renorm", "true"),
      (one("Concatenate", #""axis": 0"#), "axis", "from 1"),
      (one("Activation", #""activation": "sparsemax""#), "sparsemax", "hard_sigmoid"),
      (one("SeparableConv2D", #""filters": 3, "kernel_size": 3, "groups": 2"#), "groups", "1"),
      (one("LayerNormalization", #""axis": [1, 2]"#), "axis", "-1"),
      (one("LayerNormalization", #""rms_scaling": true"#), "rms_scaling", "true"),
      (one("Normalization", #""invert": true"#), "invert", "true"),
      (one("Rescaling", #""scale": [1.0, -2.0, 1.0]"#), "scale", "positive"),
      (one("Rescaling", #""scale": [1.0, 1e-50, 1.0]"#), "scale", "1e-19"),
      (one("Dropout", #""rate": 0.5, "noise_shape": [null, 8, 1, 1]"#), "noise_shape", "1"),
      (one("TFOpLambda", #""function": "math.erf""#), "math.erf", "math.multiply"),
    ])
  func unsupported(text: String, first: String, second: String) throws {
    let error = try #require(Self.error(text))
    #expect(error.code == .unsupported)
    #expect(error.layer == "layer")
    #expect(error.description.contains(first) && error.description.contains(second), "\(error)")
  }

  @Test(
    "An option that makes no sense is named",
    arguments: [
      one("Conv2D", #""filters": 0, "kernel_size": 3"#),
      one("Conv2D", #""filters": 3, "kernel_size": [3, 3, 3]"#),
      one("Conv2D", #""filters": "3", "kernel_size": 3"#), one("Conv2D", #""kernel_size": 3"#),
      one("Conv2D", #""filters": 3"#), one("Conv2D", #""filters": 99999999999999999999, "kernel_size": 3"#),
      one("Conv2D", #""filters": 3, "kernel_size": 9223372036854775807"#),
      one("Conv2D", #""filters": 3, "kernel_size": 9"#),
      one("Conv2D", #""filters": 3, "kernel_size": 3, "groups": 2"#),
      one("Dense", #""units": -1"#), one("Dense", #""units": NaN"#), one("Rescaling", #""scale": Infinity"#),
      one("ZeroPadding2D", #""padding": [[1, -1], [0, 0]]"#), one("ZeroPadding2D", #""padding": [1, 2, 3]"#),
      one("Reshape", #""target_shape": [5, -1]"#), one("Reshape", #""target_shape": [-1, -1]"#),
      one("Reshape", #""target_shape": [4294967296, 4294967296, 192]"#),
      one("Add", ""), one("BatchNormalization", #""epsilon": "x""#),
    ])
  func senseless(text: String) throws {
    let error = try #require(Self.error(text))
    #expect(error.layer == "layer", "\(error)")
  }

  @Test("Sizes that cannot be counted are refused")
  func sizes() throws {
    let pads = (0..<40).map {
      ("ZeroPadding2D", "p\($0)", #""padding": 65536"#, [$0 == 0 ? "x" : "p\($0 - 1)"])
    }
    #expect(Self.error(Self.model(pads))?.code == .unsupported)
    let wide = Self.model([
      ("Dense", "a", #""units": 16777216"#, ["x"]), ("Dense", "b", #""units": 16777216"#, ["a"]),
    ])
    #expect(Self.error(wide)?.code == .unsupported)
    #expect(Self.error(Self.model([], input: "[null, 8, 8, 0]"))?.code == .unsupported)
    #expect(Self.error(Self.model([], input: "[null, 8, 8, 99999999]"))?.code == .unsupported)
  }

  @Test("A cycle, a layer that is not there and a name that occurs twice are named")
  func structure() throws {
    let cycle = Self.model([
      ("Flatten", "a", "", ["c"]), ("Flatten", "b", "", ["a"]), ("Flatten", "c", "", ["b"]),
    ])
    #expect(try #require(Self.error(cycle)).message.contains("own result"))
    #expect(Self.error(Self.model([("Flatten", "a", "", ["a"])]))?.layer == "a")
    #expect(Self.error(Self.model([("Flatten", "a", "", ["nowhere"])]))?.layer == "nowhere")
    #expect(Self.error(Self.model([("Flatten", "a", "", ["x"])], output: "nowhere"))?.layer == "nowhere")
    let twice = Self.model([("Flatten", "a", "", ["x"]), ("Flatten", "a", "", ["x"])])
    #expect(Self.error(twice)?.layer == "a")
  }

  @Test("A layer that is used twice is two layers, with weights and without")
  func shared() throws {
    func model(_ className: String, _ options: String) -> String {
      let call = #"["x", 0, 0, {}]"#
      return Self.model([(className, "twice", options, ["x"]), ("Add", "sum", "", ["twice", "twice"])])
        .replacingOccurrences(of: "[[\(call)]]", with: "[[\(call)], [\(call)]]")
        .replacingOccurrences(
          of: #"["twice", 0, 0, {}], ["twice", 0, 0, {}]"#, with: #"["twice", 0, 0, {}], ["twice", 1, 0, {}]"#
        )
    }
    for text in [model("Activation", #""activation": "relu""#), model("Dense", #""units": 3"#)] {
      let graph = try GraphImporter.graph(fromJSON: text)
      #expect(graph.nodes.map(\.name) == ["x", "twice", "twice_1", "sum"])
    }
  }

  @Test("A Lambda is refused by its name, and said to be never run")
  func lambda() throws {
    let text = Self.one(
      "Lambda", #""function": {"class_name": "__lambda__", "config": {"code": "4wEAAAA="}}"#)
    let error = try #require(Self.error(text))
    #expect(error.layer == "layer" && error.code == .unsupported && error.message.contains("never run"))
  }

  @Test("A model of open size is read when a size is given")
  func openSize() throws {
    let text = Self.model(
      [("Conv2D", "c", #""filters": 2, "kernel_size": 3"#, ["x"])], input: "[null, null, null, 3]")
    let error = try #require(Self.error(text))
    #expect(error.code == .unsupported && error.advice != nil)
    let graph = try GraphImporter.graph(fromJSON: text, inputSize: Extent(height: 10, width: 7))
    #expect(graph.output.shape == [8, 5, 2])
  }

  @Test("Nesting, of models and of brackets, is bounded")
  func nesting() throws {
    #expect(Self.error(String(repeating: "[", count: 1_000_000))?.code == .configuration)
    // Little text can make many values, each of which takes memory.
    let values = "[" + String(repeating: "0,", count: 250_000) + "0]"
    #expect("\(try #require(Self.error(values)))".contains("no more than 200000 values"))
    #expect(Self.error(String(repeating: #"{"a":"#, count: 1_000_000))?.code == .configuration)
    var text = #"{"class_name": "InputLayer", "config": {"name": "x", "batch_input_shape": [null, 4, 4, 3]}}"#
    for level in 0..<20 {
      text = #"{"class_name": "Sequential", "config": {"name": "m\#(level)", "layers": [\#(text)]}}"#
    }
    #expect(Self.error(text)?.code == .unsupported)
  }

  @Test("Models that multiply when they are unfolded are refused in time")
  func multiplication() throws {
    // Seven levels, each called ten times in a row: ten million layers.
    var inner =
      #"{"class_name": "ReLU", "name": "r", "config": {"name": "r"}, "inbound_nodes": [[["i", 0, 0, {}]]]}"#
    var name = "r"
    for level in 0..<7 {
      let calls = (0..<10).map { call in
        call == 0 ? #"[["i", 0, 0, {}]]"# : #"[["m\#(level)", \#(call), 0, {}]]"#
      }
      let model = """
        {"class_name": "Functional", "name": "m\(level)", "config": {"name": "m\(level)", "layers": [
        {"class_name": "InputLayer", "name": "i", "config": {"name": "i", "batch_input_shape": [null, 4, 4, 3]},
        "inbound_nodes": []}, \(inner)], "input_layers": [["i", 0, 0]],
        "output_layers": [["\(name)", \(level == 0 ? 0 : 10), 0]]},
        "inbound_nodes": [\(calls.joined(separator: ", "))]}
        """
      inner = model
      name = "m\(level)"
    }
    let text = """
      {"class_name": "Functional", "config": {"name": "all", "layers": [
      {"class_name": "InputLayer", "name": "i", "config": {"name": "i", "batch_input_shape": [null, 4, 4, 3]},
      "inbound_nodes": []}, \(inner)], "input_layers": [["i", 0, 0]], "output_layers": [["\(name)", 10, 0]]}}
      """
    #expect(Self.error(text)?.code == .unsupported)
  }

  @Test(
    "What is no model is refused",
    arguments: [
      "", "null", "{}", "[1, 2", #"{"class_name": "Dense", "config": {}}"#,
      #"{"class_name": "Functional", "config": {"layers": 3}}"#,
      #"{"class_name": "Sequential", "config": []}"#,
      #"{"class_name": "Functional", "config": {"layers": [3], "input_layers": [], "output_layers": []}}"#,
    ])
  func noModel(text: String) { #expect(Self.error(text)?.code == .configuration) }

  @Test("Several inputs or outputs are refused")
  func severalEnds() {
    let text = Self.model([("Flatten", "a", "", ["x"]), ("Flatten", "b", "", ["x"])])
    let outputs = text.replacingOccurrences(of: #"[["b", 0, 0]]"#, with: #"[["a", 0, 0], ["b", 0, 0]]"#)
    #expect(Self.error(outputs)?.message.contains("2 outputs") == true)
    let inputs = text.replacingOccurrences(of: #"[["x", 0, 0]]"#, with: #"[["x", 0, 0], ["a", 0, 0]]"#)
    #expect(Self.error(inputs)?.message.contains("2 inputs") == true)
  }

  @Test(
    "A damaged configuration is an error or another graph, never a crash",
    arguments: GraphImporterTests.models)
  func damaged(name: String) throws {
    let text = try Array(#require(GoldenModel(name).file.configuration).utf8)
    var generator = SeededGenerator(seed: 3, stream: name)
    let pieces: [[UInt8]] = ["9223372036854775807", "-1", "null", "[]", "{}", "\"x\"", "1e300", "[[", "0"].map
    { Array($0.utf8) }
    var refused = 0
    for _ in 0..<300 {
      var bytes = text
      for _ in 0..<1 + generator.below(3) {
        let place = generator.below(bytes.count)
        switch generator.below(4) {
        case 0: bytes[place] = UInt8(generator.below(256))
        case 1: bytes.removeSubrange(place..<min(place + 1 + generator.below(40), bytes.count))
        case 2: bytes.insert(contentsOf: pieces[generator.below(pieces.count)], at: place)
        default:
          // A number or a word in place of another.
          let numbers = bytes.indices.filter { (48...57).contains(bytes[$0]) }
          let digit = numbers[generator.below(numbers.count)]
          bytes.replaceSubrange(digit...digit, with: pieces[generator.below(pieces.count)])
        }
      }
      do { _ = try GraphImporter.graph(fromJSON: bytes) } catch is ImportError { refused += 1 }
    }
    #expect(refused > 100)
  }
}
