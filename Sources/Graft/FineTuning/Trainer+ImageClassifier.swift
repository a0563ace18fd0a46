public import GraftImage
public import GraftTraining

extension Trainer {
  /// Fine-tunes a model on a folder of pictures, with the classifier that it has.
  ///
  /// - Parameters:
  ///   - model: the model at the start; at the end, that of the best epoch, the starting point included. It stays as it
  ///     was if an error is thrown.
  ///   - pictures: pictures to learn from, with classes that the model knows.
  ///   - validation: pictures to evaluate the starting point and each epoch on; without them the last epoch is the
  ///     best.
  ///   - checkpoints: a folder for states of the run, from which the same call goes on where it was interrupted; nil for
  ///     none.
  ///   - caching: how the results of the frozen part are kept.
  ///   - report: is told of each step and epoch; stops the run by throwing.
  /// - Throws: as `FineTuner.fit` does.
  @discardableResult
  public func fit(
    _ model: inout ImageClassifier, on pictures: ImageFolder, validatingOn validation: ImageFolder? = nil,
    checkpointsIn checkpoints: String? = nil, caching: ActivationCaching = ActivationCaching(),
    report: (TrainingEvent) throws -> Void = { _ in }
  ) throws -> TrainingHistory {
    let tuner = FineTuner(self, head: nil, caching: caching)
    let result = try tuner.fit(
      PretrainedNetwork(model), on: DividedPictures(training: pictures, validation: validation),
      checkpointsIn: checkpoints, resumes: checkpoints != nil,
      report: { event in
        if case .training(let event) = event { try report(event) }
      })
    model = result.model
    return result.history
  }
}
