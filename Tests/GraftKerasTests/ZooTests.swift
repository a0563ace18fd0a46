import Foundation
import GraftGraph
import GraftKeras
import GraftModels
import GraftTensor
import Testing
import _GraftTestSupport

private struct Case: CustomTestStringConvertible {
  let architecture: Architecture
  let naming: Naming
  let classes: Int?
  var testDescription: String {
    "\(architecture.name), \(naming.rawValue), \(classes.map(String.init) ?? "no top")"
  }

  private static func namings(_ architecture: Architecture) -> [Naming] {
    switch architecture.kerasName {
    case "VGG16", "VGG19", "ResNet50": [.keras1, .keras2, .keras3]
    case "MobileNetV2": [.keras2, .keras3, .firstMobileNetV2]
    case "MobileNetV3Small", "MobileNetV3Large": [.keras2, .keras3, .firstMobileNetV3]
    default: [.keras2, .keras3]
    }
  }

  static let all = Architecture.all.flatMap { architecture in
    namings(architecture).flatMap { naming in
      [Case(architecture: architecture, naming: naming, classes: 1000)]
        + (naming == .keras3 ? [] : [Case(architecture: architecture, naming: naming, classes: nil)])
    }
  }

  /// Networks small enough to write with values, one of each kind.
  static let small = all.filter {
    ["mobilenet_0.25", "mobilenetv2_0.35", "mobilenetv3small_minimalistic_1.0", "mobilenetv3small_0.75"]
      .contains($0.architecture.name)
  }

  func graph() throws -> Graph {
    try architecture.graph(top: classes.map { .classifier(classes: $0) } ?? .none)
  }
}

@Suite("The whole zoo, written as Keras files")
struct ZooTests {
  @Test("Every network is recognised, under the names of every generation", arguments: Case.all)
  private func recognition(_ test: Case) throws {
    try TestData.withTemporaryFolder { folder in
      let path = folder.appending(path: "weights.h5").path
      try writeLegacy(test.graph(), naming: test.naming, to: path)
      let recognition = try KerasFile(path: path).recognized(among: zoo)
      #expect(recognition.name == test.architecture.name)
      #expect(Architecture.all[recognition.index] == test.architecture)
      #expect(recognition.classes == test.classes)
      #expect(!recognition.isPartial && recognition.unused == [])
      // The size of pictures shows only where a picture is flattened.
      let flattens =
        ["VGG", "LeNet", "AlexNet"].contains { test.architecture.kerasName.hasPrefix($0) }
        && test.classes != nil
      #expect(recognition.inputSize == (flattens ? test.architecture.inputSize : nil))
    }
  }

  @Test("Every value arrives where it belongs", arguments: Case.small)
  private func values(_ test: Case) throws {
    try TestData.withTemporaryFolder { folder in
      let path = folder.appending(path: "weights.h5").path
      let graph = try test.graph()
      let parameters = distinctParameters(of: graph)
      try writeLegacy(graph, parameters, naming: test.naming, to: path)
      let (found, matches) = try WeightImporter(file: KerasFile(path: path)).load(into: graph)
      #expect(found == parameters)
      // No two neighbours of these networks have the same shapes, so that nothing is doubtful.
      #expect(!matches.warnings.contains { $0.contains("position alone") }, "\(matches.warnings)")
      #expect(matches.unused == [])
    }
  }

  @Test(
    "Names that say nothing: the order is followed, and the doubt confessed",
    arguments: [
      ("resnet50", 10), ("vgg16", 7), ("mobilenetv2_0.35", 0),
    ])
  func nameless(_ name: String, _ doubtful: Int) throws {
    try TestData.withTemporaryFolder { folder in
      let path = folder.appending(path: "weights.h5").path
      let graph = try Architecture.named(name).graph(top: .none)
      try writeLegacy(graph, naming: .numbers, to: path)
      let (_, matches) = try WeightImporter(file: KerasFile(path: path)).load(into: graph)
      #expect(matches.count(.position) == matches.rows.count)
      let doubts = matches.warnings.filter { $0.contains("position alone") }
      if doubtful > 0 {
        #expect(doubts.first?.hasPrefix("\(doubtful) layers") == true, "\(doubts)")
      } else {
        #expect(doubts.isEmpty)
      }
      #expect(matches.warnings.contains { $0.contains("no layer has the network's name") })
    }
  }

  @Test("The two files called resnet50_weights_tf_dim_ordering_tf_kernels.h5 are told apart")
  func resNet50() throws {
    for architecture in [Architecture.resNet50, .resNet50Legacy] {
      try TestData.withTemporaryFolder { folder in
        let path = folder.appending(path: "resnet50_weights_tf_dim_ordering_tf_kernels.h5").path
        try writeLegacy(architecture.graph(), to: path)
        let file = try KerasFile(path: path)
        #expect(try file.recognized(among: zoo).name == architecture.name)
        #expect(try file.recognized(among: zoo.reversed()).name == architecture.name)
      }
    }
  }

  @Test("A VGG with a classifier for larger pictures tells their size, and for any number of classes")
  func inputSize() throws {
    try TestData.withTemporaryFolder { folder in
      let path = folder.appending(path: "weights.h5").path
      try writeLegacy(Architecture.vgg19.graph(inputSize: 320, top: .classifier(classes: 12)), to: path)
      let recognition = try KerasFile(path: path).recognized(among: zoo)
      #expect(recognition.name == "vgg19")
      #expect(recognition.classes == 12)
      #expect(recognition.inputSize == 320)
    }
  }

  @Test("The start of a network is recognised with its last layer, and every candidate that it fits")
  func partial() throws {
    try TestData.withTemporaryFolder { folder in
      let path = folder.appending(path: "weights.h5").path
      try writeLegacy(Architecture.vgg19.graph().truncated(at: "block3_conv3"), to: path)
      let start = try KerasFile(path: path).recognized(among: zoo)
      #expect(start.name == "vgg16" && start.isPartial && start.lastLayer == "block3_conv3")
      #expect(start.alternatives == ["vgg19"])
      try writeLegacy(Architecture.vgg19.graph().truncated(at: "block4_conv1"), to: path)
      let more = try KerasFile(path: path).recognized(among: zoo)
      #expect(more.name == "vgg19" && more.lastLayer == "block4_conv1" && more.alternatives == [])
    }
  }

  @Test("A classifier of one's own behind a trunk leaves the trunk recognised")
  func ownHead() throws {
    try TestData.withTemporaryFolder { folder in
      let path = folder.appending(path: "weights.h5").path
      let graph = try Architecture.named("mobilenetv2_0.35").graph(top: .classifier(classes: 5))
      try writeLegacy(graph, to: path, renaming: ["predictions": "dense_3"])
      let recognition = try KerasFile(path: path).recognized(among: zoo)
      #expect(recognition.name == "mobilenetv2_0.35")
      #expect(recognition.top == .none)
      #expect(recognition.unused == ["dense_3"])
    }
  }
}
