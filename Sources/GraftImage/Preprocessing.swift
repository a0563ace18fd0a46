/// What happens to a picture before a network sees it: part of the weights, recorded with them.
public struct Preprocessing: Sendable, Hashable {
  /// The arithmetic on values 0...255, with the names that Keras' `preprocess_input` uses.
  public enum Mode: String, Sendable, Hashable, Codable, CaseIterable {
    /// Channels in the order B, G, R; minus 103.939, 116.779, 123.68. VGG, ResNet.
    case caffe
    /// x / 127.5 - 1. ResNetV2, MobileNet, MobileNetV2, Inception, Xception, NASNet.
    case tf
    /// x / 255, minus 0.485, 0.456, 0.406, divided by 0.229, 0.224, 0.225. DenseNet.
    case torch
    /// Values 0...255 as they are: the network scales them itself. MobileNetV3, EfficientNet, ConvNeXt.
    case none
  }

  /// How exactly files are decoded.
  public enum Decoding: String, Sendable, Hashable, Codable, CaseIterable {
    /// Every pixel of the file: the bytes that Pillow decodes.
    case exact
    /// Large JPEGs at a half, a quarter or an eighth of their size, which saves time and memory and changes inputs by
    /// less than one grey level of 255 in the mean. Only with `.antialias`, and PNG not at all.
    case fast
  }

  /// The arithmetic on the values.
  public var mode: Mode
  /// The way to the network's input size.
  public var resize: ResizeMode
  /// The share of the shorter side that the centre crop of `.antialias` keeps, from 1/64 to 1; by default
  /// 224 / 256. Other modes take no notice of it.
  public var cropFraction: Double {
    didSet { Self.check(cropFraction) }
  }

  /// How exactly files are decoded. Takes effect where files are read; an `Image` is decoded already.
  public var decoding: Decoding

  /// Describes a preprocessing.
  ///
  /// - Precondition: `cropFraction` lies between 1/64 and 1.
  public init(
    mode: Mode, resize: ResizeMode = .antialias, cropFraction: Double = 224.0 / 256.0,
    decoding: Decoding = .exact
  ) {
    Self.check(cropFraction)
    self.mode = mode
    self.resize = resize
    self.cropFraction = cropFraction
    self.decoding = decoding
  }

  private static func check(_ fraction: Double) {
    precondition(
      isValid(fraction), "a crop keeps a share from 1/64 to 1 of the shorter side, not \(fraction)")
  }

  fileprivate static func isValid(_ fraction: Double) -> Bool {
    fraction >= 1.0 / 64 && fraction <= 1
  }
}

extension Preprocessing: Codable {
  private enum CodingKeys: String, CodingKey {
    case mode
    case resize
    case cropFraction
    case decoding
  }

  /// Reads a preprocessing; what it says about the crop is checked.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    let fraction = try values.decodeIfPresent(Double.self, forKey: .cropFraction) ?? 224.0 / 256.0
    guard Self.isValid(fraction) else {
      throw DecodingError.dataCorruptedError(
        forKey: .cropFraction, in: values,
        debugDescription: "the crop fraction must be from 1/64 to 1; it is \(fraction)")
    }
    self.init(
      mode: try values.decode(Mode.self, forKey: .mode),
      resize: try values.decodeIfPresent(ResizeMode.self, forKey: .resize) ?? .antialias,
      cropFraction: fraction,
      decoding: try values.decodeIfPresent(Decoding.self, forKey: .decoding) ?? .exact)
  }

  /// Writes a preprocessing; exact decoding goes without saying, as it did before there was another.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(mode, forKey: .mode)
    try values.encode(resize, forKey: .resize)
    try values.encode(cropFraction, forKey: .cropFraction)
    if decoding != .exact { try values.encode(decoding, forKey: .decoding) }
  }
}

extension Preprocessing: CustomStringConvertible {
  /// One line that says exactly what is done, for any input size.
  public var summary: String {
    "\(decodingSummary)\(resizeSummary(size: nil)); \(arithmeticSummary)"
  }

  /// One line that says exactly what is done for a network of `size` x `size` pixels.
  public func summary(size: Int) -> String {
    "\(decodingSummary)\(resizeSummary(size: size)); \(arithmeticSummary)"
  }

  /// The summary.
  public var description: String { summary }

  private var decodingSummary: String {
    decoding == .fast && resize == .antialias ? "large JPEGs decoded at a smaller size (fast); " : ""
  }

  private func resizeSummary(size: Int?) -> String {
    let square = size.map { "\($0) x \($0)" } ?? "size x size"
    switch resize {
    case .antialias:
      let shorter = size.map { "\(shorterSide(for: $0))" } ?? "size / \(cropFraction)"
      return "shorter side to \(shorter) pixels, bilinear with antialias, centre crop of \(square)"
    case .keras:
      return "whole picture to \(square) pixels, bilinear without antialias, aspect not kept"
    case .crop:
      return "no resizing, centre crop of \(square), black around smaller pictures"
    case .nearest:
      return "whole picture to \(square) pixels, nearest pixel, aspect not kept"
    case .squeeze:
      return "whole picture to \(square) pixels, bilinear with antialias, aspect not kept"
    }
  }

  private var arithmeticSummary: String {
    switch mode {
    case .caffe: "BGR, minus 103.939, 116.779, 123.68 (caffe)"
    case .tf: "RGB, x / 127.5 - 1 (tf)"
    case .torch: "RGB, x / 255, minus 0.485, 0.456, 0.406, divided by 0.229, 0.224, 0.225 (torch)"
    case .none: "RGB, 0 to 255 as they are (none: scaled inside the network)"
    }
  }
}
