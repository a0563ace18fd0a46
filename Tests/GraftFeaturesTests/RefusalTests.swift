import Foundation
import GraftFeatures
import GraftHDF5
import GraftTensor
import Testing
import _GraftTestSupport

@Suite("What does not belong together is refused, with both named")
struct RefusalTests {
  struct Change: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var words: [String]
    var apply: @Sendable (inout FeatureOrigin) -> Void
  }

  static let changes = [
    Change(testDescription: "network", words: ["mobilenet_v2", "vgg16"]) { $0.architecture = "vgg16" },
    Change(testDescription: "weights", words: ["mobilenet_v2_1.0_224.h5 (md5:0a1b2c)", "mine.h5 (md5:ff)"]) {
      $0.weights = "mine.h5"
      $0.weightsDigest = "md5:ff"
    },
    Change(testDescription: "pooling", words: ["pooling avg", "max"]) { $0.pooling = "max" },
    Change(testDescription: "size", words: ["input size 224", "160"]) { $0.inputSize = 160 },
    Change(testDescription: "preprocessing", words: ["to 224 pixels, x / 127.5 - 1", "BGR"]) {
      $0.preprocessing = "BGR"
    },
    Change(testDescription: "details of preprocessing", words: [#"{"mode":"tf"}"#, "{}"]) {
      $0.preprocessingJSON = "{}"
    },
    Change(testDescription: "augmentation", words: ["augmentation none", "flip"]) {
      $0.augmentation = "flip"
    },
    Change(testDescription: "seed", words: ["seed 18446744073709551615", "not 3"]) { $0.seed = 3 },
  ]

  @Test("A store and a journal of another origin", arguments: changes, [true, false])
  func origin(change: Change, isFinished: Bool) throws {
    try TestData.withTemporaryFolder { folder in
      let path = folder.appending(path: "features.h5").path
      let sample = Sample()
      try Self.begin(sample, at: path, finishing: isFinished)
      let before = try Sample.files(in: folder.path)
      var origin = sample.origin
      change.apply(&origin)
      let error = #expect(throws: FeatureError.self) {
        try FeatureStoreWriter(path: path, origin: origin, layers: sample.layers)
      }
      #expect(error?.code == .otherOrigin)
      #expect(error?.file == (isFinished ? path : path + ".journal"))
      for word in change.words + ["delete it"] {
        #expect(error?.message.contains(word) == true, "\(word) in: \(String(describing: error))")
      }
      // What is refused is kept.
      #expect(try Sample.files(in: folder.path) == before)
      let writer = try FeatureStoreWriter(path: path, origin: sample.origin, layers: sample.layers)
      #expect(writer.count == 3)
    }
  }

  @Test("Other layers, another shape of a layer, another type of number", arguments: [true, false])
  func layers(isFinished: Bool) throws {
    try TestData.withTemporaryFolder { folder in
      let path = folder.appending(path: "features.h5").path
      let sample = Sample(layers: RoundTripTests.layers)
      try Self.begin(sample, at: path, finishing: isFinished)
      func refusal(_ other: Sample, _ scalar: FeatureScalar = .float32) -> String {
        let error = #expect(throws: FeatureError.self) {
          try FeatureStoreWriter(path: path, origin: other.origin, layers: other.layers, scalar: scalar)
        }
        #expect(error?.code == .otherOrigin)
        return error?.message ?? ""
      }
      #expect(refusal(Sample()).contains("layers pool, nested/conv, not avg_pool"))
      #expect(refusal(Sample(layers: sample.layers.reversed())).contains("not nested/conv, pool"))
      var wider = sample
      wider.layers[0] = FeatureLayer(name: "pool", shape: [8])
      #expect(refusal(wider).contains("layer pool (7), not pool (8)"))
      #expect(refusal(sample, .float16).contains("numbers stored as float32, not float16"))
    }
  }

  @Test("Another name for the same weights makes no difference", arguments: [true, false])
  func renamedWeights(isFinished: Bool) throws {
    try TestData.withTemporaryFolder { folder in
      let path = folder.appending(path: "features.h5").path
      let sample = Sample()
      try Self.begin(sample, at: path, finishing: isFinished)
      var origin = sample.origin
      origin.weights = "another and much longer name of the same file.h5"
      let writer = try FeatureStoreWriter(path: path, origin: origin, layers: sample.layers)
      #expect(writer.count == 3)
      try sample.append(0..<4, to: writer)
      _ = try writer.finish(rows: Sample.rows(0..<4), classes: Sample.classes)
      let store = try FeatureStore(path: path)
      #expect(store.origin.weights == origin.weights)
      #expect(try store.table().features.scalars == (0..<4).flatMap { sample.features($0)[0] })
    }
  }

  @Test("No layers, doubled ones and ones without a name")
  func unusableLayers() throws {
    for names in [[], ["a", "b", "a"], [""], ["a\0"]] {
      let sample = Sample(layers: names.map { FeatureLayer(name: $0, shape: [2]) })
      let error = #expect(throws: FeatureError.self) {
        try FeatureStoreWriter(path: "nowhere/x.h5", origin: sample.origin, layers: sample.layers)
      }
      #expect(error?.code == .wrongLayer, "\(names)")
    }
  }

  @Test("Rows without features, and classes that do not fit, leave all as it was")
  func rows() throws {
    try TestData.withTemporaryFolder { folder in
      let path = folder.appending(path: "features.h5").path
      let sample = Sample()
      let writer = try FeatureStoreWriter(path: path, origin: sample.origin, layers: sample.layers)
      try sample.append(0..<3, to: writer)
      func refusal(_ rows: [FeatureRow], _ classes: [String]) -> FeatureError? {
        #expect(throws: FeatureError.self) { try writer.finish(rows: rows, classes: classes) }
      }
      let rows = Sample.rows(0..<3)
      let missing = refusal(Sample.rows(0..<4), Sample.classes)
      #expect(missing?.code == .missingFeatures && missing?.message.contains("photos/0/é 3.jpg") == true)
      #expect(refusal(rows, ["cat", "dog"])?.message.contains("class 2") == true)
      #expect(refusal(rows, [])?.code == .invalidValue)
      #expect(refusal(rows, ["cat", "dog", "cat"])?.message.contains("both named \"cat\"") == true)
      let unlabelled = [FeatureRow(path: "a", digest: Sample.digest(0))]
      #expect(refusal(unlabelled, Sample.classes)?.message.contains("a has no class") == true)
      #expect(!FileManager.default.fileExists(atPath: path))
      #expect(try writer.finish(rows: rows, classes: Sample.classes).stored == 3)
    }
  }

  @Test("Files of other kinds are neither read nor overwritten")
  func foreign() throws {
    try TestData.withTemporaryFolder { folder in
      let sample = Sample()
      let path = folder.appending(path: "features.h5").path
      func refusals(_ code: FeatureError.Code, _ words: String) throws {
        let before = try? Sample.bytes(path)
        #expect(!FeatureStore.isStore(path))
        let reading = #expect(throws: FeatureError.self) { try FeatureStore(path: path) }
        #expect(reading?.code == code)
        #expect(reading?.description.contains(words) == true, "\(String(describing: reading))")
        let writing = #expect(throws: FeatureError.self) {
          try FeatureStoreWriter(path: path, origin: sample.origin, layers: sample.layers)
        }
        #expect(writing?.code == code)
        #expect(writing?.message.contains("is in the way") == true)
        #expect(try Sample.files(in: folder.path) == ["features.h5"])
        #expect((try? Sample.bytes(path)) == before)
      }
      try Data("no HDF5 at all".utf8).write(to: URL(filePath: path))
      try refusals(.notFeatures, "not an HDF5 file")
      let weights = try HDF5File(path, mode: .create)
      try weights.root.setAttribute("layer_names", .strings(["conv1"]))
      try weights.close()
      try refusals(.notFeatures, "not a feature store")
      try FileManager.default.removeItem(atPath: path)
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
      try refusals(.cannotRead, "folder")
      try FileManager.default.removeItem(atPath: path)

      let missing = #expect(throws: FeatureError.self) { try FeatureStore(path: path) }
      #expect(missing?.code == .cannotRead && missing?.message.contains("No such file") == true)
      try Data("a letter to my aunt, kept here".utf8).write(to: URL(filePath: path + ".journal"))
      let journal = #expect(throws: FeatureError.self) {
        try FeatureStoreWriter(path: path, origin: sample.origin, layers: sample.layers)
      }
      #expect(journal?.code == .notFeatures && journal?.message.contains("not a journal") == true)
      #expect(try Sample.bytes(path + ".journal").count == 30)
    }
  }

  @Test("A store of a later version is not guessed at")
  func version() throws {
    try TestData.withTemporaryFolder { folder in
      let path = folder.appending(path: "features.h5").path
      try Sample().extract(0..<3, to: path)
      let file = try HDF5File(path, mode: .update)
      try file.root.setAttribute("format_version", .integer(2))
      try file.close()
      let error = #expect(throws: FeatureError.self) { try FeatureStore(path: path) }
      #expect(error?.code == .unknownVersion && error?.message.contains("version 2") == true)
    }
  }

  private static func begin(_ sample: Sample, at path: String, finishing: Bool) throws {
    let writer = try FeatureStoreWriter(path: path, origin: sample.origin, layers: sample.layers)
    try sample.append(0..<3, to: writer)
    if finishing { _ = try writer.finish(rows: Sample.rows(0..<3), classes: Sample.classes) }
  }
}
