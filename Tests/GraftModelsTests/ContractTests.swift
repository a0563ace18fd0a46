import GraftGraph
import GraftImage
import GraftModels
import GraftTensor
import Testing

/// What the rest of Graft relies on, whatever the architecture.
@Suite("What every architecture keeps to")
struct ContractTests {
  @Test("No two have layers of the same names and shapes, so that a file's layers tell which it is for")
  func distinct() throws {
    var owners: [[String]: String] = [:]
    for architecture in Architecture.all {
      let graph = try architecture.graph(top: .none)
      let layers = graph.nodes.flatMap { node in
        graph.parameterShapes(of: node).map { "\(node.name) \($0.name) \($0.shape)" }
      }
      #expect(!layers.isEmpty)
      // Whatever the order: that a file has the same layers is what recognition goes by.
      let other = owners.updateValue(architecture.name, forKey: layers.sorted())
      #expect(other == nil, "\(architecture.name) and \(other ?? "")")
    }
  }

  @Test("Stages are those of the family, in order, each in one piece", arguments: Architecture.all)
  func stages(architecture: Architecture) throws {
    let expected: [String]
    switch architecture.kerasName {
    case "VGG16", "VGG19": expected = (1...5).map { "block\($0)" }
    case "MobileNet": expected = ["stem"] + (1...13).map { "block_\($0)" }
    case "MobileNetV2": expected = ["stem"] + (0...16).map { "block_\($0)" } + ["last_conv"]
    case "MobileNetV3Small": expected = ["stem"] + (0...10).map { "block_\($0)" } + ["last_conv"]
    case "MobileNetV3Large": expected = ["stem"] + (0...14).map { "block_\($0)" } + ["last_conv"]
    case "Xception": expected = (1...14).map { "block\($0)" }
    case "InceptionResNetV2":
      expected = [
        "stem", "mixed_5b", "block35", "mixed_6a", "block17", "mixed_7a", "block8", "conv_7b",
      ]
    case "NASNetMobile", "NASNetLarge": expected = ["stem", "group_1", "group_2", "group_3"]
    case let name where name.hasPrefix("ConvNeXt"): expected = ["stem"] + (0...3).map { "stage_\($0)" }
    case let name where name.hasPrefix("EfficientNet"):
      let blocks = ["EfficientNetV2M", "EfficientNetV2L"].contains(name) || !name.contains("V2") ? 7 : 6
      expected = ["stem"] + (1...blocks).map { "block\($0)" } + ["top"]
    case "InceptionV3": expected = ["stem"] + (0...10).map { "mixed\($0)" }
    case "LeNet5": expected = ["c1", "c3"]
    case let name where name.hasPrefix("RepVGG"): expected = (0...4).map { "stage\($0)" }
    default: expected = (1...5).map { "conv\($0)" }
    }
    let trunk = try architecture.graph(top: .none)
    #expect(trunk.stages == ["input"] + expected)
    for top in [Architecture.Top.pooled(.average), .pooled(.max), .classifier(classes: 1000)] {
      let graph = try architecture.graph(top: top)
      #expect(graph.stages == ["input"] + expected + ["head"])
      // A stage that came twice would begin more often than it is counted.
      let begun = zip(graph.nodes, graph.nodes.dropFirst()).count { $0.stage != $1.stage }
      #expect(begun == expected.count + 1)
    }
  }

  @Test(
    "A stage reads the stage before it at one layer only, its last; NASNet's read the last two cells",
    arguments: Architecture.all)
  func seams(architecture: Architecture) throws {
    let graph = try architecture.graph()
    for (index, node) in graph.nodes.enumerated() {
      for input in node.inputs where graph.nodes[input].stage != node.stage {
        let last = graph.nodes[..<index].lastIndex { $0.stage != node.stage }
        if architecture.kerasName.hasPrefix("NASNet"), graph.nodes[input].name.contains("_concat_") {
          continue
        }
        #expect(input == last, "\(node.name) reads \(graph.nodes[input].name)")
      }
    }
  }

  @Test("Features have the width that the architecture names, at any size", arguments: Architecture.all)
  func features(architecture: Architecture) throws {
    let least = architecture.minimumInputSize
    for (height, width) in [(least, least), (least + 1, least + 15), (96, 128), (224, 224)] {
      let output = try architecture.graph(height: height, width: width, top: .none).output.shape
      // Each of the five halvings (LeNet: two) rounds up or down, by family; windows without padding take more.
      let isLeNet = architecture.kerasName == "LeNet5"
      let losesEdges = ["Inception", "AlexNet"].contains { architecture.kerasName.hasPrefix($0) }
      let (step, lost) = isLeNet ? (4, 3) : (32, losesEdges ? 2 : 0)
      #expect(output.rank == 3 && output.channels == architecture.featureWidth)
      #expect((max(height / step - lost, 1)...(height + step - 1) / step).contains(output[0]))
      #expect((max(width / step - lost, 1)...(width + step - 1) / step).contains(output[1]))
      let pooled = try architecture.graph(height: height, width: width, top: .pooled(.max))
      #expect(pooled.output.shape == [architecture.featureWidth])
    }
  }

  @Test("The network may be cut at every layer, and the cut ends there", arguments: Architecture.all)
  func truncation(architecture: Architecture) throws {
    let size = max(architecture.minimumInputSize, 64)
    let graph = try architecture.graph(inputSize: size)
    for node in graph.nodes {
      let cut = try graph.truncated(at: node.name)
      #expect(cut.output.name == node.name && cut.output.shape == node.shape)
      #expect(cut.nodes.count <= graph.nodes.count && cut.inputShape == [size, size, 3])
    }
    #expect(try graph.truncated(at: graph.output.name) == graph)
  }

  @Test("Without its head, the network is the one built without top", arguments: Architecture.all)
  func withoutHead(architecture: Architecture) throws {
    var trunk = try architecture.graph(top: .none)
    #expect(try trunk.withoutHead() == trunk)
    // What closes features without a classifier stands behind the pooling where there is one.
    if architecture.kerasName.hasPrefix("ConvNeXt") {
      #expect(trunk.output.name == "layer_normalization")
      trunk = try trunk.truncated(at: trunk.nodes[trunk.outputIndex - 1].name)
    }
    for top in [Architecture.Top.pooled(.average), .pooled(.max), .classifier(classes: 10)] {
      #expect(try architecture.graph(top: top).withoutHead() == trunk)
    }
  }

  @Test("A new head reads the pooled features and gives the classes asked for", arguments: Architecture.all)
  func replacingHead(architecture: Architecture) throws {
    for top in [Architecture.Top.none, .pooled(.average), .classifier(classes: 1000)] {
      let trunk = try architecture.graph(top: top).withoutHead()
      let graph = try architecture.graph(top: top).replacingHead(classes: 7)
      #expect(graph.output.shape == [7] && graph.output.name == "predictions")
      #expect(graph.parameterCount == trunk.parameterCount + 7 * (architecture.featureWidth + 1))
      #expect(graph.stages.last == "head")
    }
  }

  @Test("The classifier has as many outputs as classes", arguments: Architecture.all)
  func classes(architecture: Architecture) throws {
    for classes in [1, 3, 21843] {
      #expect(try architecture.graph(top: .classifier(classes: classes)).output.shape == [classes])
    }
  }

  @Test("Sizes below Keras's least are refused, with both sizes in the error", arguments: Architecture.all)
  func minimumSize(architecture: Architecture) throws {
    let least = architecture.minimumInputSize
    let others = [
      "Xception": 71, "InceptionV3": 75, "InceptionResNetV2": 75, "AlexNet": 63, "AlexNetGrouped": 67,
      "LeNet5": 16,
    ]
    #expect(least == others[architecture.kerasName] ?? 32)
    for (height, width) in [(least - 1, 224), (224, least - 1), (0, least), (-5, least), (least, 1 << 20)] {
      let error = #expect(throws: ArchitectureError.self) {
        try architecture.graph(height: height, width: width, top: .none)
      }
      #expect(error?.code == .inputSize)
      for part in [architecture.name, "\(height)", "\(width)", "\(least)", "\(architecture.inputSize)"] {
        #expect(error?.description.contains(part) == true, "\(part) is not in: \(error?.description ?? "")")
      }
    }
  }

  @Test("A classifier of no or of absurdly many classes is refused", arguments: [0, -3, 1 << 40])
  func badClasses(classes: Int) {
    let error = #expect(throws: ArchitectureError.self) {
      try Architecture.mobileNet.graph(top: .classifier(classes: classes))
    }
    #expect(error?.code == .classes && error?.description.contains("\(classes)") == true)
  }

  @Test("Pictures are prepared by the mode of Keras's module", arguments: Architecture.all)
  func preprocessing(architecture: Architecture) {
    let expected: Preprocessing.Mode
    switch architecture.kerasName {
    case "VGG16", "VGG19", "ResNet50", "ResNet101", "ResNet152": expected = .caffe
    case "AlexNetGrouped": expected = .caffe
    case "MobileNetV3Small", "MobileNetV3Large", "ResNet18", "ResNet34": expected = .none
    case let name where name.hasPrefix("EfficientNet") || name.hasPrefix("ConvNeXt"): expected = .none
    case "DenseNet121", "DenseNet169", "DenseNet201", "AlexNet": expected = .torch
    case let name where name.hasPrefix("RepVGG"): expected = .torch
    default: expected = .tf
    }
    #expect(architecture.preprocessing == expected)
  }
}
