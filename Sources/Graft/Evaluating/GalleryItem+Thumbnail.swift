internal import GraftImage
public import GraftReport

extension GalleryItem.Picture {
  /// The longer side of a picture in a gallery, in pixels.
  public static let thumbnailSide = 176

  /// A small copy of a picture in a file; one without content where the file cannot be read.
  public init(path: String, side: Int = thumbnailSide) {
    let options = Image.DecodingOptions(shortestSide: side)
    guard let image = try? Image(contentsOf: path, options: options) else {
      self.init(jpeg: nil, width: 0, height: 0, name: path)
      return
    }
    let scale = min(1, Double(side) / Double(max(image.width, image.height)))
    let small = image.resized(
      width: max(1, Int((Double(image.width) * scale).rounded())),
      height: max(1, Int((Double(image.height) * scale).rounded())))
    self.init(jpeg: try? small.jpeg(quality: 80), width: small.width, height: small.height, name: path)
  }
}
