/// How a run went, epoch by epoch.
public struct TrainingHistory: Hashable, Sendable, Codable {
  /// The mean loss over a set of pictures, and how good the answers are.
  public struct Score: Hashable, Sendable, Codable {
    /// The mean loss.
    public var loss: Double
    /// The figure that the best epoch is chosen by, in 0...1: the share of pictures whose label got the largest result;
    /// of several labels, the mean of their average precisions, or of pictures as they went by in training, the share
    /// of those with all labels right; of boxes, the mean intersection over union.
    public var accuracy: Double
    /// Further figures by name: `micro_f1`, `macro_f1` and `exact_match` of several labels, `iou_above_half` of boxes.
    public var others: [String: Double]

    /// A score.
    public init(loss: Double, accuracy: Double, others: [String: Double] = [:]) {
      self.loss = loss
      self.accuracy = accuracy
      self.others = others
    }

    /// Reads a score; those of earlier versions have no further figures.
    public init(from decoder: any Decoder) throws {
      let values = try decoder.container(keyedBy: CodingKeys.self)
      loss = try values.decode(Double.self, forKey: .loss)
      accuracy = try values.decode(Double.self, forKey: .accuracy)
      others = try values.decodeIfPresent([String: Double].self, forKey: .others) ?? [:]
    }
  }

  /// One epoch.
  public struct Epoch: Hashable, Sendable, Codable {
    /// The number of the epoch, from 1 on; 0 is the starting point.
    public var number: Int
    /// Over the training pictures, as they went by while the weights changed; nil for the starting point.
    public var training: Score?
    /// Over the validation pictures at the end of the epoch, if there are any.
    public var validation: Score?
    /// The learning rate of the last step; nil for the starting point.
    public var learningRate: Double?

    /// An epoch.
    public init(number: Int, training: Score?, validation: Score?, learningRate: Double?) {
      self.number = number
      self.training = training
      self.validation = validation
      self.learningRate = learningRate
    }
  }

  /// The epochs, the starting point first.
  public var epochs: [Epoch] = []

  /// No epochs yet.
  public init() {}

  /// The epoch with the highest accuracy on the validation pictures; of equals the one with the smaller loss, then
  /// the earlier one. Without validation pictures, the last epoch. Nil before the first.
  public var best: Epoch? {
    guard epochs.contains(where: { $0.validation != nil }) else { return epochs.last }
    return epochs.filter { $0.validation != nil }.reduce(nil) { best, epoch in
      guard let old = best?.validation, let new = epoch.validation else { return epoch }
      return new.accuracy > old.accuracy || (new.accuracy == old.accuracy && new.loss < old.loss)
        ? epoch : best
    }
  }
}

/// What a run tells while it goes on. Whoever is told stops the run by throwing.
public enum TrainingEvent: Hashable, Sendable {
  /// A step was made: its number from 1 on, steps in all, and the loss of its batch.
  case stepFinished(step: Int, of: Int, loss: Double)
  /// How the epoch has gone so far, told before each step's `stepFinished`: its number from 1 on, the scores of the
  /// pictures that went by, and the learning rate of the step.
  case epochGoesOn(epoch: Int, score: TrainingHistory.Score, learningRate: Double)
  /// An epoch, or the evaluation of the starting point, came to its end.
  case epochFinished(TrainingHistory.Epoch)
}
