public import GraftData
public import GraftImage

extension ClassifierEnsemble {
  /// What the models are asked about a picture.
  public var task: PictureTask { models[0].task }

  /// From which probability on each label is given: what the first model says.
  public var thresholds: [Float] { models[0].facts.thresholds }

  /// Checks that models and pictures are about the same.
  ///
  /// - Throws: `DataError` with the code `.missingClasses`.
  func require(_ task: PictureTask, _ folder: ImageFolder? = nil) throws {
    guard self.task == task else {
      throw DataError(.missingClasses, "the model is for \(self.task.rawValue), not for \(task.rawValue)")
    }
    guard let folder, folder.task != task else { return }
    throw DataError(
      .missingClasses, "the model is for \(task.rawValue), and the pictures come with \(folder.task.rawValue)"
    )
  }

  /// How well models for several labels do on pictures whose labels are known: those of a table, whose labels may be
  /// fewer than the models' and in any order. A label that the table does not have holds for none of its pictures.
  ///
  /// - Parameter thresholds: from which probability on each label is given; by default what the model says.
  /// - Throws: `DataError` for models or pictures that are about something else, or a label that the models do not know;
  ///   `EngineError`.
  public func evaluateLabels(
    _ folder: ImageFolder, thresholds: [Float]? = nil, batch: Int = 32,
    progress: (_ done: Int, _ total: Int) throws -> Void = { _, _ in }
  ) throws -> MultiLabelEvaluation {
    try require(.labels, folder)
    let folder = try folder.relabelled(classes)
    var probabilities: [Float] = []
    var truth: [[Int]] = []
    let skipped = try forEachPicture(folder, batch: batch, progress: progress) { index, row in
      probabilities += row
      truth.append(folder.items[index].marks ?? [])
    }
    return MultiLabelEvaluation(
      probabilities: probabilities, truth: truth, labels: classes, thresholds: thresholds ?? self.thresholds,
      skipped: skipped)
  }
}
