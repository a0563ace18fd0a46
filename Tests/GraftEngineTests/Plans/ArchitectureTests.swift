import GraftEngine
import GraftGraph
import GraftModels
import GraftTensor
import Testing
import _GraftTestSupport

@Suite("Published networks through a plan")
struct ArchitectureTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var architecture: String
    var size: Int
    var outputs: [String] = []
    var testDescription: String { architecture }
  }

  static let cases = [
    Case(architecture: "mobilenetv2_0.35", size: 64, outputs: ["block_3_expand_relu", "block_6_project_BN"]),
    Case(architecture: "mobilenetv3small_0.75", size: 64, outputs: ["expanded_conv_2_add"]),
    Case(architecture: "mobilenet_0.25", size: 48),
    Case(architecture: "resnet50", size: 32, outputs: ["conv2_block1_out", "conv3_block1_2_relu"]),
    Case(architecture: "resnet50v2", size: 32, outputs: ["conv2_block1_preact_relu", "conv3_block4_out"]),
    Case(architecture: "vgg16", size: 32, outputs: ["block2_pool"]),
    Case(architecture: "efficientnetb0", size: 32, outputs: ["block2b_add", "block4a_project_bn"]),
    Case(architecture: "efficientnetv2b0", size: 32, outputs: ["block2b_add"]),
    Case(architecture: "convnexttiny", size: 32, outputs: ["convnext_tiny_stage_1_block_1_gelu"]),
    Case(architecture: "nasnetmobile", size: 32, outputs: ["normal_concat_1", "reduction_add4_reduce_4"]),
  ]

  @Test("gives what the reference gives at several depths", arguments: cases)
  func againstReference(_ c: Case) throws {
    let architecture = try #require(Architecture.all.first { $0.name == c.architecture })
    let graph = try architecture.graph(inputSize: c.size, top: .pooled(.average))
    let network = try Network(graph: graph, parameters: livelyParameters(for: graph, seed: 5))
    let scalesItself = ["mobilenetv3", "efficientnet", "convnext"].contains { c.architecture.hasPrefix($0) }
    let range: ClosedRange<Float> = scalesItself ? 0...255 : -2...2
    try expectPlan(
      network, outputs: c.outputs + [graph.output.name],
      on: pictures(1, graph.inputShape, range), tolerance: 1e-4)
  }
}
