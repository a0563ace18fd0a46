public import GraftGraph
public import GraftImage
public import GraftModels
public import GraftKeras
internal import GraftTensor

/// A network with its weights and everything that belongs to them: preprocessing, input size, class names.
public struct PretrainedNetwork: Sendable {
  /// Layers and weights; layers alone in a `FeatureExtractor` that does not keep the weights.
  public internal(set) var network: Network
  /// What it is called: the architecture's name, or that of the model in the file.
  public let name: String
  /// What is done to a picture before the network sees it.
  public internal(set) var preprocessing: Preprocessing
  /// The names of the classes, if the network has a classifier whose classes are known.
  public let classes: Labels?
  /// Where the weights came from.
  public let source: WeightSource
  /// A digest of the weights: SHA-256 of the file's bytes, or a description of random weights.
  public let digest: String
  /// What a model that Graft saved says about its making.
  public let facts: ModelFacts?
  /// Which array of the file went where, with remarks that a user should see; nil for random weights.
  public let matches: MatchTable?
  /// The arithmetic on pixels that the weights were trained with, where that is known.
  let usualMode: Preprocessing.Mode?
  /// Whether the layers with their constants are those that the file itself describes, rather than the architecture's.
  public let isDescribedByFile: Bool

  /// The side of the network's input, in pixels.
  public var inputSize: Int { network.graph.inputShape[0] }

  /// Loads a network.
  ///
  /// - Parameters:
  ///   - source: where the weights come from.
  ///   - architecture: the network; nil to recognise it from the file.
  ///   - inputSize: the side of the input in pixels; by default the weights' own.
  ///   - preprocessing: what is done to pictures otherwise than the weights say.
  ///   - layers: the layers whose results are wanted, so that weights behind them need not be read; empty for
  ///     the last layer before the classifier.
  /// - Throws: `ImportError` for a file that fits no network, `WeightError` for a name that is not known,
  ///   `ArchitectureError` for a size that is too small, `GraphError` for a layer that is not there.
  public init(
    _ source: WeightSource, architecture: Architecture? = nil, inputSize: Int? = nil,
    preprocessing: PreprocessingChoice = PreprocessingChoice(), layers: [String] = []
  ) throws {
    let loader = NetworkLoader(
      source: source, architecture: architecture, inputSize: inputSize, preprocessing: preprocessing,
      part: .layers(layers))
    self = try loader.load()
  }

  /// Loads a network with its classifier.
  ///
  /// - Throws: as `init(_:architecture:inputSize:preprocessing:layers:)` does, and `WeightError` with code
  ///   `.unsuitable` if the weights have no classifier.
  public init(
    classifier source: WeightSource, architecture: Architecture? = nil, inputSize: Int? = nil,
    preprocessing: PreprocessingChoice = PreprocessingChoice()
  ) throws {
    let loader = NetworkLoader(
      source: source, architecture: architecture, inputSize: inputSize, preprocessing: preprocessing,
      part: .whole)
    self = try loader.load()
  }

  init(
    network: Network, name: String, preprocessing: Preprocessing, classes: Labels?, source: WeightSource,
    digest: String, facts: ModelFacts?, matches: MatchTable?, usualMode: Preprocessing.Mode? = nil,
    isDescribedByFile: Bool = false
  ) {
    self.network = network
    self.name = name
    self.preprocessing = preprocessing
    self.classes = classes
    self.source = source
    self.digest = digest
    self.facts = facts
    self.matches = matches
    self.usualMode = usualMode
    self.isDescribedByFile = isDescribedByFile
  }

  /// Three lines: name and input size, weights, preprocessing.
  public var summary: String {
    """
    network        \(name), input \(inputSize)×\(inputSize)
    weights        \(source)
    preprocessing  \(preprocessing.summary(size: inputSize))
    """
  }

  /// What a user should know before trusting results: doubts about the import, and preprocessing that is not
  /// the weights' own.
  public var warnings: [String] {
    var warnings = matches?.warnings.map { "\($0)" } ?? []
    if let usual = usualMode, usual != preprocessing.mode {
      warnings.append(
        "these weights were trained on pictures prepared as \(usual.rawValue), not \(preprocessing.mode.rawValue)"
          + "; results will be poor")
    }
    return warnings
  }
}
