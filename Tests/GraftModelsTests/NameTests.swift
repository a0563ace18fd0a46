import GraftModels
import Testing

@Suite("Names of architectures")
struct NameTests {
  @Test("Names are unique, and each is understood in either case", arguments: Architecture.all)
  func own(architecture: Architecture) throws {
    #expect(Architecture.all.count { $0.name == architecture.name } == 1)
    #expect(try Architecture.named(architecture.name) == architecture)
    #expect(try Architecture.named(architecture.name.uppercased()) == architecture)
    #expect(try Architecture.named("  \(architecture.name) ") == architecture)
  }

  @Test(
    "Spellings that are in use are understood",
    arguments: [
      ("VGG16", "vgg16"), ("vgg-19", "vgg19"), ("vgg_16", "vgg16"),
      ("ResNet50", "resnet50"), ("resnet-50", "resnet50"), ("ResNet 101", "resnet101"),
      ("resnet152v2", "resnet152v2"), ("ResNet50V2", "resnet50v2"), ("resnet50_v2", "resnet50v2"),
      ("resnet50-legacy", "resnet50_legacy"),
      ("MobileNet", "mobilenet_1.0"), ("mobilenet_0.25", "mobilenet_0.25"),
      ("MobileNet-0.50", "mobilenet_0.5"),
      ("mobilenet_1.00_224", "mobilenet_1.0"), ("mobilenet_0.25_128", "mobilenet_0.25"),
      ("MobileNetV2", "mobilenetv2_1.0"), ("mobilenet_v2", "mobilenetv2_1.0"),
      ("mobilenet-v2", "mobilenetv2_1.0"),
      ("mobilenetv2-1.0", "mobilenetv2_1.0"), ("mobilenet_v2_0.35", "mobilenetv2_0.35"),
      ("MobileNetV2 1.4", "mobilenetv2_1.4"), ("mobilenetv2_0.50_160", "mobilenetv2_0.5"),
      ("mobilenetv2_1.00_224", "mobilenetv2_1.0"),
      ("MobileNetV3Small", "mobilenetv3small_1.0"), ("MobilenetV3large", "mobilenetv3large_1.0"),
      ("mobilenet_v3_small", "mobilenetv3small_1.0"), ("mobilenet-v3-large-0.75", "mobilenetv3large_0.75"),
      ("mobilenet_v3_small_minimalistic", "mobilenetv3small_minimalistic_1.0"),
      ("MobileNetV3LargeMinimalistic", "mobilenetv3large_minimalistic_1.0"),
      ("DenseNet-121", "densenet121"), ("Inception V3", "inceptionv3"), ("inception_v3", "inceptionv3"),
      ("EfficientNet-B0", "efficientnetb0"), ("efficientnet_v2_s", "efficientnetv2s"),
      ("ConvNeXt Tiny", "convnexttiny"), ("nasnet_mobile", "nasnetmobile"),
      ("inception_resnet_v2", "inceptionresnetv2"), ("ResNet-18", "resnet18"), ("AlexNet", "alexnet"),
      ("RepVGG-A0", "repvgg_a0"),
    ])
  func spellings(spelling: String, name: String) throws {
    #expect(try Architecture.named(spelling).name == name)
  }

  @Test(
    "A name that means nothing is refused, with it and near names in the error",
    arguments: [
      ("resnet19", "resnet18"), ("mobilenetv2_0.3", "mobilenetv2_0.35"), ("vgg", "vgg16"),
      ("mobilenetv2_1.0_7", "mobilenetv2_1.0"),
    ])
  func unknown(name: String, near: String) {
    let error = #expect(throws: ArchitectureError.self) { try Architecture.named(name) }
    #expect(error?.code == .unknownName)
    #expect(error?.description.contains("\"\(name)\"") == true)
    #expect(error?.description.contains(near) == true, "\(error?.description ?? "")")
  }

  @Test(
    "An empty or very long name is refused too", arguments: ["", " ", String(repeating: "x", count: 100_000)])
  func strange(name: String) {
    #expect(throws: ArchitectureError.self) { try Architecture.named(name) }
  }
}
