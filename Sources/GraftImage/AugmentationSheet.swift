/// A picture of pictures, to see what an augmentation does before training with it.
///
/// A row for each photo: first what the network sees without augmentation, then changed versions of it.
public struct AugmentationSheet: Sendable, Hashable {
  /// What is changed.
  public var augmentation: Augmentation
  /// The resize that the first column shows, and the others without a step that chooses a part.
  public var preprocessing: Preprocessing
  /// The side of each small picture, which is the network's input size to show what it sees.
  public var size: Int
  /// Changed versions of each photo.
  public var views: Int
  /// Fixes what is drawn; the views are those of epochs 0, 1, 2 … of a run with this seed.
  public var seed: UInt64

  /// Pixels between small pictures, and around them all.
  private static let gap = 4

  /// Describes a sheet.
  ///
  /// - Precondition: `size` is at least 1 and `views` at least 0.
  public init(
    _ augmentation: Augmentation, preprocessing: Preprocessing, size: Int, views: Int = 7, seed: UInt64 = 1
  ) {
    precondition(size >= 1 && views >= 0, "a sheet of \(views) views of \(size) x \(size) pixels")
    self.augmentation = augmentation
    self.preprocessing = preprocessing
    self.size = size
    self.views = views
    self.seed = seed
  }

  /// Returns the sheet of some photos, white between them.
  ///
  /// - Parameter photos: the rows, each with its number among all training pictures, from which its changes are drawn.
  /// - Precondition: there is at least one.
  public func image(of photos: [(number: Int, image: Image)]) -> Image {
    precondition(!photos.isEmpty, "a sheet shows at least one photo")
    let step = size + Self.gap
    let width = Self.gap + (views + 1) * step
    let height = Self.gap + photos.count * step
    var pixels = [UInt8](repeating: 255, count: width * height * 3)
    for (row, photo) in photos.enumerated() {
      for column in 0...views {
        let cell = cell(photo.image, number: photo.number, column: column)
        for line in 0..<size {
          let from = line * size * 3
          let to = ((Self.gap + row * step + line) * width + Self.gap + column * step) * 3
          pixels.replaceSubrange(to..<to + size * 3, with: cell.pixels[from..<from + size * 3])
        }
      }
    }
    return Image(width: width, height: height, pixels: pixels)
  }

  private func cell(_ photo: Image, number: Int, column: Int) -> Image {
    guard column > 0 else { return preprocessing.framed(photo, size: size) }
    let draw = AugmentationDraw(seed: seed, epoch: column - 1, picture: number)
    return augmentation.apply(to: photo, size: size, draw: draw) { preprocessing.framed(photo, size: size) }
  }
}
