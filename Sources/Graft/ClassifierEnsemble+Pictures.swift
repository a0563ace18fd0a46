public import GraftData
public import GraftImage

extension ClassifierEnsemble {
  /// The numbers that a batch holds at most: with many opinions it has fewer pictures.
  private static let batchLimit = 1 << 24

  /// What the models say about many pictures on average.
  ///
  /// - Parameters:
  ///   - batch: pictures computed together, or fewer where each is looked at often; has no influence on the result.
  ///   - progress: called with the number of pictures done; stops the work by throwing.
  ///   - each: called for every good picture, in order, with its position among the folder's items and one probability
  ///     a class.
  /// - Returns: what was skipped, that of the folder included.
  /// - Throws: `EngineError`, and what the closures throw.
  public func forEachPicture(
    _ folder: ImageFolder, batch: Int = 32,
    progress: (_ done: Int, _ total: Int) throws -> Void = { _, _ in },
    _ each: (_ index: Int, _ probabilities: ArraySlice<Float>) throws -> Void
  ) throws -> [SkippedPicture] {
    try forEachPicture(folder, batch: batch, progress: progress, seen: { _, _ in }, each)
  }

  /// The same; each picture is shown to `seen`, with its position, on the loader's threads.
  func forEachPicture(
    _ folder: ImageFolder, batch: Int, progress: (_ done: Int, _ total: Int) throws -> Void,
    seen: @escaping @Sendable (_ image: Image, _ index: Int) -> Void,
    _ each: (_ index: Int, _ probabilities: ArraySlice<Float>) throws -> Void
  ) throws -> [SkippedPicture] {
    let loader = BatchLoader(
      items: folder.items, inputCount: inputCount, batch: min(batch, max(Self.batchLimit / inputCount, 1)),
      threads: Threads.count, options: decodingOptions
    ) { image, index in
      seen(image, index)
      return inputs(from: image)
    }
    var skipped = folder.skipped
    try progress(0, folder.items.count)
    while let next = try loader.next() {
      if next.count > 0 {
        let rows = try probabilities(of: next.inputs, count: next.count)
        for (position, index) in next.indices.enumerated() {
          try each(index, rows[position * classes.count..<(position + 1) * classes.count])
        }
      }
      skipped += next.failures.map { SkippedPicture(path: $0.path, reason: $0.reason) }
      try progress(next.range.upperBound, folder.items.count)
    }
    return skipped
  }

  /// What the models say about many pictures on average: the path as it was given, and the ranked classes.
  ///
  /// - Throws: `EngineError`, and what `progress` throws.
  public func predict(
    _ folder: ImageFolder, batch: Int = 32, progress: (_ done: Int, _ total: Int) throws -> Void = { _, _ in }
  ) throws -> (predictions: [(path: String, prediction: Prediction)], skipped: [SkippedPicture]) {
    var predictions: [(path: String, prediction: Prediction)] = []
    let skipped = try forEachPicture(folder, batch: batch, progress: progress) { index, probabilities in
      let prediction = Prediction(probabilities: probabilities, classes: classes)
      predictions.append((folder.items[index].path, prediction))
    }
    return (predictions, skipped)
  }

  /// What the models say about pictures whose classes are known by their folders.
  ///
  /// Classes are matched by name, so the folders may be fewer than the models' classes and in any order.
  ///
  /// - Throws: `DataError` for a flat folder or a class that the models do not know; `EngineError`.
  public func judge(
    _ folder: ImageFolder, batch: Int = 32, progress: (_ done: Int, _ total: Int) throws -> Void = { _, _ in }
  ) throws -> JudgedPictures {
    try require(.classes, folder)
    // Before the work rather than after it.
    let labels = try classes.requiredLabels(of: folder)
    var probabilities: [Float] = []
    var truth: [Int] = []
    var paths: [String] = []
    let skipped = try forEachPicture(folder, batch: batch, progress: progress) { index, row in
      guard let label = folder.items[index].label else { return }
      probabilities += row
      truth.append(label)
      paths.append(folder.items[index].path)
    }
    return try JudgedPictures(
      probabilities: probabilities, truth: truth, labels: labels, classes: classes, paths: paths,
      skipped: skipped)
  }

  /// How well the models do together on pictures whose classes are known by their folders; see `judge`.
  ///
  /// - Throws: as `judge` does.
  public func evaluate(
    _ folder: ImageFolder, batch: Int = 32, progress: (_ done: Int, _ total: Int) throws -> Void = { _, _ in }
  ) throws -> Evaluation {
    Evaluation(try judge(folder, batch: batch, progress: progress))
  }
}
