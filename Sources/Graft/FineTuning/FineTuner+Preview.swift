public import GraftImage
internal import GraftSupport
internal import Foundation

extension FineTuner {
  /// What augmentation makes of some pictures to train on: a row for each, first as the network sees it without, then as
  /// it does in the first epochs of a run with the trainer's seed.
  ///
  /// Of each class in turn the first pictures are shown; such as cannot be read are passed over.
  ///
  /// - Parameters:
  ///   - pretrained: the network, whose input size and preprocessing pictures are prepared for.
  ///   - pictures: the pictures that `fit` would be given.
  ///   - rows: pictures that are shown.
  ///   - views: changed versions of each.
  /// - Throws: `ImageError` with code `.noPictures` if none can be read.
  /// - Precondition: `rows` is at least 1 and `views` at least 0.
  public func augmentationPreview(
    _ pretrained: PretrainedNetwork, on pictures: DividedPictures, rows: Int = 8, views: Int = 7
  ) throws -> Image {
    let preprocessing = pretrained.preprocessing
    var photos: [(number: Int, image: Image)] = []
    for item in Self.inTurn(pictures.training.items) where photos.count < rows {
      guard let bytes = try? Data(contentsOf: URL(filePath: item.path)),
        let image = try? Image(decoding: [UInt8](bytes), name: item.path)
      else { continue }
      photos.append((SoundPictures.number(ofDigest: Digest.sha256(of: [UInt8](bytes))), image))
    }
    guard !photos.isEmpty else {
      throw ImageError(
        .noPictures, path: pictures.training.items.first?.path ?? "",
        reason: "none of the pictures can be read")
    }
    return AugmentationSheet(
      trainer.augmentation, preprocessing: preprocessing, size: pretrained.inputSize, views: views,
      seed: trainer.seed
    ).image(of: photos)
  }

  /// The first of each class, then the second of each, and so on.
  private static func inTurn(_ items: [ImageFolder.Item]) -> [ImageFolder.Item] {
    var places: [Int?: Int] = [:]
    let numbered = items.enumerated().map { index, item in
      let place = places[item.label, default: 0]
      places[item.label] = place + 1
      return (place: place, index: index, item: item)
    }
    return numbered.sorted { ($0.place, $0.index) < ($1.place, $1.index) }.map(\.item)
  }
}
