public import GraftData

/// What a probe found: layers from the input to the output, an ensemble, and what follows from them.
public struct ProbeResult: Sendable, Encodable {
  /// How well a classifier does.
  public struct Score: Sendable, Hashable, Encodable {
    /// The share of pictures that are right while they are held out in cross-validation.
    public let accuracy: Double
    /// Between which shares it lies at 95 %: Wilson's interval for as many independent pictures as those in groups are
    /// worth.
    public let interval: ClosedRange<Double>
    /// The mean of -ln of the probability given to the right class.
    public let logLoss: Double
    /// The share of the data set's held-out pictures that are right; nil where there are none. It had no part in any
    /// choice.
    public let validationAccuracy: Double?

    private enum CodingKeys: CodingKey {
      case accuracy
      case low
      case high
      case logLoss
      case validationAccuracy
    }

    /// Writes the figures side by side.
    public func encode(to encoder: any Encoder) throws {
      var values = encoder.container(keyedBy: CodingKeys.self)
      try values.encode(accuracy, forKey: .accuracy)
      try values.encode(interval.lowerBound, forKey: .low)
      try values.encode(interval.upperBound, forKey: .high)
      try values.encode(logLoss, forKey: .logLoss)
      try values.encodeIfPresent(validationAccuracy, forKey: .validationAccuracy)
    }
  }

  /// A probed layer.
  public struct Layer: Sendable, Encodable {
    /// Where it is.
    public let point: ProbePoint
    /// The number of features.
    public let width: Int
    /// The strength of the penalty that predicts held-out pictures best.
    public let l2: Double
    /// The share of training pictures that the classifier on all of them gets right.
    public let trainingAccuracy: Double
    /// How well it does on others.
    public let score: Score
  }

  /// Classifiers on several layers, joined as `LinearClassifier.init(blending:)` does.
  public struct Ensemble: Sendable, Encodable {
    /// Positions among the layers, the weightiest first; one where a second does not help.
    public let members: [Int]
    /// The weight of each member.
    public let weights: [Double]
    /// How good ensembles are that are chosen so: each picture is predicted by one chosen without it.
    public let score: Score
    /// By how much it does better than the last layer.
    public let overLast: ProbeDifference
  }

  /// The network.
  public let network: String
  /// The classes.
  public let labels: Labels
  /// The training pictures of each class that were used.
  public let classCounts: [Int]
  /// The training pictures that there are.
  public let trainingCount: Int
  /// The data set's held-out pictures.
  public let validationCount: Int
  /// How the data set is divided, in words.
  public let division: String
  /// Folds of the cross-validation.
  public let folds: Int
  /// Groups of look-alike pictures that were held out together; nil where each was by itself.
  public let groups: Int?
  /// The accuracy of the last layer if look-alike pictures are not held out together.
  public let mixedAccuracy: Double
  /// The layers.
  public let layers: [Layer]
  /// The best single layer: how good layers are that are chosen so, and by how much better than the last.
  public let bestLayer: Ensemble
  /// The ensemble.
  public let ensemble: Ensemble
  /// What to do: the recommended linear classifier first, then what may do better.
  public let recommendations: [Recommendation]
  /// Pictures that were left out, and why.
  public let skipped: [SkippedPicture]

  /// What to do first.
  public var recommended: Recommendation { recommendations[0] }
}

/// What a probe recommends.
public struct Recommendation: Sendable, Hashable, Encodable {
  /// The sort of transfer.
  public enum Kind: String, Sendable, Hashable, Codable {
    /// A linear classifier on the last layer.
    case lastLayer
    /// A linear classifier on an earlier layer.
    case earlierLayer
    /// Linear classifiers on several layers, weighted.
    case ensemble
    /// Training the network further.
    case fineTuning
  }

  /// The sort of transfer.
  public let kind: Kind
  /// The layers whose features are used; for fine-tuning, the last.
  public let layers: [String]
  /// The strengths of the penalty, one a layer; none for fine-tuning.
  public let strengths: [Double]
  /// For an ensemble, the weights of the layers' logits, one a layer; else none.
  public let weights: [Double]
  /// For fine-tuning, the layer that is the last to stay as it is; nil where everything trains.
  public let frozenThrough: String?
  /// For fine-tuning, the stage from which the network trains, where it begins behind `frozenThrough`.
  public let unfreezeFrom: String?
  /// For fine-tuning, the learning rate to begin with.
  public let learningRate: Double?
  /// What it rests on, a sentence each.
  public let evidence: [String]
}
