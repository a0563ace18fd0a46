import Foundation
import GraftGraph
import GraftHDF5
import GraftKeras
import GraftModels
import GraftTensor
import Testing
import _GraftTestSupport

@Suite("Files that do not fit, with what is said of them")
struct RefusalTests {
  private func error(_ body: () throws -> Void) throws -> ImportError {
    try #require(throws: ImportError.self) { try body() }
  }

  /// The error of loading `written` as a file into `graph`.
  private func loading(
    _ written: Graph, into graph: Graph, naming: Naming = .keras2, renaming: [String: String] = [:]
  ) throws -> ImportError {
    try TestData.withTemporaryFolder { folder in
      let path = folder.appending(path: "weights.h5").path
      try writeLegacy(written, naming: naming, to: path, renaming: renaming)
      return try error { _ = try WeightImporter(file: KerasFile(path: path)).load(into: graph) }
    }
  }

  @Test("A file without classifier is refused for a network with one, saying so")
  func withoutClassifier() throws {
    let error = try loading(SmallNetwork.branched(classes: nil), into: SmallNetwork.branched())
    #expect(error.code == .missing)
    #expect(error.layer == "predictions")
    #expect(error.message.contains("has no classifier"))
    #expect(error.advice?.contains("without classifier") == true)
  }

  @Test("Another number of classes is refused with both shapes", arguments: [Naming.keras2, .numbers])
  func classes(_ naming: Naming) throws {
    let error = try loading(
      SmallNetwork.branched(classes: 5), into: SmallNetwork.branched(classes: 2), naming: naming)
    #expect(error.code == .shape)
    #expect(error.layer == "predictions")
    #expect(error.expected == "kernel 4×2, bias 2")
    #expect(error.found?.hasPrefix("kernel 4×5, bias 5") == true)
  }

  @Test("Another width is refused at the first layer", arguments: [Naming.keras2, .numbers])
  func width(_ naming: Naming) throws {
    let error = try loading(SmallNetwork.branched(width: 8), into: SmallNetwork.branched(), naming: naming)
    #expect(error.code == .shape)
    #expect(error.layer == "stem")
    #expect(error.expected == "kernel 3×3×3×4")
    #expect(error.found?.hasPrefix("kernel 3×3×3×8") == true)
  }

  @Test("A deeper network's file, which has every name and shape, is refused for the smaller network")
  func deeper() throws {
    let vgg = try loading(Architecture.vgg19.graph(), into: Architecture.vgg16.graph())
    #expect(vgg.code == .leftover)
    #expect(vgg.found == "block3_conv4, block4_conv4, block5_conv4")
    let resNet = try loading(
      Architecture.resNet101.graph(top: .none), into: Architecture.resNet50.graph(top: .none))
    #expect(resNet.code == .leftover)
    #expect(resNet.layer == "conv4_block7_1_conv")
  }

  @Test("A file that ends early names the layer to cut at")
  func endsEarly() throws {
    let graph = try Architecture.vgg16.graph()
    let error = try loading(graph.truncated(at: "block2_conv2"), into: graph)
    #expect(error.code == .missing)
    #expect(error.layer == "block3_conv1")
    #expect(error.advice?.contains("Cut the network at block2_conv2") == true)
  }

  @Test("A layer missing in the middle is named")
  func gap() throws {
    var g = GraphBuilder()
    var x = g.input([6, 6, 3], "input")
    for name in ["one", "two", "three"] { x = g.convolution(x, filters: 3, kernel: 3, padding: .same, name) }
    let whole = try g.graph()
    var h = GraphBuilder()
    x = h.input([6, 6, 3], "input")
    for name in ["one", "three"] { x = h.convolution(x, filters: 3, kernel: 3, padding: .same, name) }
    let error = try loading(h.graph(), into: whole)
    #expect(error.code == .missing)
    #expect(error.layer == "two")
  }

  @Test("Names that contradict the order are believed more than it")
  func contradiction() throws {
    let graph = try SmallNetwork.branched(prefix: "old_")
    // Not one name is the network's, but those of the two branches stand the wrong way round.
    let renaming = ["old_left": "new_right_a", "old_right": "new_left_a", "old_stem": "a", "old_deep": "b"]
    let error = try loading(
      graph, into: SmallNetwork.branched(), naming: .numbers, renaming: renaming)
    #expect(error.code == .order)
    #expect(error.layer == "right")
    #expect(error.expected == "new_right_a")
    #expect(error.found == "new_left_a")
  }

  @Test("Values that no network has are refused", arguments: [Float.nan, .infinity, -1])
  func values(_ value: Float) throws {
    try TestData.withTemporaryFolder { folder in
      let path = folder.appending(path: "weights.h5").path
      let graph = try SmallNetwork.branched()
      var parameters = distinctParameters(of: graph)
      parameters["last_bn", "moving_variance"] = Tensor(shape: [4], scalars: [1, 1, value, 1])
      try writeLegacy(graph, parameters, to: path)
      let error = try error { _ = try WeightImporter(file: KerasFile(path: path)).load(into: graph) }
      #expect(error.code == .values)
      #expect(error.layer == "last_bn, moving_variance")
    }
  }

  @Test("A network that nobody knows: the nearest is named, and the first layers that differ")
  func unknown() throws {
    try TestData.withTemporaryFolder { folder in
      let path = folder.appending(path: "weights.h5").path
      // A MobileNet 0.25 with one block of other width.
      var g = GraphBuilder()
      let original = try Architecture.named("mobilenet_0.25").graph(top: .none)
      for node in original.nodes.prefix(60) {
        var operation = node.operation
        if node.name == "conv_pw_6", case .convolution(var attributes) = operation {
          attributes.filters = 120
          operation = .convolution(attributes)
        }
        let inputs = node.inputs.compactMap { g.value(named: original.nodes[$0].name) }
        _ = g.layer(operation, inputs, node.name)
      }
      try writeLegacy(g.graph(), to: path)
      let error = try error { _ = try KerasFile(path: path).recognized(among: zoo) }
      #expect(error.code == .unknownArchitecture)
      #expect(error.message.contains("nearest is mobilenet_0.25"))
      #expect(error.layer == "conv_pw_6")
      #expect(error.expected?.hasPrefix("conv_pw_6 (kernel 1×1×64×128)") == true)
      #expect(error.found?.hasPrefix("conv_pw_6 (kernel 1×1×64×120)") == true)
    }
  }

  @Test("A network that is like none of the known ones is said to be")
  func strange() throws {
    let error = try error { _ = try KerasFile(path: Golden.path("keras3_model.h5")).recognized(among: zoo) }
    #expect(error.code == .unknownArchitecture)
    #expect(error.message.contains("fits none"))
    #expect(error.found?.contains("stem (kernel 3×3×3×4)") == true)
  }

  @Test(
    "What is not HDF5 is called what it is",
    arguments: [
      ([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a], "PNG"),
      ([0xff, 0xd8, 0xff, 0xe0], "JPEG"),
      (Array("hello, this is a text\n".utf8), "text"),
      (Array("<!DOCTYPE html><html>".utf8), "web page"),
      (Array("version https://git-lfs.github.com/spec/v1\n".utf8), "Git LFS"),
      (Array("PK\u{3}\u{4}______________________archive/data.pkl".utf8), "PyTorch"),
      (Array("PK\u{3}\u{4}______________________letter.txt".utf8), "zip archive"),
      ([0x80, 0x02, 0x8a, 0x0a], "pickle"),
      ([0x1f, 0x8b, 0x08], "gzip"),
      ([], "empty"),
      ([UInt8](repeating: 0, count: 100), "zeros"),
      ([0x12, 0xee, 0x00, 0x99], "known kind"),
    ] as [([UInt8], String)])
  func foreign(_ bytes: [UInt8], _ word: String) throws {
    try TestData.withTemporaryFolder { folder in
      let file = folder.appending(path: "weights.h5")
      try Data(bytes).write(to: file)
      let onDisk = try error { _ = try KerasFile(path: file.path) }
      let inMemory = try error { _ = try KerasFile(bytes: bytes, name: file.path) }
      #expect(onDisk.code == .cannotOpen)
      #expect(onDisk.message.contains(word), "\(onDisk)")
      #expect(onDisk.advice != nil)
      #expect(onDisk == inMemory)
    }
  }

  @Test("No file, a folder, and HDF5 that is not Keras's are called so")
  func notKeras() throws {
    try TestData.withTemporaryFolder { folder in
      #expect(
        try error { _ = try KerasFile(path: folder.path + "/nothing.h5") }.message.contains("no such file"))
      #expect(try error { _ = try KerasFile(path: folder.path) }.message.contains("folder"))
      let path = folder.appending(path: "features.h5").path
      let store = try HDF5File(path, mode: .create)
      _ = try store.root.createDataset("features/block1", type: .float32, shape: [2, 3])
      try store.close()
      let error = try error { _ = try KerasFile(path: path) }
      #expect(error.code == .notKeras)
      #expect(error.found == "features")
      #expect(error.advice?.contains("feature store") == true)
    }
  }

  @Test("A file cut off in the middle is said to be incomplete")
  func truncated() throws {
    try TestData.withTemporaryFolder { folder in
      let file = folder.appending(path: "weights.h5")
      let bytes = try Data(contentsOf: URL(filePath: Golden.path("keras2_weights.h5")))
      try bytes.prefix(bytes.count / 2).write(to: file)
      let error = try error { _ = try KerasFile(path: file.path) }
      #expect(error.code == .damaged)
      #expect(error.advice?.contains("incomplete") == true, "\(error)")
    }
  }

  @Test(
    "Links, data in other files and absurd sizes are refused",
    arguments: [
      ("soft", "soft link"), ("external", "link to another file"), ("storage", "other file"),
      ("huge", "shape"),
    ])
  func refused(_ kind: String, _ words: String) throws {
    let error = try error {
      let file = try KerasFile(path: Golden.path("refused_\(kind).h5"))
      var g = GraphBuilder()
      let x = g.input([6, 6, 3], "input")
      // The size that the file declares: 9 x 2^36 values of 4 bytes.
      _ = g.convolution(
        x, filters: kind == "huge" ? 1 << 16 : 4, kernel: 3, padding: .same, bias: false, "stem")
      _ = try WeightImporter(file: file).load(into: g.graph())
    }
    #expect(error.code == (kind == "huge" ? .shape : .unsupported), "\(error)")
    #expect(error.description.contains(words), "\(error)")
  }

  @Test("A layer of absurd size is not read even where the network has one")
  func absurd() throws {
    let file = try KerasFile(path: Golden.path("refused_huge.h5"))
    let error = try error { _ = try file.tensor(file.weightedLayers[0].weights[0]) }
    #expect(error.code == .unsupported)
    #expect(error.message.contains("declares"))
  }
}
