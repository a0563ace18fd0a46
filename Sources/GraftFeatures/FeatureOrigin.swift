/// What features depend on besides the picture: two rows may stand in one table only if theirs is equal.
public struct FeatureOrigin: Sendable, Codable {
  /// The name of the network.
  public var architecture: String
  /// What the weights are called, for people to read; it makes no difference whether they are equal.
  public var weights: String
  /// The digest of the weights.
  public var weightsDigest: String
  /// The layers, in their order.
  public var layers: [String]
  /// How feature maps become vectors: `avg`, `max` or `none`.
  public var pooling: String
  /// How pictures become inputs, for people to read.
  public var preprocessing: String
  /// How pictures become inputs, for programs to read.
  public var preprocessingJSON: String
  /// The side of the network's input, in pixels.
  public var inputSize: Int
  /// What is done to pictures to vary them; `none` for nothing.
  public var augmentation: String
  /// The seed of what is random about it.
  public var seed: UInt64

  /// Describes where features come from.
  public init(
    architecture: String, weights: String = "", weightsDigest: String, layers: [String], pooling: String,
    preprocessing: String, preprocessingJSON: String, inputSize: Int, augmentation: String = "none",
    seed: UInt64 = 0
  ) {
    self.architecture = architecture
    self.weights = weights
    self.weightsDigest = weightsDigest
    self.layers = layers
    self.pooling = pooling
    self.preprocessing = preprocessing
    self.preprocessingJSON = preprocessingJSON
    self.inputSize = inputSize
    self.augmentation = augmentation
    self.seed = seed
  }
}

extension FeatureOrigin: Hashable {
  /// Whether features of both are the same for the same picture.
  public static func == (a: FeatureOrigin, b: FeatureOrigin) -> Bool {
    a.differences(from: b).isEmpty
  }

  /// Hashes what makes a difference.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(weightsDigest)
    hasher.combine(layers)
    hasher.combine(preprocessingJSON)
  }
}

extension FeatureOrigin {
  /// A point in which two origins differ.
  public struct Difference: Hashable, Sendable, CustomStringConvertible {
    /// What differs, in words.
    public let what: String
    /// How it is here.
    public let here: String
    /// How it is in the other.
    public let there: String

    /// The point and both values in one line.
    public var description: String { "\(what) \(there), not \(here)" }
  }

  /// The points in which this origin differs from another, the most telling first.
  public func differences(from other: FeatureOrigin) -> [Difference] {
    var differences: [Difference] = []
    func compare(_ what: String, _ here: String, _ there: String) {
      if here != there { differences.append(Difference(what: what, here: here, there: there)) }
    }
    compare("architecture", architecture, other.architecture)
    if weightsDigest != other.weightsDigest {
      compare("weights", namedWeights, other.namedWeights)
    }
    compare("layers", layers.joined(separator: ", "), other.layers.joined(separator: ", "))
    compare("pooling", pooling, other.pooling)
    compare("input size", "\(inputSize)", "\(other.inputSize)")
    compare("preprocessing", "\"\(preprocessing)\"", "\"\(other.preprocessing)\"")
    if preprocessing == other.preprocessing {
      compare("preprocessing", preprocessingJSON, other.preprocessingJSON)
    }
    compare("augmentation", augmentation, other.augmentation)
    compare("seed", "\(seed)", "\(other.seed)")
    return differences
  }

  private var namedWeights: String {
    weights.isEmpty ? weightsDigest : "\(weights) (\(weightsDigest))"
  }
}
