import Foundation
import GraftFeatures
import GraftSupport
import GraftTensor

/// Pictures and features made up by a seeded generator; features depend on the picture alone.
struct Sample {
  var layers: [FeatureLayer] = [FeatureLayer(name: "avg_pool", shape: [5])]

  var origin: FeatureOrigin {
    FeatureOrigin(
      architecture: "mobilenet_v2", weights: "mobilenet_v2_1.0_224.h5", weightsDigest: "md5:0a1b2c",
      layers: layers.map(\.name), pooling: "avg", preprocessing: "to 224 pixels, x / 127.5 - 1",
      preprocessingJSON: #"{"mode":"tf"}"#, inputSize: 224, seed: .max)
  }

  /// The digest of the picture of this number.
  static func digest(_ picture: Int) -> String { Digest.sha256(of: Array("picture \(picture)".utf8)) }

  /// The rows of pictures 0 ..< `count` of three classes.
  static func rows(_ pictures: some Sequence<Int>) -> [FeatureRow] {
    pictures.map { FeatureRow(path: "photos/\($0 % 3)/é \($0).jpg", digest: digest($0), label: $0 % 3) }
  }

  static let classes = ["cat", "dog", "„eel”, \"long\""]

  /// What the network gives for a picture; exact in half precision where asked for.
  func features(_ picture: Int) -> [[Float]] {
    layers.map { layer in
      var generator = SeededGenerator(seed: UInt64(picture), stream: layer.name)
      return (0..<layer.shape.count).map { _ in Float(generator.normal()) }
    }
  }

  func append(_ pictures: some Sequence<Int>, to recorder: some FeatureRecorder) throws {
    for picture in pictures where !recorder.hasRow(digest: Self.digest(picture)) {
      try recorder.append(digest: Self.digest(picture), features: features(picture))
    }
  }

  /// Opens, appends and finishes.
  @discardableResult
  func extract(
    _ pictures: some Sequence<Int>, to path: String, scalar: FeatureScalar = .float32
  ) throws -> FeatureStoreWriter.FinishReport {
    let writer = try FeatureStoreWriter(path: path, origin: origin, layers: layers, scalar: scalar)
    try append(pictures, to: writer)
    return try writer.finish(rows: Self.rows(pictures), classes: Self.classes)
  }

  static func bytes(_ path: String) throws -> Data { try Data(contentsOf: URL(filePath: path)) }

  /// The names of the files in a folder, sorted.
  static func files(in folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
  }
}
