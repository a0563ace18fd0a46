public import GraftImage
public import GraftTraining
internal import Foundation
internal import GraftData
internal import GraftEngine
internal import GraftFeatures
internal import GraftGraph
internal import GraftLinear
internal import GraftSupport
internal import GraftTensor

/// Fine-tuning: a pretrained network gets a new head and goes on training on one's own pictures.
///
/// ```swift
/// var trainer = Trainer(trainable: .all, epochs: 10, learningRate: .cosine(peak: 1e-4))
/// trainer.augmentation = .crop(scale: 0.5...1).then(.flip)
/// let result = try FineTuner(trainer).fit(
///   PretrainedNetwork(.file("mobilenet_v2_notop.h5")), on: DividedPictures("photos"))
/// try result.model.save(to: "model.h5")
/// ```
///
/// The starting point is evaluated as epoch 0. What is frozen is computed once and kept (`caching`). The result is the
/// same to the last bit for any number of threads, and where a run was interrupted and resumed.
public struct FineTuner: Sendable {
  /// What trains and how. A new head always trains.
  public var trainer: Trainer
  /// The head that replaces the network's own; nil to keep it.
  public var head: HeadDesign?
  /// How the results of the frozen part are kept.
  public var caching: ActivationCaching
  /// How much the pictures of each class count in training; takes the place of the trainer's own class weights unless
  /// `equal`.
  public var classWeights = ClassWeighting.equal

  /// Puts options together.
  public init(
    _ trainer: Trainer, head: HeadDesign? = HeadDesign(), caching: ActivationCaching = ActivationCaching()
  ) {
    self.trainer = trainer
    self.head = head
    self.caching = caching
  }

  /// Fine-tunes a network.
  ///
  /// - Parameters:
  ///   - pretrained: the network; without `head`, with the classifier that goes on training.
  ///   - pictures: pictures to train on and to judge by.
  ///   - checkpoints: a folder for states of the run, which is made; nil for none.
  ///   - resumes: whether to go on from a state in `checkpoints` if there is one.
  ///   - snapshot: given the model at the end of each cosine of a schedule with `restarts`; what it throws ends the run.
  ///     A resumed run gives those that follow.
  ///   - salvage: given the best model so far where the run ends by an error or by `report`.
  ///   - report: is told how the run goes; stops it by throwing.
  /// - Throws: `TrainingError` if options do not go with the pictures or with what trains, if the loss is no longer a
  ///   number, if a state cannot be written or belongs to another run; `WeightError`, `GraphError`, `LinearError`,
  ///   `DataError`, `EngineError` for options, networks and pictures that do not go together; what `report` throws.
  public func fit(
    _ pretrained: PretrainedNetwork, on pictures: DividedPictures, checkpointsIn checkpoints: String? = nil,
    resumes: Bool = false, snapshot: ((FineTuningSnapshot) throws -> Void)? = nil,
    salvage: (ImageClassifier) -> Void = { _ in },
    report: (FineTuningEvent) throws -> Void = { _ in }
  ) throws -> FineTuningResult {
    var job = try FineTuningJob(self, pretrained, pictures)
    try job.prepare(report)
    let store = try checkpoints.map { try CheckpointFolder($0) }
    let earlier = resumes ? try store?.read() : nil
    if let earlier {
      try job.requireSameRun(as: earlier, path: store?.path ?? "")
      try job.restoreHead(from: earlier)
    } else {
      store?.clear()
      try job.fitHead(report)
    }
    return try job.train(
      from: earlier?.state, keeping: store, snapshot: snapshot, salvage: salvage, report)
  }
}

/// The folder of a run's states.
struct CheckpointFolder {
  let folder: String
  var path: String { folder + "/checkpoint.h5" }

  /// Makes the folder.
  init(_ folder: String) throws {
    self.folder = folder
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw TrainingError(
        .checkpoint, "\(folder): the folder for checkpoints cannot be made: \(error.localizedDescription)")
    }
  }

  /// The state, if there is one.
  func read() throws -> Checkpoint? {
    FileManager.default.fileExists(atPath: path) ? try Checkpoint(contentsOf: path) : nil
  }

  /// Removes the state.
  func clear() { unlink(path) }
}

/// One run of fine-tuning.
struct FineTuningJob {
  let tuner: FineTuner
  let pretrained: PretrainedNetwork
  let pictures: DividedPictures
  /// The trainer, with the head among what trains.
  var trainer: Trainer
  let labels: Labels
  /// What the network should say.
  let targets: TaskTargets
  /// The new head; nil where the network keeps its own.
  let headed: HeadedNetwork?
  /// The network that training starts from.
  var network: Network
  /// The names of the layers that the trained part reads.
  let boundary: [String]
  let outputs: [FeatureLayer]

  var training = SoundPictures()
  var validation = SoundPictures()
  var skipped: [SkippedPicture] = []
  var features: (any FeatureSource)?
  var kept: (recorder: any FeatureSource, storage: ActivationStorage)?
  var views: (recorder: any FeatureSource, storage: ActivationStorage)?
  var linear: LinearClassifier.Training?
  /// The network with the linear classifier for labels as they are, where training begins from one for smoothed labels.
  var startingPoint: Network?
  /// How much the labels are smoothed that the head is fitted to which training begins from; nil where training begins
  /// from the linear classifier itself, or from another head.
  var startSmoothing: Double? {
    guard linear != nil, trainer.epochs > 0, trainer.loss.labelSmoothing > 0 else { return nil }
    return trainer.loss.labelSmoothing
  }
  var extractSeconds = 0.0
  var extracted = 0

  var trainsFromInput: Bool { boundary == [network.graph.nodes[0].name] }
  var isAugmented: Bool { !trainer.augmentation.isEmpty }

  init(_ tuner: FineTuner, _ pretrained: PretrainedNetwork, _ pictures: DividedPictures) throws {
    self.tuner = tuner
    self.pretrained = pretrained
    var trainer = tuner.trainer
    let targets = TaskTargets(task: pictures.task, outputs: pictures.labels.count)
    if let head = tuner.head {
      self.pictures = pictures
      self.targets = targets
      labels = pictures.labels
      let headed = try head.added(to: pretrained.network, outputs: targets, seed: trainer.seed)
      self.headed = headed
      network = headed.network
      trainer.trainable = trainer.trainable.union(.head)
    } else {
      let classes = try pretrained.outputLabels()
      guard pretrained.suits(pictures.task, outputs: classes.count) else {
        throw TrainingError(
          .input,
          "\(pretrained.source): the network's own outputs are for \(pretrained.task.rawValue), the pictures come with "
            + "\(pictures.task.rawValue); let it get a new head")
      }
      self.targets = TaskTargets(task: pictures.task, outputs: classes.count)
      self.pictures = try pictures.relabelled(classes)
      labels = classes
      headed = nil
      network = pretrained.network
    }
    guard targets.task != .boxes || trainer.mixing == nil else {
      throw TrainingError(
        .input, "mixup and cutmix cannot carry boxes: a mixed picture has two objects; leave them out")
    }
    trainer.loss = targets.loss(trainer.loss)
    self.trainer = trainer
    boundary = try TrainingPlan.boundary(of: network.graph, trainable: trainer.trainable)
    let graph = network.graph
    outputs = try boundary.map { FeatureLayer(name: $0, shape: try graph.node(named: $0).shape) }
    if case .cutmix? = trainer.mixing, let flat = outputs.first(where: { $0.shape.rank != 3 }) {
      throw TrainingError(
        .input,
        "cutmix needs pictures or feature maps to cut, and what trains reads \(flat.name), of shape \(flat.shape); let "
          + "an earlier layer train, or use mixup")
    }
  }
}
