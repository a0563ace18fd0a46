internal import GraftEngine
public import GraftFeatures
internal import GraftGraph
public import GraftImage
public import GraftModels
internal import GraftTensor

/// A frozen network that turns pictures into features.
///
/// ```swift
/// let extractor = try FeatureExtractor(.resNet50, weights: .file("resnet50_notop.h5"))
/// let vector = try extractor.features(of: Image(contentsOf: "cat.jpg"))  // 2048 numbers
/// ```
///
/// Features of a picture are the same bits whatever the batch and the number of threads.
public struct FeatureExtractor: Sendable {
  /// The network, its preprocessing and where its weights come from; without the weights themselves where they are not
  /// kept.
  public let pretrained: PretrainedNetwork
  /// The layers that features are taken of, with the shape that is kept for a picture.
  public let layers: [FeatureLayer]
  /// What is kept of a feature map.
  public let pooling: FeaturePooling
  /// Everything that features depend on besides the picture.
  public let origin: FeatureOrigin
  /// Whether `pretrained` has its weights, so that a classifier can be put on the network.
  public let keepsWeights: Bool

  let plan: InferencePlan
  /// Adds up what the layers take, if that is wanted.
  var profiler: PlanProfiler?

  /// Loads a network for its features.
  ///
  /// - Parameters:
  ///   - architecture: the network; nil to recognise it from the file.
  ///   - weights: where the weights come from.
  ///   - layers: the layers to take features of; by default the last one before the classifier.
  ///   - pooling: what is kept of a feature map.
  ///   - inputSize: the side of the network's input in pixels; by default the weights' own.
  ///   - preprocessing: what is done to pictures otherwise than the weights say.
  /// - Throws: `ImportError` for a file that fits no network, `WeightError` for a name that is not known,
  ///   `ArchitectureError` for a size that is too small, `GraphError` for a layer that is not there.
  public init(
    _ architecture: Architecture? = nil, weights: WeightSource = .embedded, at layers: [String] = [],
    pooling: FeaturePooling = .avg, inputSize: Int? = nil,
    preprocessing: PreprocessingChoice = PreprocessingChoice()
  ) throws {
    try self.init(
      PretrainedNetwork(
        weights, architecture: architecture, inputSize: inputSize, preprocessing: preprocessing,
        layers: layers),
      at: layers, pooling: pooling)
  }

  /// Takes features of a network that is loaded already.
  ///
  /// - Parameter keepsWeights: whether a classifier may be put on the network later. Otherwise only the compiled
  ///   network is kept, which takes half the memory if the caller keeps no copy either.
  /// - Throws: `GraphError` for a layer that is not there.
  public init(
    _ pretrained: consuming PretrainedNetwork, at layers: [String] = [], pooling: FeaturePooling = .avg,
    keepsWeights: Bool = true
  ) throws {
    let graph = pretrained.network.graph
    let names = layers.isEmpty ? [try graph.withoutHead().output.name] : layers
    let (cut, outputs) = try graph.extracting(names, pooling: pooling)
    let network = try Network(graph: cut, parameters: pretrained.network.parameters)
    if !keepsWeights { pretrained.network = Network(withoutWeights: graph) }
    self.pretrained = pretrained
    self.pooling = pooling
    self.keepsWeights = keepsWeights
    self.layers = try zip(names, outputs).map { name, output in
      FeatureLayer(name: name, shape: try cut.node(named: output).shape)
    }
    plan = try InferencePlan(consume network, outputs: outputs)
    origin = FeatureOrigin(
      architecture: self.pretrained.name, weights: self.pretrained.source.lasting,
      weightsDigest: self.pretrained.digest, layers: names, pooling: pooling.rawValue,
      preprocessing: self.pretrained.preprocessing.summary(size: self.pretrained.inputSize),
      preprocessingJSON: try self.pretrained.preprocessing.json(), inputSize: self.pretrained.inputSize)
  }

  /// The features of one picture at the first layer.
  ///
  /// - Throws: `EngineError` if memory runs out.
  public func features(of image: Image) throws -> [Float] {
    let size = pretrained.inputSize
    let input = Tensor(
      shape: [1, size, size, 3], scalars: pretrained.preprocessing.input(from: image, size: size))
    return try plan.run(input)[0].scalars
  }
}
