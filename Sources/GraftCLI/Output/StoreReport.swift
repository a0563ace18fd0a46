import Graft

/// What a feature store holds, as it is printed.
struct StoreReport: Encodable {
  private struct Layer: Encodable {
    let name: String
    let shape: [Int]
  }

  private struct Class: Encodable {
    let name: String
    let pictures: Int

    private enum CodingKeys: String, CodingKey {
      case name = "class"
      case pictures
    }
  }

  private let path: String
  private let kind = "feature store"
  private let pictures: Int
  private let type: String
  private let layers: [Layer]
  private let classes: [Class]
  private let origin: FeatureOrigin

  init(path: String, store: FeatureStore) {
    self.path = path
    pictures = store.count
    type = store.scalar.rawValue
    layers = store.layers.map { Layer(name: $0.name, shape: $0.shape.dimensions) }
    var counts: [Int: Int] = [:]
    for index in store.classIndices ?? [] { counts[index, default: 0] += 1 }
    classes = (store.labels?.names ?? []).enumerated().map { Class(name: $1, pictures: counts[$0] ?? 0) }
    origin = store.origin
  }

  /// The report for people.
  var text: String {
    var lines = [
      "feature store, \(Format.plural(pictures, "picture")), \(type)",
      "network        \(origin.architecture), input \(origin.inputSize)×\(origin.inputSize)",
      "weights        \(origin.weights) (\(origin.weightsDigest.prefix(16))…)",
      "preprocessing  \(origin.preprocessing)",
      "pooling        \(origin.pooling)",
    ]
    for layer in layers {
      lines.append("layer          \(layer.name): \(layer.shape.map(String.init).joined(separator: " × "))")
    }
    if classes.isEmpty {
      lines.append("no classes: the pictures came from a flat folder")
    } else {
      var table = TextTable([("class", .left), ("pictures", .right)])
      for entry in classes { table.add([entry.name, Format.count(entry.pictures)]) }
      lines += ["", table.text]
    }
    return lines.joined(separator: "\n")
  }
}
