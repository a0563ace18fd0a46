internal import Foundation
public import GraftData
public import GraftGraph
internal import GraftHDF5
public import GraftImage
internal import GraftKeras
public import GraftModels
internal import GraftTensor

/// A network that leaves Graft for Keras: one of the files that Keras opens, chosen by its ending.
///
/// ```swift
/// try ModelExport(.file("model.h5")).write(to: "model.keras")
/// ```
public struct ModelExport: Sendable {
  /// The files that are written.
  public enum Format: String, Sendable, Hashable, Codable, CaseIterable {
    /// A whole model in HDF5, for `keras.models.load_model` of Keras 2 and 3.
    case h5
    /// A `.keras` archive, for `keras.models.load_model` of Keras 3.
    case keras
    /// The weights alone as `.weights.h5`, for `model.load_weights`.
    case weights

    /// The format that a file's name ends in; nil for other endings.
    public init?(path: String) {
      let name = path.lowercased()
      if name.hasSuffix(".weights.h5") {
        self = .weights
      } else if name.hasSuffix(".h5") || name.hasSuffix(".hdf5") {
        self = .h5
      } else if name.hasSuffix(".keras") {
        self = .keras
      } else {
        return nil
      }
    }
  }

  /// The network that is written, with preprocessing before it if that was asked for.
  public let network: Network
  /// The name of its architecture.
  public let name: String
  /// What remains to be done to a picture before the network sees it.
  public let preprocessing: Preprocessing
  /// The names of the classes, if the network ends in a classifier whose classes are known.
  public let classes: Labels?
  /// What a user should know before trusting the file.
  public let warnings: [String]

  private let facts: ModelFacts?
  private let added: Set<String>

  /// Loads a model, or weights, to be written again.
  ///
  /// - Parameters:
  ///   - source: a model that Graft saved, or weights: with their classifier if they have one.
  ///   - architecture: the network; nil to recognise it from the file.
  ///   - inputSize: the side of the input in pixels; by default the weights' own.
  ///   - preprocessing: what is done to pictures otherwise than the weights say.
  ///   - includesPreprocessing: whether the arithmetic on pixels becomes layers, so that the model takes 0...255 in
  ///     the order R, G, B.
  /// - Throws: what `PretrainedNetwork` throws.
  public init(
    _ source: WeightSource, architecture: Architecture? = nil, inputSize: Int? = nil,
    preprocessing: PreprocessingChoice = PreprocessingChoice(), includesPreprocessing: Bool = false
  ) throws {
    let loader = NetworkLoader(
      source: source, architecture: architecture, inputSize: inputSize, preprocessing: preprocessing,
      part: .whole)
    let pretrained = try loader.loadWithClassifierIfAny()
    warnings = pretrained.warnings
    name = pretrained.name
    classes = pretrained.classes
    var facts = pretrained.facts
    if facts == nil, pretrained.network.graph.output.shape.rank == 1, let classes {
      facts = ModelFacts(
        architecture: pretrained.name, preprocessing: pretrained.preprocessing,
        inputSize: pretrained.inputSize,
        classes: classes, weights: pretrained.source.lasting, weightsDigest: pretrained.digest,
        layer: (try? pretrained.network.graph.withoutHead().output.name) ?? "", pooling: .none)
    }
    var left = pretrained.preprocessing
    if includesPreprocessing {
      (network, added) = try pretrained.network.preceded(by: left.mode)
      left.mode = .none
    } else {
      (network, added) = (pretrained.network, [])
    }
    facts?.preprocessing = left
    facts?.inputSize = pretrained.inputSize
    self.facts = facts
    self.preprocessing = left
  }

  /// Checks, before the work, that a file can be written at `path` without loss, and gives its format.
  ///
  /// - Throws: `WeightError` with code `.unsuitable` for another ending, a folder that is missing or cannot be
  ///   written, and a file that is there and was not written by Graft.
  public static func checkDestination(_ path: String) throws -> Format {
    guard let format = Format(path: path) else {
      throw WeightError(
        .unsuitable, "\"\(path)\": the ending says what is written: .keras, .h5 or .weights.h5")
    }
    try Destination.check(
      path,
      isReplaceable: { path in
        guard !FeatureStore.isStore(path), let file = try? KerasFile(path: path) else { return false }
        return (try? file.hdf5.root.groupIfPresent(ModelFacts.group)) != nil
      }, or: "and no model that Graft wrote")
    return format
  }

  /// Writes the file; until it is whole, what stood there before stands there still.
  ///
  /// - Throws: `WeightError` as `checkDestination(_:)` does, `ImportError` with code `.cannotWrite`.
  public func write(to path: String) throws {
    let format = try Self.checkDestination(path)
    func extra(_ file: HDF5File) throws {
      // Weights alone do not show it.
      try file.root.setAttribute("input_size", .integer(network.graph.inputShape[0]))
      if let facts {
        try facts.write(to: file)
      } else {
        try preprocessing.write(to: file)
      }
    }
    switch format {
    case .h5:
      try KerasModelFile.write(network, name: name, to: path, frozen: added, extra: extra)
    case .keras:
      try KerasModelFile.writeArchive(
        network, name: name, to: path, frozen: added, remarks: try remarks(), extra: extra)
    case .weights:
      try KerasModelFile.writeWeights(network, to: path, extra: extra)
    }
  }

  /// What `metadata.json` of a `.keras` file says for people and scripts.
  private struct Remarks: Encodable {
    let architecture: String
    let inputSize: Int
    let preprocessing: String
    let mode: Preprocessing.Mode
    let classes: [String]?
  }

  private func remarks() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    let size = network.graph.inputShape[0]
    let remarks = Remarks(
      architecture: name, inputSize: size, preprocessing: preprocessing.summary(size: size),
      mode: preprocessing.mode, classes: classes?.names)
    return String(decoding: try encoder.encode(remarks), as: UTF8.self)
  }
}

extension Network {
  /// The network with the arithmetic of a preprocessing before it, in layers that every Keras has, and the names of
  /// these layers.
  fileprivate func preceded(by mode: Preprocessing.Mode) throws -> (Network, added: Set<String>) {
    guard mode != .none else { return (self, []) }
    var builder = GraphBuilder()
    let nodes = graph.nodes
    builder.begin(stage: nodes[0].stage)
    let taken = Set(nodes.map(\.name))
    var added: Set<String> = []
    func unused(_ name: String) -> String {
      var name = name
      while taken.contains(name) { name += "_" }
      added.insert(name)
      return name
    }
    var parameters = parameters
    var x = builder.input(nodes[0].shape, nodes[0].name)
    switch mode {
    case .none: break
    case .tf: x = builder.rescaling(x, scale: 1 / 127.5, offset: -1, unused("preprocessing"))
    case .torch:
      x = builder.rescaling(x, scale: 1 / 255, offset: 0, unused("preprocessing_scale"))
      let variance = Preprocessing.torchDeviations.map { Float(Double("\($0)").map { $0 * $0 } ?? 0) }
      x = builder.normalization(
        x, by: Normalization.Figures(mean: Preprocessing.torchMeans, variance: variance),
        unused("preprocessing"))
    case .caffe:
      // A 1 x 1 convolution exchanges red and blue and takes the means away: Keras has no layer that reorders channels.
      let name = unused("preprocessing")
      x = builder.convolution(x, filters: 3, kernel: 1, name)
      parameters[name, "kernel"] = Tensor(shape: [1, 1, 3, 3], scalars: [0, 0, 1, 0, 1, 0, 1, 0, 0])
      parameters[name, "bias"] = Tensor(shape: [3], scalars: Preprocessing.caffeMeans.map { -$0 })
    }
    var values = [x]
    for node in nodes.dropFirst() {
      builder.begin(stage: node.stage)
      values.append(builder.layer(node.operation, node.inputs.map { values[$0] }, node.name))
    }
    return (try Network(graph: builder.graph(), parameters: parameters), added)
  }
}
