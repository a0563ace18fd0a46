import Foundation
import GraftGraph
import GraftHDF5
import GraftKeras
import GraftModels
import GraftTensor
import Testing
import _GraftTestSupport

@Suite("Whole Keras model files")
struct KerasModelFileTests {
  /// Small networks with every operation between them.
  static let architectures: [Architecture] = [
    .mobileNetV3Small, .mobileNet, .mobileNetV2, .resNet50V2,
  ]

  /// Parameters in which every array has another value.
  private static func network(_ graph: Graph) throws -> Network {
    var parameters = Parameters()
    var number: Float = 0
    for node in graph.nodes {
      for (name, shape) in graph.parameterShapes(of: node) {
        number += 1
        parameters[node.name, name] = Tensor(repeating: number / 1024, shape: shape)
      }
    }
    return try Network(graph: graph, parameters: parameters)
  }

  @Test("A network that is written and read again is the same, stages included", arguments: architectures)
  func roundTrip(architecture: Architecture) throws {
    let network = try Self.network(architecture.graph(top: .classifier(classes: 5)))
    try TestData.withTemporaryFolder { folder in
      let path = folder.appending(path: "model.h5").path
      try KerasModelFile.write(network, name: "model", to: path)
      let file = try KerasFile(path: path)
      #expect(file.container == .wholeModel)
      #expect(try KerasModelFile.graph(of: file) == network.graph)
      #expect(try Network(of: file) == network)
    }
  }

  @Test("The same network gives the same bytes")
  func deterministic() throws {
    let network = try Self.network(Architecture.named("mobilenet_0.25").graph(top: .none))
    try TestData.withTemporaryFolder { folder in
      let contents = try ["a.h5", "b.h5"].map { name in
        let path = folder.appending(path: name)
        try KerasModelFile.write(network, to: path.path)
        return try Data(contentsOf: path)
      }
      #expect(contents[0] == contents[1])
    }
  }

  @Test("What the caller adds is in the file, beside the stages")
  func extra() throws {
    let network = try Self.network(Self.small())
    try TestData.withTemporaryFolder { folder in
      let path = folder.appending(path: "model.h5").path
      try KerasModelFile.write(network, to: path) { file in
        try file.root.createGroup("graft").setAttribute("classes", .strings(["cat", "dog"]))
      }
      let file = try KerasFile(path: path)
      #expect(try file.hdf5.root.group("graft").attribute("classes")?.stringList == ["cat", "dog"])
      #expect(try KerasModelFile.graph(of: file).stages == ["input", "trunk", "head"])
    }
  }

  @Test("A failure leaves what was there, and nothing else")
  func failure() throws {
    struct Refused: Error {}
    let network = try Self.network(Self.small())
    try TestData.withTemporaryFolder { folder in
      let path = folder.appending(path: "model.h5")
      try Data("before".utf8).write(to: path)
      #expect(throws: Refused.self) {
        try KerasModelFile.write(network, to: path.path) { _ in throw Refused() }
      }
      #expect(try Data(contentsOf: path) == Data("before".utf8))
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["model.h5"])
    }
  }

  @Test("A folder that is not there is an error that names the file")
  func noFolder() throws {
    let network = try Self.network(Self.small())
    let error = #expect(throws: ImportError.self) {
      try KerasModelFile.write(network, to: "/no/such/folder/model.h5")
    }
    #expect(error?.file == "/no/such/folder/model.h5")
  }

  @Test("Names that Keras does not take are refused or changed")
  func names() throws {
    var g = GraphBuilder()
    var x = g.input([4, 4, 2], "input")
    x = g.convolution(x, filters: 2, kernel: 1, "a/b")
    x = g.convolution(x, filters: 2, kernel: 1, "a_b")
    _ = g.convolution(x, filters: 2, kernel: 1, "größe")
    let network = try Self.network(g.graph())
    try TestData.withTemporaryFolder { folder in
      let path = folder.appending(path: "model.h5").path
      #expect(throws: ImportError.self) { try KerasModelFile.write(network, name: "a/b", to: path) }
      #expect(throws: ImportError.self) { try KerasModelFile.write(network, name: "", to: path) }
      try KerasModelFile.write(network, to: path)
      let file = try KerasFile(path: path)
      #expect(try KerasModelFile.graph(of: file).nodes.map(\.name) == ["input", "a_b_1", "a_b", "größe"])
      let kernel = try #require(file.layers.first { $0.name == "a_b_1" }?.weights.first)
      #expect(try file.tensor(kernel) == network.parameters["a/b", "kernel"])
    }
  }

  @Test("An option that is not finite is refused")
  func infinite() throws {
    var g = GraphBuilder()
    _ = g.rescaling(g.input([4, 4, 2], "input"), scale: .infinity, offset: 0, "rescaling")
    let network = try Self.network(g.graph())
    try TestData.withTemporaryFolder { folder in
      let path = folder.appending(path: "never.h5").path
      let error = #expect(throws: ImportError.self) { try KerasModelFile.write(network, to: path) }
      #expect(error?.code == .cannotWrite)
      #expect(!FileManager.default.fileExists(atPath: path))
    }
  }

  @Test("Lists of names that are too long for one attribute are divided")
  func longLists() throws {
    var g = GraphBuilder()
    var x = g.input([2], "input")
    // 1,200 names of 60 bytes are more than the 64,512 bytes that an attribute takes.
    for number in 0..<1200 {
      x = g.activation(
        x, .relu, "layer_\(number)_" + String(repeating: "x", count: 60 - 7 - "\(number)".count))
    }
    let network = try Network(graph: g.graph(), parameters: Parameters())
    try TestData.withTemporaryFolder { folder in
      let path = folder.appending(path: "model.h5").path
      try KerasModelFile.write(network, to: path)
      let file = try KerasFile(path: path)
      let weights = try file.hdf5.root.group("model_weights")
      #expect(try weights.attribute("layer_names") == nil)
      #expect(try weights.attribute("layer_names0")?.stringList?.first == "input")
      #expect(try weights.attribute("layer_names1") != nil)
      #expect(file.layers.map(\.name) == network.graph.nodes.map(\.name))
      #expect(try KerasModelFile.graph(of: file) == network.graph)
    }
  }

  @Test("A file with weights alone has no configuration, and the error says so")
  func weightsAlone() throws {
    try TestData.withTemporaryFolder { folder in
      let path = folder.appending(path: "weights.h5").path
      let file = try HDF5File(path, mode: .create)
      try file.root.setAttribute("layer_names", .strings(["conv"]))
      let layer = try file.root.createGroup("conv")
      try layer.setAttribute("weight_names", .strings(["conv/bias:0"]))
      _ = try layer.createDataset("conv/bias:0", type: .float32, shape: [2])
      try file.close()
      let error = try #require(throws: ImportError.self) {
        try KerasModelFile.graph(of: KerasFile(path: path))
      }
      #expect(error.code == .configuration)
      #expect(error.file == path)
    }
  }

  private static func small() throws -> Graph {
    var g = GraphBuilder()
    var x = g.input([6, 6, 3], "input")
    g.begin(stage: "trunk")
    x = g.convolution(x, filters: 4, kernel: 3, "conv")
    g.begin(stage: "head")
    x = g.globalPooling(x, .average, "pool")
    _ = g.dense(x, units: 2, activation: .softmax, "classes")
    return try g.graph()
  }

  /// Writes models where `Tests/Parity/check_model_files.py` can look at them.
  @Test(
    "Models are written for Keras to open",
    .enabled(if: ProcessInfo.processInfo.environment["GRAFT_MODEL_FILES"] != nil))
  func writeForKeras() throws {
    let environment = ProcessInfo.processInfo.environment
    let folder = try #require(environment["GRAFT_MODEL_FILES"])
    // Small models with every operation, to be compared with the outputs in the folder Golden.
    for name in GraphImporterTests.models {
      try KerasModelFile.write(Network(of: GoldenModel(name).file), name: name, to: "\(folder)/\(name).h5")
    }
    let names = environment["GRAFT_MODEL_NAMES"]?.split(separator: ",").map(String.init)
    for architecture in Architecture.all where names?.contains(architecture.name) ?? true {
      let graph = try architecture.graph()
      let network = try Network(graph: graph, parameters: .random(for: graph, seed: 1))
      try KerasModelFile.write(network, name: architecture.name, to: "\(folder)/\(architecture.name).h5")
    }
  }
}
