package import GraftTensor

/// Pictures as the trained part of a network reads them: the results of the frozen part, batch by batch.
package protocol PictureSource: AnyObject {
  /// The class of each picture, from 0 on; of pictures that are asked something else, what balanced sampling takes as
  /// many of.
  var labels: [Int] { get }

  /// What should be said of some pictures in an epoch.
  func targets(_ pictures: ArraySlice<Int>, epoch: Int) -> TrainingTargets

  /// Calls `body` for one batch of pictures after the other.
  ///
  /// - Parameters:
  ///   - batches: the numbers of the pictures of each batch.
  ///   - epoch: the epoch, from 0 on, which pictures that vary depend on.
  ///   - body: given the position of the batch in `batches`, and for each result of the frozen part the pictures
  ///     followed by its shape.
  func forEachBatch(
    _ batches: [ArraySlice<Int>], epoch: Int, _ body: (_ number: Int, _ boundary: [Tensor]) throws -> Void
  ) throws
}

extension PictureSource {
  /// Their classes.
  package func targets(_ pictures: ArraySlice<Int>, epoch: Int) -> TrainingTargets {
    .classes(pictures.map { labels[$0] })
  }
}

/// Pictures in memory, the frozen part computed.
final class MemoryPictures: PictureSource {
  let labels: [Int]
  private let boundary: [Tensor]

  init(_ pictures: LabelledTensors, boundary: [Tensor]) {
    labels = pictures.labels
    self.boundary = boundary
  }

  func forEachBatch(
    _ batches: [ArraySlice<Int>], epoch: Int, _ body: (Int, [Tensor]) throws -> Void
  ) throws {
    for (number, pictures) in batches.enumerated() {
      try body(number, boundary.map { $0.selecting(pictures) })
    }
  }
}
