public import GraftData
internal import GraftEngine
public import GraftGraph
public import GraftImage
public import GraftLinear
internal import Foundation
internal import GraftKeras
internal import GraftTensor

/// A network that tells classes of pictures apart, with all that belongs to it; or, by its `task`, says which labels hold
/// or where a picture's object is.
///
/// ```swift
/// let model = try ImageClassifier(contentsOf: "model.h5")
/// print(try model.predict(Image(contentsOf: "cat.jpg")).label)
/// ```
public struct ImageClassifier: Sendable {
  /// Layers and weights; the output is one probability a class, or the coordinates of a box.
  public let network: Network
  /// The classes, in the order of the outputs.
  public let classes: Labels
  /// What is done to a picture before the network sees it.
  public let preprocessing: Preprocessing
  /// Three lines: name and input size, weights, preprocessing.
  public let summary: String
  /// What a user should know before trusting results; see `PretrainedNetwork.warnings`.
  public let warnings: [String]
  /// What a saved model says about itself beside its network.
  public let facts: ModelFacts

  let plan: InferencePlan

  /// What the model is asked about a picture.
  public var task: PictureTask { facts.task }

  /// The side of the network's input, in pixels.
  public var inputSize: Int { network.graph.inputShape[0] }

  /// Uses a pretrained network with its own classifier.
  ///
  /// - Throws: `WeightError` with code `.unsuitable` if the network ends in no classifier; `EngineError`.
  public init(_ pretrained: PretrainedNetwork) throws {
    let warnings = pretrained.warnings + (pretrained.givesLogits ? [pretrained.logitsWarning] : [])
    let pretrained = try pretrained.withProbabilities()
    let classes = try pretrained.outputLabels()
    // What was chosen otherwise than the weights say is part of the model from here on.
    var facts =
      try pretrained.facts
      ?? ModelFacts(
        architecture: pretrained.name, preprocessing: pretrained.preprocessing,
        inputSize: pretrained.inputSize,
        classes: classes, weights: pretrained.source.lasting, weightsDigest: pretrained.digest,
        layer: pretrained.network.graph.withoutHead().output.name, pooling: .none)
    facts.preprocessing = pretrained.preprocessing
    facts.inputSize = pretrained.inputSize
    facts.task = pretrained.task
    self.init(
      network: pretrained.network, classes: classes, preprocessing: pretrained.preprocessing,
      summary: pretrained.summary, warnings: warnings, facts: facts,
      plan: try InferencePlan(pretrained.network))
  }

  /// Reads a saved model, or a Keras file with a classifier.
  ///
  /// - Throws: `ImportError` for a file that is no network, `WeightError` for one without a classifier.
  public init(contentsOf path: String) throws {
    try self.init(PretrainedNetwork(classifier: .file(path)))
  }

  /// Puts a linear classifier on the network that its features came from; those of several layers stand side by side.
  ///
  /// - Throws: `GraphError` if the classifier was trained on features of another width; `WeightError` with code
  ///   `.unsuitable` if the extractor does not keep its weights.
  public init(_ extractor: FeatureExtractor, head: LinearClassifier) throws {
    let pretrained = extractor.pretrained
    guard extractor.keepsWeights else {
      throw WeightError(
        .unsuitable,
        "this extractor of \(pretrained.name) has let its weights go, and a classifier needs them; make it with "
          + "keepsWeights: true")
    }
    let layers = extractor.layers.map(\.name)
    let trunk = try Network(
      graph: pretrained.network.graph.truncated(at: layers), parameters: pretrained.network.parameters)
    let network = try trunk.addingHead(head, on: layers, pooling: extractor.pooling)
    let facts = ModelFacts(
      architecture: pretrained.name, preprocessing: pretrained.preprocessing,
      inputSize: pretrained.inputSize, classes: head.labels, weights: pretrained.source.lasting,
      weightsDigest: pretrained.digest, layer: layers.joined(separator: ", "), pooling: extractor.pooling,
      training: try head.facts())
    self.init(
      network: network, classes: head.labels, preprocessing: pretrained.preprocessing,
      summary: pretrained.summary, warnings: pretrained.warnings, facts: facts,
      plan: try InferencePlan(network))
  }

  init(
    network: Network, classes: Labels, preprocessing: Preprocessing, summary: String,
    warnings: [String], facts: ModelFacts, plan: InferencePlan
  ) {
    self.network = network
    self.classes = classes
    self.preprocessing = preprocessing
    self.summary = summary
    self.warnings = warnings
    self.facts = facts
    self.plan = plan
  }

  /// What the model says about a picture.
  ///
  /// - Throws: `EngineError` if memory runs out.
  public func predict(_ image: Image) throws -> Prediction {
    let size = inputSize
    let input = Tensor(shape: [1, size, size, 3], scalars: preprocessing.input(from: image, size: size))
    return Prediction(probabilities: try plan.run(input)[0].scalars, classes: classes)
  }

  /// Returns the same model for pictures of another size: layers before a global pooling take any.
  ///
  /// - Throws: `GraphError` where a layer does not fit the new size; `EngineError`.
  public func resized(to size: Int) throws -> ImageClassifier {
    guard size != inputSize else { return self }
    let network = try network.resized(height: size, width: size)
    var facts = facts
    facts.inputSize = size
    return ImageClassifier(
      network: network, classes: classes, preprocessing: preprocessing, summary: summary,
      warnings: warnings, facts: facts, plan: try InferencePlan(network))
  }

  /// Saves the model: a Keras file that `keras.models.load_model` opens, with Graft's facts beside it.
  ///
  /// - Throws: `FileError`, `HDF5Error`; then what stood at `path` before still stands there.
  public func save(to path: String) throws {
    try KerasModelFile.write(network, name: facts.architecture, to: path) { file in
      try facts.write(to: file)
    }
  }
}

extension Network {
  /// The network with a classifier on layers, which are pooled as its features were.
  fileprivate func addingHead(
    _ head: LinearClassifier, on layers: [String], pooling: FeaturePooling
  ) throws -> Network {
    var builder = GraphBuilder(continuing: graph)
    let ends = layers.map { builder.value(named: $0) ?? builder.last }
    builder.begin(stage: Graph.headStage)
    let vectors = ends.map { end in
      guard builder.shape(of: end).rank == 3 else { return end }
      guard let kind = pooling.global else { return builder.flatten(end, builder.unusedName("flatten")) }
      return builder.globalPooling(
        end, kind, builder.unusedName(kind == .average ? "avg_pool" : "max_pool"))
    }
    let x =
      vectors.count == 1 ? vectors[0] : builder.concatenate(vectors, builder.unusedName("features"))
    let name = builder.unusedName("predictions")
    _ = builder.dense(
      x, units: head.labels.count, activation: head.activation == .sigmoid ? .sigmoid : .softmax, name)
    var parameters = parameters
    parameters[name, "kernel"] = head.kernel
    parameters[name, "bias"] = head.bias
    return try Network(graph: builder.graph(), parameters: parameters)
  }
}

extension LinearClassifier {
  /// How the classifier, or each that it was blended of, was trained: JSON, the same text for equal values.
  fileprivate func facts() throws -> String {
    if let training { return try training.json() }
    return members.isEmpty ? "{}" : try Training.json(["members": members])
  }
}

extension LinearClassifier.Training {
  /// The facts as JSON, the same text for equal values.
  func json() throws -> String { try Self.json(self) }

  fileprivate static func json(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }
}
