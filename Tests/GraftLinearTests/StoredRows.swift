import Foundation
import GraftFeatures
import GraftSupport
import GraftTensor

/// Two feature stores of the same rows, in single and in half precision; removed when it is told so.
struct StoredRows {
  let folder: URL
  var single: String { folder.appending(path: "single.h5").path }
  var half: String { folder.appending(path: "half.h5").path }

  init(rows: Int, width: Int, classes: Int) throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "stored-rows-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let data = Drawn(rows: rows, width: width, classes: classes, spread: 1, seed: 41)
    for (path, scalar) in [(single, FeatureScalar.float32), (half, .float16)] {
      try Self.write(data, width: width, classes: classes, scalar, to: path)
    }
  }

  func remove() { try? FileManager.default.removeItem(at: folder) }

  private static func write(
    _ data: Drawn, width: Int, classes: Int, _ scalar: FeatureScalar, to path: String
  ) throws {
    let layers = [FeatureLayer(name: "avg_pool", shape: [width])]
    let origin = FeatureOrigin(
      architecture: "none", weightsDigest: "0", layers: layers.map(\.name), pooling: "avg",
      preprocessing: "none", preprocessingJSON: "{}", inputSize: 1)
    let writer = try FeatureStoreWriter(path: path, origin: origin, layers: layers, scalar: scalar)
    var rows: [FeatureRow] = []
    for (row, label) in data.classIndices.enumerated() {
      let digest = Digest.sha256(of: Array("picture \(row)".utf8))
      let features = Array(data.features.scalars[row * width..<(row + 1) * width])
      try features.withUnsafeBufferPointer { try writer.append(digest: digest, features: [$0]) }
      rows.append(FeatureRow(path: "\(row).jpg", digest: digest, label: label))
    }
    _ = try writer.finish(rows: rows, classes: (0..<classes).map { "class \($0)" })
  }
}
