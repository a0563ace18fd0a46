extension DividedPictures {
  /// The pictures to train on alone, with none to judge by.
  public var trainingOnly: DividedPictures {
    DividedPictures(
      training: training, validation: nil, labels: labels, division: "those to train on", warnings: warnings)
  }

  /// The pictures to train on, divided once more by `Split`: for choices that shall not be made on the pictures that the
  /// result is judged by. Those take no part.
  ///
  /// - Parameters:
  ///   - fraction: the share of each class to hold out, from 0 to below 1.
  ///   - seed: another seed gives another division.
  /// - Throws: `DataError` with the code `.invalidFraction`; `ImageError` with the code `.noPictures` where no class has
  ///   two different pictures.
  public func dividingTraining(holdingOut fraction: Double, seed: UInt64) throws -> DividedPictures {
    let (rest, heldOut) = try training.split(holdingOut: fraction, seed: seed)
    guard !heldOut.items.isEmpty else {
      throw ImageError(
        .noPictures, path: training.items.first?.path ?? "",
        reason: "no class has two different pictures to train on, so that none can be held out to choose by")
    }
    return DividedPictures(
      training: ImageFolder(
        items: rest.items, labels: labels, skipped: training.skipped, ignoredFiles: training.ignoredFiles),
      validation: heldOut, labels: labels,
      division: "\(Int((100 * fraction).rounded())) % of the pictures to train on held out, seed \(seed)",
      warnings: warnings)
  }
}
