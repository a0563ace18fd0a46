public import ArgumentParser
public import Graft

/// How training goes: epochs, rates, the optimizer.
struct TrainingOptions: ParsableArguments {
  /// What options are unless they are given.
  enum Usual {
    static let learningRate = 1e-4
    static let schedule = "cosine"
    static var augmentation: Augmentation { .crop(scale: 0.5...1).then(.flip) }
  }

  @Option(parsing: .unconditional, help: "Passes over the training pictures.")
  var epochs = 10

  @Option(parsing: .unconditional, help: "The largest learning rate.")
  var learningRate = Usual.learningRate

  @Option(
    help: """
      How gradients change weights: \(Optimizer.names.joined(separator: ", ")); or lbfgs, with --freeze all: the head is \
      fitted to its optimum, as graft fit does, and no step follows.
      """)
  var optimizer = "adamw"

  @Option(
    help: """
      How the learning rate goes: \(LearningRate.names.joined(separator: ", ")); with numbers if others than the usual \
      ones are wanted: cosine=FLOOR, restarts=EPOCHS:GROWTH, step=EPOCHS:FACTOR, exponential=FACTOR, \
      inverse-time=DECAY, one-cycle=RISE.
      """)
  var schedule = Usual.schedule

  @Option(
    parsing: .unconditional,
    help: """
      Epochs in which the rate grows from 0; may be a fraction (default: three tenths of all, at most 3; 0 for \
      one-cycle, which begins so by itself, and for restarts, whose cosines end with epochs).
      """)
  var warmup: Double?

  @Option(
    parsing: .unconditional,
    help: "The decay of weights for a rate of 1, apart from the gradient (default: 0.004 for adamw, else 0).")
  var weightDecay: Double?

  @Option(
    parsing: .unconditional,
    help: """
      The share of each target that is spread over all classes (default: 0.1, or 0 for several labels a picture and \
      for lbfgs).
      """)
  var labelSmoothing: Double?

  @Option(parsing: .unconditional, help: "Pictures in a step.")
  var batch = 16

  @Option(
    help: """
      What is changed in training pictures at each epoch: words of \(Augmentation.words.joined(separator: ", ")), \
      separated by commas, with numbers if others than the usual ones are wanted: crop=0.3:1,flip,color.
      """)
  var augment = Usual.augmentation

  @Option(
    parsing: .unconditional,
    help: "The learning rate of each stage as a share of that of the next, the head's being the largest.")
  var stageFactor = 1.0

  @Option(
    parsing: .unconditional,
    help: "Epochs between stages that begin to train, the last one first; 0 trains all from the start.")
  var unfreezeEvery = 0.0

  @Option(
    parsing: .unconditional, help: "Mix pictures in pairs, by shares drawn with this alpha (such as 0.2).")
  var mixup: Double?

  @Option(
    parsing: .unconditional,
    help: "Put rectangles of pictures into others, drawn with this alpha (such as 1).")
  var cutmix: Double?

  @Flag(help: "Train on as many pictures of each class, those of small ones several times.")
  var balanced = false

  @Option(
    parsing: .unconditional, help: "End when this many epochs have not made the held-out loss smaller.")
  var patience: Int?

  @Option(
    parsing: .unconditional,
    help: """
      Judge and save a moving average of the weights, with this share kept at each step; 0 for the weights as they are \
      (default: 1 less a batch's share of the training pictures, at most 0.999: an average over about an epoch; 0 with \
      --batch-norm update).
      """)
  var average: Double?

  @Option(parsing: .unconditional, help: "Shorten the gradient of a step to this length.")
  var clip: Double?

  @Option(
    parsing: .unconditional, help: "Fixes the order of pictures, their changes, dropout and random weights.")
  var seed: UInt64 = 1

  func validate() throws {
    guard (1...100_000).contains(epochs) else {
      throw ValidationError("--epochs must be from 1 to 100000, not \(epochs)")
    }
    guard (1...4096).contains(batch) else {
      throw ValidationError("--batch must be from 1 to 4096, not \(batch)")
    }
    guard learningRate > 0, learningRate.isFinite else {
      throw ValidationError("--learning-rate must be above 0, not \(learningRate)")
    }
    if let labelSmoothing, !(0...1).contains(labelSmoothing) {
      throw ValidationError("--label-smoothing must be from 0 to 1, not \(labelSmoothing)")
    }
    if let warmup, !(warmup >= 0 && warmup.isFinite) {
      throw ValidationError("--warmup must be 0 or more, not \(warmup)")
    }
    try validateExtras()
    if let weightDecay, !(weightDecay >= 0 && weightDecay.isFinite) {
      throw ValidationError("--weight-decay must be 0 or more, not \(weightDecay)")
    }
  }

  private func validateExtras() throws {
    guard stageFactor >= 0, stageFactor <= 1 else {
      throw ValidationError("--stage-factor must be from 0 to 1, not \(stageFactor)")
    }
    guard unfreezeEvery >= 0, unfreezeEvery.isFinite else {
      throw ValidationError("--unfreeze-every must be 0 or more, not \(unfreezeEvery)")
    }
    if let average, !(0..<1).contains(average) {
      throw ValidationError("--average must be from 0 to below 1, not \(average)")
    }
    for (name, value) in [("mixup", mixup), ("cutmix", cutmix), ("clip", clip)] {
      if let value, !(value > 0 && value.isFinite) {
        throw ValidationError("--\(name) must be above 0, not \(value)")
      }
    }
    guard mixup == nil || cutmix == nil else { throw ValidationError("give --mixup or --cutmix, not both") }
    if let patience, patience < 1 {
      throw ValidationError("--patience must be at least 1, not \(patience)")
    }
    guard Optimizer.names.contains(optimizer) || fitsHead else {
      throw ValidationError(
        "--optimizer is one of \(Optimizer.names.joined(separator: ", ")), lbfgs, not \(optimizer)")
    }
    _ = try learningRateSchedule(peak: learningRate)
  }

  /// The schedule.
  func learningRateSchedule(peak: Double) throws -> LearningRate {
    let hasOwn = schedule.hasPrefix("one-cycle") || schedule.hasPrefix("restarts")
    let usual = hasOwn ? 0 : min(3 * Double(epochs) / 10, 3)
    if let warmup, warmup >= Double(epochs) {
      throw ValidationError(
        "--warmup \(Format.strength(warmup)) takes up all of \(Format.plural(epochs, "epoch")): the learning rate would "
          + "never be reached")
    }
    do {
      return try LearningRate(named: schedule, peak: peak, epochs: epochs, warmup: warmup ?? usual)
    } catch {
      throw ValidationError("--schedule: \(error)")
    }
  }

  /// A head that tells the training pictures apart without a doubt would leave nothing to learn, and its gradients would
  /// be noise that Adam makes steps of full size from; with smoothed labels (Szegedy et al., 2016, arXiv 1512.00567,
  /// section 7) there is always something to say.
  private static let usualSmoothing = 0.1

  /// The trainer for a selection.
  func trainer(
    _ selection: ParameterSelection, statistics: TrainingPlan.Statistics, task: PictureTask, pictures: Int
  ) throws -> Trainer {
    var trainer = Trainer(
      trainable: selection, epochs: epochs,
      learningRate: try learningRateSchedule(peak: learningRate))
    trainer.optimizer = try Optimizer(named: fitsHead ? "adamw" : optimizer, weightDecay: weightDecay)
    // Statistics that follow the weights as they are do not belong to their average.
    trainer.optimizer.averaging =
      average ?? (statistics == .frozen ? Optimizer.averaging(overEpochOf: pictures, batchSize: batch) : 0)
    if let clip { trainer.optimizer.clipping = .globalNorm(clip) }
    trainer.loss = .crossEntropy(
      labelSmoothing: labelSmoothing ?? (task == .classes && !fitsHead ? Self.usualSmoothing : 0))
    trainer.batchSize = batch
    trainer.seed = seed
    trainer.statistics = statistics
    trainer.augmentation = augment
    if stageFactor != 1 { trainer.rates = .stages(factor: stageFactor) }
    if unfreezeEvery > 0 { trainer.rates = trainer.rates.unfreezing(every: unfreezeEvery) }
    trainer.mixing = mixup.map { .mixup(alpha: $0) } ?? cutmix.map { .cutmix(alpha: $0) }
    trainer.sampling = balanced ? .balanced : .shuffled
    trainer.earlyStopping = patience.map { EarlyStopping(patience: $0) }
    return trainer
  }
}

extension Augmentation: ExpressibleByArgument {
  /// Reads what `--augment` was given; nil for something else, of which ArgumentParser says that it is invalid.
  public init?(argument: String) {
    guard let augmentation = try? Augmentation(parsing: argument) else { return nil }
    self = augmentation
  }

  /// The value that is shown as default.
  public var defaultValueDescription: String { description }
}
