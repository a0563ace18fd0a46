public import GraftData
public import GraftImage
public import GraftTraining
internal import Foundation

/// What a range test of the learning rate found.
public struct LearningRateFinding: Sendable {
  /// The rates, and the losses of their steps.
  public let test: RateRangeTest
  /// Pictures that were left out, and why.
  public let skipped: [SkippedPicture]
  /// Seconds that the steps took.
  public let seconds: Double

  /// What it says, in a sentence.
  public var conclusion: String {
    guard let (rate, reason) = test.advice else {
      return test.hasDiverged && test.losses.count < test.steps / 2
        ? "the loss grows from the start: begin at a lower rate than \(test.lowest)"
        : "the loss neither falls nor grows clearly: begin at a higher rate, or go on to a higher one, "
          + "with more steps"
    }
    return "rate \(String(format: "%.3g", rate)): \(reason.rawValue)"
  }
}

extension FineTuner {
  /// Finds a learning rate: makes some steps as `fit` would, at rates that grow from step to step, and watches the loss,
  /// each compared with that of the starting network on the same pictures, since batches differ by more than a few steps
  /// change. Nothing is kept of the weights, and pictures to judge by take no part.
  ///
  /// - Parameters:
  ///   - pretrained: the network that `fit` would be given.
  ///   - pictures: the pictures that `fit` would be given.
  ///   - test: the rates.
  ///   - report: is told how the test goes; stops it by throwing. Steps come as `.training`.
  /// - Throws: as `fit` does.
  public func findLearningRate(
    _ pretrained: PretrainedNetwork, on pictures: DividedPictures,
    test: RateRangeTest = RateRangeTest(smoothing: 0.8),
    report: (FineTuningEvent) throws -> Void = { _ in }
  ) throws -> LearningRateFinding {
    var job = try FineTuningJob(self, pretrained, pictures.trainingOnly)
    try job.prepare(report)
    try job.fitHead(report)
    try report(.planned(job.plan(from: nil)))
    let start = Date.now
    let result = try job.trainer.recording(test, of: job.network, on: job.sources().training) { test in
      try report(
        .training(
          .stepFinished(step: test.losses.count, of: test.steps, loss: test.losses.last ?? .nan)))
    }
    return LearningRateFinding(
      test: result, skipped: job.skipped, seconds: Date.now.timeIntervalSince(start))
  }
}
