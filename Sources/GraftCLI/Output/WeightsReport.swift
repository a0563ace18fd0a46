import Graft

/// What a weight file or a model holds, as it is printed.
struct WeightsReport: Encodable {
  private struct Layer: Encodable {
    let name: String
    let kind: String
    let stage: String
    let outputShape: [Int]
    let parameters: Int
    let source: String?
  }

  private struct FileLayer: Encodable {
    let name: String
    let weights: [String]
    let shapes: [[Int]]
  }

  /// By what the layers of the network were found in the file.
  private struct Matched: Encodable {
    let byName: Int
    let byPosition: Int
    let byDigest: Int
  }

  /// The constants of batch normalizations, which weights alone do not hold.
  private struct Normalizations: Encodable {
    let epsilon: [Float]
    let momentum: [Float]
    let takenFrom: String
  }

  private struct Saved: Encodable {
    let weights: String
    let weightsDigest: String
    let layer: String
    let pooling: String
    let training: String
    let temperature: Double?
  }

  private let path: String
  private let kind: String
  private let generation: String
  private let keras: String?
  private let sha256: String
  private let published: String?
  private let architecture: String?
  private let inputSize: Int?
  private let hasTop: Bool?
  private let classes: Labels?
  private let endsAt: String?
  private let preprocessing: String?
  private let parameters: Int
  private let matched: Matched?
  private let normalizations: Normalizations?
  private let layers: [Layer]
  private let fileLayers: [FileLayer]
  private let saved: Saved?
  private let warnings: [String]
  private let problem: String?

  init(path: String, inspection: WeightsInspection) {
    let (file, pretrained) = (inspection.file, inspection.pretrained)
    self.path = path
    let container =
      switch file.container {
      case .legacyWeights: "Keras weights (legacy HDF5)"
      case .wholeModel: "Keras model (HDF5)"
      case .weights: "Keras 3 weights (.weights.h5)"
      case .archive: "Keras model (.keras)"
      }
    kind = pretrained?.facts == nil ? container : "Graft model, a \(container)"
    // Graft puts a version there too, for Keras's sake.
    keras = pretrained?.facts == nil ? file.kerasVersion : nil
    generation = file.generation.rawValue
    matched = pretrained?.matches.map {
      Matched(byName: $0.count(.name), byPosition: $0.count(.position), byDigest: $0.count(.digest))
    }
    normalizations = pretrained.flatMap { pretrained in
      let attributes = pretrained.network.graph.nodes.compactMap { node in
        if case .batchNormalization(let attributes) = node.operation { attributes } else { nil }
      }
      guard !attributes.isEmpty else { return nil }
      return Normalizations(
        epsilon: Set(attributes.map(\.epsilon)).sorted(), momentum: Set(attributes.map(\.momentum)).sorted(),
        takenFrom: pretrained.isDescribedByFile ? "file" : "architecture")
    }
    sha256 = inspection.digest
    published = inspection.published?.name
    architecture = pretrained?.name
    inputSize = pretrained?.inputSize
    let graph = pretrained?.network.graph
    hasTop = graph.map { $0.output.stage == Graph.headStage && $0.output.shape.rank == 1 }
    classes = pretrained?.facts?.classes
    endsAt = inspection.lastLayer
    preprocessing = pretrained.flatMap { inspection.preprocessing?.summary(size: $0.inputSize) }
    parameters = file.parameterCount
    var sources: [String: [String]] = [:]
    for row in pretrained?.matches?.rows ?? [] where !(sources[row.layer] ?? []).contains(row.fileLayer) {
      sources[row.layer, default: []].append(row.fileLayer)
    }
    layers =
      graph.map { graph in
        graph.nodes.map { node in
          Layer(
            name: node.name, kind: node.operation.kerasName, stage: node.stage,
            outputShape: node.shape.dimensions,
            parameters: graph.parameterShapes(of: node).reduce(0) { $0 + $1.shape.count },
            source: sources[node.name]?.joined(separator: ", "))
        }
      } ?? []
    fileLayers = file.weightedLayers.map {
      FileLayer(name: $0.name, weights: $0.weights.map(\.name), shapes: $0.weights.map(\.shape.dimensions))
    }
    saved = pretrained?.facts.map {
      Saved(
        weights: $0.weights, weightsDigest: $0.weightsDigest, layer: $0.layer, pooling: $0.pooling.rawValue,
        training: $0.training, temperature: $0.temperature)
    }
    warnings = pretrained?.matches?.warnings.map { "\($0)" } ?? []
    problem = inspection.problem
  }

  /// The report for people.
  var text: String {
    let spelling = ["keras1": "Keras 1's names", "keras2": "Keras 2's names", "keras3": "Keras 3's names"]
    var lines = [
      "\(kind)" + (keras.map { ", written by Keras \($0)" } ?? "")
        + (spelling[generation].map { ", \($0)" } ?? "")
    ]
    if let architecture {
      var line = "architecture   \(architecture)"
      if let endsAt {
        line += ", only up to the layer \(endsAt)"
      } else if saved != nil {
        line += ", with a classifier of its own"
      } else if hasTop == true {
        line += ", with top"
      } else {
        line += ", without top"
      }
      lines.append(line)
    }
    if let inputSize { lines.append("input          \(inputSize)×\(inputSize) pixels") }
    if let preprocessing {
      lines.append("preprocessing  \(preprocessing)")
    } else if architecture != nil {
      lines.append("preprocessing  the file does not say; graft extract wants it as --preprocessing")
    }
    if let classes {
      lines.append(
        "classes        \(classes.count): \(classes.names.prefix(12).joined(separator: ", "))\(classes.count > 12 ? ", …" : "")"
      )
    }
    if let saved { lines.append("trained on     \(saved.layer) of \(saved.weights)") }
    if let temperature = saved?.temperature {
      lines.append("calibrated     with temperature \(Format.decimal(temperature, 3))")
    }
    lines.append("parameters     \(Format.count(parameters))")
    if let matched {
      let grounds = [
        ("name", matched.byName), ("position and shape", matched.byPosition), ("digest", matched.byDigest),
      ]
      let words = grounds.filter { $0.1 > 0 }.map { "\(Format.plural($0.1, "layer")) by \($0.0)" }
      if !words.isEmpty { lines.append("matched        \(words.joined(separator: ", "))") }
    }
    if let normalizations {
      func list(_ values: [Float]) -> String { values.map { "\($0)" }.joined(separator: ", ") }
      lines.append(
        "normalizations epsilon \(list(normalizations.epsilon)), momentum \(list(normalizations.momentum)), taken from "
          + (normalizations.takenFrom == "file" ? "the file's configuration" : "the architecture"))
    }
    if let published { lines.append("published as   \(published)") }
    lines.append("SHA-256        \(sha256)")
    lines += warnings.map { "warning: \($0)" }
    lines.append("")
    lines.append(layers.isEmpty ? fileTable : layerTable)
    if let problem { lines += ["", problem] }
    return lines.joined(separator: "\n")
  }

  private var layerTable: String {
    var table = TextTable([
      ("layer", .left), ("type", .left), ("output shape", .left), ("parameters", .right),
      ("in the file", .left),
    ])
    for layer in layers {
      table.add([
        layer.name, layer.kind, layer.outputShape.map(String.init).joined(separator: " × "),
        layer.parameters == 0 ? "" : Format.count(layer.parameters),
        layer.source.map { $0 == layer.name ? "" : $0 } ?? "",
      ])
    }
    return table.text
  }

  private var fileTable: String {
    var table = TextTable([("layer in the file", .left), ("array", .left), ("shape", .left)])
    for layer in fileLayers {
      for (index, name) in layer.weights.enumerated() {
        table.add([
          index == 0 ? layer.name : "", name, layer.shapes[index].map(String.init).joined(separator: " × "),
        ])
      }
    }
    return table.text
  }
}
