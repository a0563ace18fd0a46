import GraftGraph
import GraftModels
import Testing

@Suite("Architectures against Keras")
struct KerasTests {
  static let tops: [String: Architecture.Top] = [
    "top": .classifier(classes: 1000), "none": .none, "average": .pooled(.average), "max": .pooled(.max),
  ]

  @Test("Keras's figures cover every architecture, with and without top, at two sizes, and both poolings")
  func coverage() throws {
    let found = Set(try Golden.digests().map(\.testDescription))
    let cases = ["224x224 top", "224x224 none", "101x75 top", "101x75 none", "32x32 average", "32x32 max"]
    #expect(found == Set(Architecture.all.flatMap { a in cases.map { "\(a.name) \($0)" } }))
  }

  @Test("Every layer is Keras's: name, kind, attributes, inputs, shape, parameters", arguments: try Golden.digests())
  func layers(digest: Golden.Digest) throws {
    let top = try #require(Self.tops[digest.top])
    let graph = try Architecture.named(digest.architecture)
      .graph(height: digest.height, width: digest.width, top: top)
    #expect(graph.nodes.count == digest.layerCount)
    #expect(graph.parameterCount == digest.parameterCount)
    var expected = digest.hashes[...]
    for line in graph.listing() {
      guard Golden.hash(line) == expected.prefix(4) else {
        Issue.record(
          """
          Keras has something else than "\(line)"; compare with: python make_golden.py \
          \(digest.architecture) \(digest.height)x\(digest.width) \(digest.top)
          """)
        return
      }
      expected = expected.dropFirst(4)
    }
    #expect(expected.isEmpty)
  }

  @Test(
    "Listings that were kept whole agree line by line",
    arguments: [
      "vgg16", "resnet50", "resnet50_legacy", "resnet50v2", "mobilenet_0.25", "mobilenetv2_1.0",
      "mobilenetv3small_1.0", "mobilenetv3large_minimalistic_1.0",
    ])
  func listings(name: String) throws {
    let expected = try Golden.lines(of: "\(name).txt")
    let found = try Architecture.named(name).graph().listing()
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
    PUBLISHED
  ]

  @Test("Parameter counts are the published ones", arguments: published)
  func parameterCounts(name: String, top: Int, noTop: Int) throws {
    let architecture = try Architecture.named(name)
    #expect(try architecture.graph().parameterCount == top)
    #expect(try architecture.graph(top: .none).parameterCount == noTop)
  }

  @Test("Every architecture's published count is tested")
  func allCounted() {
    #expect(Set(Self.published.map(\.name)) == Set(Architecture.all.map(\.name)))
  }
}
