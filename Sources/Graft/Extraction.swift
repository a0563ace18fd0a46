public import GraftData
public import GraftFeatures
public import GraftImage
internal import GraftSupport

/// How features of many pictures are computed and kept.
public struct ExtractionOptions: Sendable, Hashable {
  /// Pictures computed together. Has no influence on the result.
  public var batch: Int
  /// The type of the numbers in the store.
  public var precision: FeatureScalar
  /// What to accept while decoding.
  public var decoding: Image.DecodingOptions

  /// Options; the defaults suit most machines.
  public init(
    batch: Int = 32, precision: FeatureScalar = .float32, decoding: Image.DecodingOptions = .init()
  ) {
    self.batch = batch
    self.precision = precision
    self.decoding = decoding
  }
}

/// What an extraction did.
public struct ExtractionReport: Sendable {
  /// Pictures in the store now.
  public let stored: Int
  /// Pictures computed by this run; the others were there already.
  public let computed: Int
  /// Pictures that are, byte for byte, another one of the store; each is computed once.
  public let copies: Int
  /// Rows of pictures that are gone from the folder, and so from the store.
  public let dropped: Int
  /// What was left out, and why.
  public let skipped: [SkippedPicture]
  /// How many pictures were turned upright by their EXIF orientation.
  public let oriented: Int
}
