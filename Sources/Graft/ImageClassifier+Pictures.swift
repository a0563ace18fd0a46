public import GraftData
public import GraftImage

extension ImageClassifier {
  /// What the model says about many pictures.
  ///
  /// - Parameters:
  ///   - batch: pictures computed together; has no influence on the result.
  ///   - progress: called with the number of pictures done; stops the work by throwing.
  ///   - each: called for every good picture, in order, with its position among the folder's items and one probability a class.
  /// - Returns: what was skipped, that of the folder included.
  /// - Throws: `EngineError`, and what the closures throw.
  public func forEachPicture(
    _ folder: ImageFolder, batch: Int = 32,
    progress: (_ done: Int, _ total: Int) throws -> Void = { _, _ in },
    _ each: (_ index: Int, _ probabilities: ArraySlice<Float>) throws -> Void
  ) throws -> [SkippedPicture] {
    try ClassifierEnsemble(self).forEachPicture(folder, batch: batch, progress: progress, each)
  }

  /// What the model says about many pictures: the path as it was given, and the ranked classes.
  ///
  /// - Throws: `EngineError`, and what `progress` throws.
  public func predict(
    _ folder: ImageFolder, batch: Int = 32, progress: (_ done: Int, _ total: Int) throws -> Void = { _, _ in }
  ) throws -> (predictions: [(path: String, prediction: Prediction)], skipped: [SkippedPicture]) {
    try ClassifierEnsemble(self).predict(folder, batch: batch, progress: progress)
  }

  /// How well the model does on pictures whose classes are known by their folders.
  ///
  /// Classes are matched by name, so the folders may be fewer than the model's classes and in any order.
  ///
  /// - Throws: `DataError` for a flat folder or a class that the model does not know; `EngineError`.
  public func evaluate(
    _ folder: ImageFolder, batch: Int = 32, progress: (_ done: Int, _ total: Int) throws -> Void = { _, _ in }
  ) throws -> Evaluation {
    try ClassifierEnsemble(self).evaluate(folder, batch: batch, progress: progress)
  }
}
