public import GraftData
public import GraftImage
public import GraftTraining
internal import Foundation
internal import GraftGraph

/// What a search for the learning rate and the weight decay tells while it goes on. Whoever is told stops it by
/// throwing.
public enum FineTuningSearchEvent: Sendable {
  /// Pictures are prepared, the head is fitted, the plan stands.
  case preparing(FineTuningEvent)
  /// A trial made a step: `done` of `total` of its own.
  case training(trial: Int, done: Int, total: Int)
  /// A trial, from 1 on, came to its end.
  case finished(number: Int, CoarseToFineSearch.Trial)
}

/// What a search came to.
public struct FineTuningSearchResult: Sendable {
  /// The trials, in their order.
  public let trials: [CoarseToFineSearch.Trial]
  /// The best of them; nil where no loss stayed a number.
  public let best: CoarseToFineSearch.Trial?
  /// How the starting point does on the pictures that trials are judged by.
  public let start: TrainingHistory.Score?
  /// The pictures that trials trained on and were judged by; all of them to train on.
  public let plan: FineTuningPlan
  /// Pictures that were left out, and why.
  public let skipped: [SkippedPicture]
  /// Seconds that all trials took.
  public let seconds: Double
}

extension FineTuner {
  /// The options of the trials of a search: where pictures are augmented, as many views of each are kept as there are
  /// epochs, unless a number is given, so that the frozen part is computed once for all trials.
  public var searching: FineTuner {
    var copy = self
    if copy.caching.views == 0 { copy.caching.views = trainer.epochs }
    return copy
  }

  /// Searches for the learning rate and the weight decay: short runs that start alike, each with other values.
  ///
  /// Trials are judged by their loss, after their last epoch, on a part of the pictures to train on that is held out of
  /// them; the pictures that the result will be judged by take no part, so that they say as much as before. What is
  /// frozen is computed once for all trials; see `searching`.
  ///
  /// A trial runs for the trainer's epochs, with its schedule. The same options give the same trials and the same best
  /// values. Of a search that was interrupted, the results of the frozen part are found again where `caching` keeps
  /// them on disk.
  ///
  /// - Parameters:
  ///   - search: the values to try.
  ///   - pretrained: the network that `fit` would be given.
  ///   - pictures: the pictures that `fit` would be given.
  ///   - fraction: the share of the pictures to train on, of each class, that trials are judged by.
  ///   - report: is told how the search goes; stops it by throwing.
  /// - Throws: as `fit` does, but not for a loss that is no longer a number: that trial has no score. `ImageError` with
  ///   code `.noPictures` where nothing can be held out.
  public func search(
    _ search: CoarseToFineSearch, _ pretrained: PretrainedNetwork, on pictures: DividedPictures,
    holdingOut fraction: Double = 0.2, report: (FineTuningSearchEvent) throws -> Void = { _ in }
  ) throws -> FineTuningSearchResult {
    let divided = try pictures.dividingTraining(holdingOut: fraction, seed: trainer.seed)
    var job = try FineTuningJob(searching, pretrained, divided)
    try job.prepare { try report(.preparing($0)) }
    try job.fitHead { try report(.preparing($0)) }
    let plan = try job.plan(from: nil)
    try report(.preparing(.planned(plan)))
    let start = Date.now
    let sources = try job.sources()
    let surroundings = TrainingSurroundings(
      training: sources.training, validation: sources.validation, validationBoundary: job.boundary)
    var trials: [CoarseToFineSearch.Trial] = []
    var starting: TrainingHistory.Score?
    while let candidate = search.next(after: trials) {
      var trainer = job.trainer
      trainer.learningRate.peak = candidate.learningRate
      trainer.optimizer.weightDecay = candidate.weightDecay
      let number = trials.count + 1
      let epochs = try trainer.epochs(from: job.network, in: surroundings) {
        try report(.training(trial: number, done: $0, total: $1))
      }
      starting = starting ?? epochs?.first?.validation
      trials.append(candidate.scored(epochs?.last?.validation))
      try report(.finished(number: number, trials[trials.count - 1]))
    }
    return FineTuningSearchResult(
      trials: trials, best: CoarseToFineSearch.best(of: trials), start: starting, plan: plan,
      skipped: job.skipped,
      seconds: Date.now.timeIntervalSince(start))
  }
}

extension Trainer {
  /// The epochs of a run; nil where the loss became no number.
  fileprivate func epochs(
    from network: Network, in surroundings: TrainingSurroundings,
    progress: (_ done: Int, _ total: Int) throws -> Void
  ) throws -> [TrainingHistory.Epoch]? {
    do {
      return try run(network, from: nil, in: surroundings) { event in
        if case .stepFinished(let step, let total, _) = event { try progress(step, total) }
      }.history.epochs
    } catch let error as TrainingError where error.code == .diverged {
      return nil
    }
  }
}
