import GraftGraph
import GraftModels
import GraftTensor
import Testing

@Suite("Architectures against Keras")
struct KerasTests {
  static let tops: [String: Architecture.Top] = [
    "top": .classifier(classes: 1000), "none": .none, "average": .pooled(.average), "max": .pooled(.max),
  ]

  /// Networks scaled from another of their family. Of these, Keras's order of weighted layers with their names and
  /// shapes is compared elsewhere, and the number of parameters here.
  static func isScaled(_ name: String) -> Bool {
    ["efficientnet", "convnext", "nasnet", "repvgg"].contains { name.hasPrefix($0) }
      && !["efficientnetb0", "efficientnetv2b0", "convnexttiny", "nasnetmobile", "repvgg_a0"].contains(name)
  }

  @Test("Keras's figures cover every architecture, with and without top, at two sizes, and both poolings")
  func coverage() throws {
    let found = Set(try Golden.digests().map(\.testDescription))
    let expected = Architecture.all.filter { !Self.isScaled($0.name) }.flatMap { a in
      let least = "\(a.minimumInputSize)x\(a.minimumInputSize)"
      return ["224x224 top", "224x224 none", "101x75 top", "101x75 none", "\(least) average", "\(least) max"]
        .map { "\(a.name) \($0)" }
    }
    #expect(found == Set(expected))
  }

  @Test(
    "Every layer is Keras's: name, kind, attributes, inputs, shape, parameters",
    arguments: try Golden.digests())
  func layers(digest: Golden.Digest) throws {
    let top = try #require(Self.tops[digest.top])
    let graph = try Architecture.named(digest.architecture)
      .graph(height: digest.height, width: digest.width, top: top)
    #expect(graph.nodes.count == digest.layerCount)
    #expect(graph.parameterCount == digest.parameterCount)
    let listing = graph.listing()
    guard Golden.hash(listing.joined(separator: "\n")) != digest.hash else { return }
    let different = zip(listing, digest.lineHashes ?? []).first {
      UInt8(truncatingIfNeeded: Golden.hash($0)) != $1
    }
    Issue.record(
      """
      Keras builds something else\(different.map { " than \"\($0.0)\"" } ?? ""); compare with: \
      python make_golden.py \(digest.architecture) \(digest.height)x\(digest.width) \(digest.top)
      """)
  }

  @Test(
    "Listings that were kept whole agree line by line",
    arguments: [
      "vgg16", "resnet50", "resnet50v2", "mobilenet_0.25", "mobilenetv2_1.0", "mobilenetv3small_1.0",
      "densenet121", "inceptionv3", "xception", "efficientnetb0", "efficientnetv2b0", "convnexttiny",
      "nasnetmobile", "resnet18", "alexnet_grouped", "repvgg_a0",
    ])
  func listings(name: String) throws {
    let expected = try Golden.lines(of: "\(name).txt")
    let found = try Architecture.named(name).graph(inputSize: 224).listing()
    #expect(found.count == expected.count)
    for (found, expected) in zip(found, expected) where found != expected {
      Issue.record("found \"\(found)\", Keras has \"\(expected)\"")
      return
    }
  }

  /// Total parameters with 1000 classes and without top: keras.io, the README of keras-applications, and the
  /// sizes of the published files.
  static let published: [(name: String, top: Int, noTop: Int)] = [
    ("vgg16", 138_357_544, 14_714_688),
    ("vgg19", 143_667_240, 20_024_384),
    ("resnet50", 25_636_712, 23_587_712),
    ("resnet101", 44_707_176, 42_658_176),
    ("resnet152", 60_419_944, 58_370_944),
    ("resnet50_legacy", 25_636_712, 23_587_712),
    ("resnet50v2", 25_613_800, 23_564_800),
    ("resnet101v2", 44_675_560, 42_626_560),
    ("resnet152v2", 60_380_648, 58_331_648),
    ("mobilenet_0.25", 475_544, 218_544),
    ("mobilenet_0.5", 1_342_536, 829_536),
    ("mobilenet_0.75", 2_601_976, 1_832_976),
    ("mobilenet_1.0", 4_253_864, 3_228_864),
    ("mobilenetv2_0.35", 1_691_208, 410_208),
    ("mobilenetv2_0.5", 1_987_224, 706_224),
    ("mobilenetv2_0.75", 2_663_064, 1_382_064),
    ("mobilenetv2_1.0", 3_538_984, 2_257_984),
    ("mobilenetv2_1.3", 5_431_048, 3_766_048),
    ("mobilenetv2_1.4", 6_156_712, 4_363_712),
    ("mobilenetv3small_0.75", 2_051_552, 583_160),
    ("mobilenetv3small_1.0", 2_554_968, 939_120),
    ("mobilenetv3small_minimalistic_1.0", 2_056_848, 441_000),
    ("mobilenetv3large_0.75", 4_012_616, 1_808_736),
    ("mobilenetv3large_1.0", 5_507_432, 2_996_352),
    ("mobilenetv3large_minimalistic_1.0", 3_948_688, 1_437_608),
    ("densenet121", 8_062_504, 7_037_504),
    ("densenet169", 14_307_880, 12_642_880),
    ("densenet201", 20_242_984, 18_321_984),
    ("xception", 22_910_480, 20_861_480),
    ("inceptionv3", 23_851_784, 21_802_784),
    ("inceptionresnetv2", 55_873_736, 54_336_736),
    ("nasnetmobile", 5_326_716, 4_269_716),
    ("nasnetlarge", 88_949_818, 84_916_818),
    ("efficientnetb0", 5_330_571, 4_049_571),
    ("efficientnetb1", 7_856_239, 6_575_239),
    ("efficientnetb2", 9_177_569, 7_768_569),
    ("efficientnetb3", 12_320_535, 10_783_535),
    ("efficientnetb4", 19_466_823, 17_673_823),
    ("efficientnetb5", 30_562_527, 28_513_527),
    ("efficientnetb6", 43_265_143, 40_960_143),
    ("efficientnetb7", 66_658_687, 64_097_687),
    ("efficientnetv2b0", 7_200_312, 5_919_312),
    ("efficientnetv2b1", 8_212_124, 6_931_124),
    ("efficientnetv2b2", 10_178_374, 8_769_374),
    ("efficientnetv2b3", 14_467_622, 12_930_622),
    ("efficientnetv2s", 21_612_360, 20_331_360),
    ("efficientnetv2m", 54_431_388, 53_150_388),
    ("efficientnetv2l", 119_027_848, 117_746_848),
    ("convnexttiny", 28_589_128, 27_820_128),
    ("convnextsmall", 50_223_688, 49_454_688),
    ("convnextbase", 88_591_464, 87_566_464),
    ("convnextlarge", 197_767_336, 196_230_336),
    ("convnextxlarge", 350_196_968, 348_147_968),
    // 61,706 for 10 classes in grey, as textbooks count; 300 for two more colours, 85 for each further class.
    ("lenet5", 146_156, 2_872),
    // torchvision's alexnet, and the Caffe model.
    ("alexnet", 61_100_840, 2_469_696),
    ("alexnet_grouped", 60_965_224, 2_334_080),
    // image-classifiers' summaries.
    ("resnet18", 11_699_889, 11_186_889),
    ("resnet34", 21_815_473, 21_302_473),
  ]

  @Test("Parameter counts are the published ones", arguments: published)
  func parameterCounts(name: String, top: Int, noTop: Int) throws {
    let architecture = try Architecture.named(name)
    #expect(try architecture.graph().parameterCount == top)
    #expect(try architecture.graph(top: .none).parameterCount == noTop)
  }

  /// Millions of trained parameters of the form with branches: timm's tables.
  @Test(
    "RepVGG's trained parameters are as many as published",
    arguments: [
      ("a0", 9.11), ("a1", 14.09), ("a2", 28.21), ("b0", 15.82), ("b1", 57.42), ("b2", 89.02), ("b3", 123.09),
    ])
  func repVGG(size: String, millions: Double) throws {
    let graph = try Architecture.named("repvgg_\(size)").graph()
    let count = graph.nodes.flatMap { graph.parameterShapes(of: $0) }
      .filter { !$0.name.hasPrefix("moving") }.reduce(0) { $0 + $1.shape.count }
    #expect(abs(Double(count) / 1e6 - millions) < 0.006)
  }

  @Test("Every architecture's published count is tested")
  func allCounted() {
    // RepVGG's counts are published in millions, without statistics.
    let counted = Architecture.all.map(\.name).filter { !$0.hasPrefix("repvgg") }
    #expect(Set(Self.published.map(\.name)) == Set(counted))
  }
}
