public import GraftData
public import GraftLinear
public import GraftTensor
public import GraftTraining

/// What fine-tuning tells while it goes on. Whoever is told stops it by throwing; what was done is kept.
public enum FineTuningEvent: Sendable {
  /// Pictures are read, and run through what of the network is frozen: `done` of `total`.
  case preparing(done: Int, total: Int)
  /// The linear classifier is fitted: `done` of `total` fits of the cross-validation.
  case fittingHead(done: Int, total: Int)
  /// All is ready for the first step.
  case planned(FineTuningPlan)
  /// A step was made, or an epoch ended.
  case training(TrainingEvent)
}

/// What a run of fine-tuning is going to do, and what it found out before.
public struct FineTuningPlan: Sendable {
  /// What the pictures are asked.
  public var task: PictureTask
  /// Numbers that train.
  public var trainedParameters: Int
  /// Numbers that stay as they are.
  public var frozenParameters: Int
  /// The layers whose results the trained part reads, with their shapes; the input if nothing before is frozen.
  public var boundary: [(layer: String, shape: Shape)]
  /// Whether the trained part reads the pictures themselves.
  public var trainsFromInput: Bool
  /// Pictures to train on.
  public var trainingCount: Int
  /// Pictures to judge by.
  public var validationCount: Int
  /// Where what the trained part reads of the training pictures is kept; nil where it is computed at each epoch.
  public var trainingStorage: ActivationStorage?
  /// Where that of the validation pictures is kept.
  public var validationStorage: ActivationStorage?
  /// Seconds that reading the pictures and running the frozen part took, and pictures that this was done with; the
  /// others were known.
  public var extractSeconds: Double
  /// Pictures that were run through the frozen part, views counted one by one.
  public var extractedCount: Int
  /// How the linear classifier that the head starts from was trained; nil for a head that starts otherwise.
  public var linear: LinearClassifier.Training?
  /// How much the labels are smoothed, in 0...1, that the head is fitted to which training begins from; nil where it
  /// begins from the linear classifier itself, or from another head.
  public var startSmoothing: Double?
  /// The epoch, from 0 on, and the step within it where an interrupted run goes on; nil for a new run.
  public var resumed: (epoch: Int, step: Int)?
  /// Bytes of kept activations.
  public var cacheBytes: Int { (trainingStorage?.bytes ?? 0) + (validationStorage?.bytes ?? 0) }
}

/// The model at the end of a cosine of a schedule with restarts: one of an ensemble.
public struct FineTuningSnapshot: Sendable {
  /// The number of the cosine, from 1 on.
  public let number: Int
  /// The epoch that ended it.
  public let epoch: TrainingHistory.Epoch
  /// The model.
  public let model: ImageClassifier
}

/// What fine-tuning came to.
public struct FineTuningResult: Sendable {
  /// The model of the best epoch, epoch 0, the starting point, included.
  public let model: ImageClassifier
  /// How the run went.
  public let history: TrainingHistory
  /// The best epoch.
  public let best: TrainingHistory.Epoch
  /// What the run was.
  public let plan: FineTuningPlan
  /// Pictures that were left out, and why.
  public let skipped: [SkippedPicture]
  /// Seconds that training took, evaluations included; of a resumed run, since it went on.
  public let trainSeconds: Double
  /// Seconds that each epoch took, by its number; those of a run before it was resumed are missing.
  public let epochSeconds: [Int: Double]
  /// The trainer as it was: with the head among what trains, the loss of the task and the weights of classes.
  let trainer: Trainer
}
