import Foundation
import GraftGraph
import GraftImage
import GraftKeras
import GraftModels
import Testing
import _GraftTestSupport

@Suite("Registry of published weights")
struct WeightRegistryTests {
  static let path = TestData.package.appending(path: "weights/registry.json")

  static func registry() throws -> WeightRegistry {
    try WeightRegistry(json: [UInt8](Data(contentsOf: path)))
  }

  @Test("All published files are listed, each address once")
  func complete() throws {
    let entries = try Self.registry().entries
    // 252 of Keras, 4 of image-classifiers.
    #expect(entries.count == 256)
    #expect(Set(entries.map(\.url)).count == 256)
    #expect(entries.count(where: \.hasTop) == 128)
    // MobileNet and MobileNetV2 are published without digests; 118 and the 4 have MD5, 58 SHA-256.
    #expect(entries.count(where: { $0.digest?.algorithm == .md5 }) == 122)
    #expect(entries.count(where: { $0.digest?.algorithm == .sha256 }) == 58)
    for entry in entries where entry.digest == nil {
      #expect(entry.name.hasPrefix("mobilenet"), "\(entry.name)")
    }
  }

  @Test(
    "Every architecture has files with and without top, with its number of parameters, but those without weights"
  )
  func zoo() throws {
    let registry = try Self.registry()
    for architecture in Architecture.all {
      if ["LeNet", "AlexNet", "RepVGG"].contains(where: { architecture.kerasName.hasPrefix($0) }) {
        #expect(registry.entries(of: architecture.name).isEmpty)
        continue
      }
      let entries = registry.entries(of: architecture.name)
      #expect(entries.contains(where: \.hasTop) && entries.contains { !$0.hasTop }, "\(architecture.name)")
      for entry in entries {
        let top = entry.classes.map { Architecture.Top.classifier(classes: $0) } ?? Architecture.Top.none
        #expect(try architecture.graph(top: top).parameterCount == entry.parameters, "\(entry.name)")
        #expect(architecture.preprocessing.rawValue == entry.preprocessing, "\(entry.name)")
        #expect(architecture.kerasName == entry.kerasName, "\(entry.name)")
      }
    }
  }

  @Test(
    "Names are understood as people write them",
    arguments: [
      ("vgg16", "vgg16"), ("VGG16", "vgg16"), ("ResNet50V2", "resnet50_v2"),
      ("resnet50-notop", "resnet50_notop"),
      ("mobilenetv2", "mobilenet_v2_1.0_224"), ("MobileNetV2_1.00_224", "mobilenet_v2_1.0_224"),
      ("mobilenet_v2_0.35_notop", "mobilenet_v2_0.35_224_notop"), ("mobilenet_0.50_160", "mobilenet_0.5_160"),
      ("mobilenet v3 large", "mobilenet_v3_large_1.0_224"), ("EfficientNetB0", "efficientnet_b0"),
      ("resnet50_legacy", "resnet50_legacy"),
    ])
  func names(given: String, expected: String) throws {
    #expect(try Self.registry().entry(named: given).name == expected)
  }

  @Test("Every name finds its own file")
  func ownNames() throws {
    let registry = try Self.registry()
    for entry in registry.entries { #expect(try registry.entry(named: entry.name) == entry) }
  }

  @Test("A misspelt name gets the nearest ones")
  func misspelt() throws {
    let error = try #require(throws: ImportError.self) {
      try Self.registry().entry(named: "mobilnet_v2_1.0_224_notop")
    }
    #expect(error.code == .unknownWeights)
    #expect(error.description.contains("mobilenet_v2_1.0_224_notop"))
  }

  @Test("A digest identifies its file")
  func digest() throws {
    // The two ResNet50 files that share one name; digests from the source of Keras and of keras-applications.
    let registry = try Self.registry()
    let current = registry.entry(digest: "2cb95161c43110f7111970584f804107", .md5)
    #expect(current?.name == "resnet50")
    #expect(registry.entry(digest: "2CB95161C43110F7111970584F804107", .md5)?.name == "resnet50")
    #expect(registry.entry(digest: "2cb95161c43110f7111970584f804107", .sha256) == nil)
    let legacy = try registry.entry(named: "resnet50_legacy")
    #expect(legacy.file == current?.file)
    #expect(legacy.digest != current?.digest)
  }

  @Test("Licences are named only where one is stated")
  func licences() throws {
    for entry in try Self.registry().entries {
      switch entry.kerasName {
      case "MobileNet", "MobileNetV2": #expect(entry.licence == "Apache-2.0")
      case "VGG16", "VGG19": #expect(entry.licence == "CC-BY-4.0")
      default: #expect(entry.licence == nil)
      }
    }
  }

  @Test(
    "A registry that is damaged or dangerous is refused",
    arguments: [
      "", "{}", #"{"version": 2, "files": []}"#, entry(file: "../x.h5"),
      entry(url: "http://example.com/x.h5"),
      entry(digest: #", "digest": {"algorithm": "md5", "value": "12"}"#), entry(name: "a/b"),
      entry(parameters: -1),
    ])
  func damaged(text: String) {
    let error = #expect(throws: ImportError.self) { try WeightRegistry(json: Array(text.utf8)) }
    #expect(error?.code == .configuration)
  }

  @Test("A well-formed registry of one is read")
  func wellFormed() throws {
    #expect(try WeightRegistry(json: Array(Self.entry().utf8)).entries.map(\.name) == ["a"])
  }

  private static func entry(
    name: String = "a", file: String = "x.h5", url: String = "https://example.com/x.h5", digest: String = "",
    parameters: Int = 1
  ) -> String {
    """
    {"version": 1, "files": [{"name": "\(name)", "file": "\(file)", "url": "\(url)", "architecture": "vgg16",
    "kerasName": "VGG16", "hasTop": false, "inputSize": 224, "preprocessing": "caffe",
    "parameters": \(parameters)\(digest)}]}
    """
  }
}
