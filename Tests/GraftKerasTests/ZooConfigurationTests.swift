import Foundation
import GraftGraph
import GraftKeras
import GraftModels
import GraftTensor
import Testing
import _GraftTestSupport

/// What a layer is, without the part of the network that it is counted to.
private struct Layer: Equatable, CustomStringConvertible {
  let name: String
  let operation: GraftGraph.Operation
  let inputs: [Int]

  init(_ node: Graph.Node) {
    name = node.name
    operation = node.operation
    inputs = node.inputs
  }

  var description: String { "\(name): \(operation) of \(inputs)" }
}

@Suite("Configurations of the zoo")
struct ZooConfigurationTests {
  @Test(
    "A written configuration is read back as the same graph, in layers that every Keras has",
    arguments: Architecture.all)
  func roundTrip(architecture: Architecture) throws {
    for (size, top) in [(224, Architecture.Top.classifier(classes: 7)), (97, .none), (64, .pooled(.max))] {
      let graph = try architecture.graph(inputSize: max(size, architecture.minimumInputSize), top: top)
        .inStandardLayers()
      let text = try KerasModelFile.configuration(of: graph, name: architecture.name)
      let found = try GraphImporter.graph(fromJSON: text, kerasVersion: "3.0.0")
      #expect(found.nodes.map { Layer($0) } == graph.nodes.map { Layer($0) })
      // The classifier is found again, too.
      #expect(found.nodes.map { $0.stage == "head" } == graph.nodes.map { $0.stage == "head" })
    }
  }

  static let wholeModel = TestData.file("reference/mobilenet_0.25_224.whole_model.h5")

  @Test(
    "A whole model that Keras saved is the zoo's network",
    .enabled(if: wholeModel != nil, "no real weights here"))
  func reference() throws {
    let file = try KerasFile(path: #require(Self.wholeModel))
    let graph = try Architecture.named("mobilenet_0.25").graph()
    #expect(try KerasModelFile.graph(of: file).nodes.map { Layer($0) } == graph.nodes.map { Layer($0) })
  }

  /// Files that `make_configurations.py zoo` made, in a folder named by an environment variable.
  static let kerasFiles: [URL] = {
    guard let folder = ProcessInfo.processInfo.environment["GRAFT_KERAS_CONFIGURATIONS"] else { return [] }
    let files = try? FileManager.default.contentsOfDirectory(
      at: URL(filePath: folder), includingPropertiesForKeys: nil)
    return (files ?? []).filter { $0.pathExtension == "json" }.sorted { $0.path < $1.path }
  }()

  @Test(
    "Keras's own configurations give the zoo's graphs", .enabled(if: !kerasFiles.isEmpty),
    arguments: kerasFiles)
  func keras(file: URL) throws {
    let (name, version) = try #require(
      file.lastPathComponent.firstRange(of: ".keras").map {
        (String(file.lastPathComponent[..<$0.lowerBound]), file.lastPathComponent[$0.upperBound...].prefix(1))
      })
    let graph = try Architecture.named(name).graph()
    let found = try GraphImporter.graph(
      fromJSON: [UInt8](Data(contentsOf: file)), kerasVersion: String(version))
    #expect(found.parameterCount == graph.parameterCount)
    // Keras 2 writes a hard swish as four layers, and has other names in MobileNetV3.
    if version == "2", name.hasPrefix("mobilenetv3") { return }
    try #require(found.nodes.count == graph.nodes.count)
    // Keras lists the layers of branches in another order, and Keras 2 names inputs differently.
    let layers = Dictionary(uniqueKeysWithValues: found.nodes.dropFirst().map { ($0.name, $0) })
    for expected in graph.nodes.dropFirst() {
      let layer = try #require(layers[expected.name], "\(expected.name)")
      #expect(layer.operation == expected.operation, "\(expected.name)")
      #expect(
        layer.inputs.map { $0 == 0 ? "input" : found.nodes[$0].name }
          == expected.inputs.map { $0 == 0 ? "input" : graph.nodes[$0].name }, "\(expected.name)")
      #expect((layer.stage == "head") == (expected.stage == "head"), "\(expected.name)")
    }
  }
}
