extension Image {
  /// What to accept and what to do while decoding.
  public struct DecodingOptions: Sendable, Hashable {
    /// Most pixels a picture may have; a larger one is refused before memory is taken for it. The default,
    /// 178,956,970, is where Pillow, too, refuses a picture.
    public var pixelLimit: Int
    /// Whether the picture is turned upright by its EXIF orientation, as people see it. Keras does not do so.
    public var appliesOrientation: Bool
    /// Whether a file that ends early gives the picture as far as it goes (grey or black below) or an error.
    public var acceptsTruncated: Bool
    /// Lets a JPEG come out at a half, a quarter or an eighth of its size as long as its shorter side keeps at
    /// least this many pixels; nil for its own size. It takes less time and memory, and each pixel is about the
    /// mean of those that it stands for. PNG always comes at its own size.
    public var shortestSide: Int?

    /// Describes how to decode.
    public init(
      pixelLimit: Int = 178_956_970, appliesOrientation: Bool = true, acceptsTruncated: Bool = false,
      shortestSide: Int? = nil
    ) {
      self.pixelLimit = pixelLimit
      self.appliesOrientation = appliesOrientation
      self.acceptsTruncated = acceptsTruncated
      self.shortestSide = shortestSide
    }
  }

  /// What decoding found out beside the pixels.
  public struct DecodingReport: Sendable, Hashable {
    /// What the bytes are, whatever the file's name says.
    public enum Format: String, Sendable, Hashable {
      /// JPEG.
      case jpeg = "JPEG"
      /// PNG.
      case png = "PNG"
    }

    /// What the bytes are.
    public var format: Format
    /// Pixels in a row of the file, before any turn.
    public var storedWidth: Int
    /// Rows of the file, before any turn.
    public var storedHeight: Int
    /// Values of a pixel in the file: 1 grey, 2 grey and alpha, 3 colours, 4 CMYK (JPEG) or colours and alpha (PNG).
    public var channels: Int
    /// Bits of each value in the file; of an index where there is a palette.
    public var bits: Int
    /// Whether the values are indices into a palette of colours.
    public var hasPalette: Bool
    /// The orientation that the file asks for; `.upright` when it says nothing.
    public var orientation: Orientation
    /// Whether the pixels were turned or reflected because of it.
    public var orientationApplied: Bool
    /// How often the decoder met damage and went on.
    public var warnings: Int
    /// Whether the file ended early, which the options accepted.
    public var isTruncated: Bool
  }
}
