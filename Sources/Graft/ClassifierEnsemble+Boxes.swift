internal import Foundation
public import GraftData
public import GraftImage

extension ClassifierEnsemble {
  /// Where the one object of each picture is, in shares of the whole picture: a box may reach beyond its edges.
  ///
  /// - Throws: `DataError` for models that are for something else; `WeightError` where opinions cannot be averaged;
  ///   `EngineError`, and what `progress` throws.
  public func boxes(
    in folder: ImageFolder, batch: Int = 32,
    progress: (_ done: Int, _ total: Int) throws -> Void = { _, _ in }
  ) throws -> (boxes: [PictureBox], skipped: [SkippedPicture]) {
    var boxes: [PictureBox] = []
    let skipped = try forEachBox(folder, batch: batch, progress: progress) { index, box in
      boxes.append(PictureBox(path: folder.items[index].path, box: box))
    }
    return (boxes, skipped)
  }

  /// How well models for boxes do on pictures whose boxes are known: those of a table.
  ///
  /// - Throws: as `boxes(in:batch:progress:)`, and `DataError` for pictures without boxes.
  public func evaluateBoxes(
    _ folder: ImageFolder, batch: Int = 32, progress: (_ done: Int, _ total: Int) throws -> Void = { _, _ in }
  ) throws -> BoxEvaluation {
    try require(.boxes, folder)
    var rows: [BoxEvaluation.Row] = []
    let skipped = try forEachBox(folder, batch: batch, progress: progress) { index, found in
      let item = folder.items[index]
      if let truth = item.box { rows.append(BoxEvaluation.Row(path: item.path, truth: truth, found: found)) }
    }
    return BoxEvaluation(rows, skipped: skipped)
  }

  private func forEachBox(
    _ folder: ImageFolder, batch: Int, progress: (_ done: Int, _ total: Int) throws -> Void,
    _ each: (_ index: Int, _ box: Box) throws -> Void
  ) throws -> [SkippedPicture] {
    try require(.boxes)
    let preprocessing = members[0].classifier.preprocessing
    let showWhole = members.allSatisfy { !$0.classifier.preprocessing.allowsCrops }
    guard crops == .center, showWhole || members.count == 1 else {
      throw WeightError(
        .unsuitable,
        "boxes are averaged only over models and sizes that are shown the whole picture (squeeze), and not over crops"
      )
    }
    let sizes = PictureSizes()
    let side = members[0].classifier.inputSize
    return try forEachPicture(folder, batch: batch, progress: progress, seen: { sizes.note($0, $1) }) {
      index, row in
      guard let (width, height) = sizes.take(index) else { return }
      let view = preprocessing.view(width: width, height: height, size: side)
      try each(index, view.inverse(Box(row)))
    }
  }
}

extension ImageClassifier {
  /// Where the picture's one object is, in shares of the whole picture.
  ///
  /// - Throws: `DataError` for a model that is for something else; `EngineError` if memory runs out.
  public func box(in image: Image) throws -> Box {
    let ensemble = ClassifierEnsemble(self)
    try ensemble.require(.boxes)
    let row = try ensemble.probabilities(of: ensemble.inputs(from: image), count: 1)
    let (width, height) = image.fullSize
    return preprocessing.view(width: width, height: height, size: inputSize).inverse(Box(row))
  }
}

/// The sizes of pictures, noted by the threads that decode them.
private final class PictureSizes: Sendable {
  private let lock = NSLock()
  // Touched only while the lock is held.
  nonisolated(unsafe) private var sizes: [Int: (width: Int, height: Int)] = [:]

  func note(_ image: Image, _ index: Int) { lock.withLock { sizes[index] = image.fullSize } }

  func take(_ index: Int) -> (width: Int, height: Int)? { lock.withLock { sizes.removeValue(forKey: index) } }
}

extension Image {
  /// The size that the picture has in full, where it was decoded at a smaller one.
  fileprivate var fullSize: (width: Int, height: Int) {
    (extent?.fullWidth ?? width, extent?.fullHeight ?? height)
  }
}
