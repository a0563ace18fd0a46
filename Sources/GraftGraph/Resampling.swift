package import GraftTensor

/// Attributes of making a picture larger or smaller by interpolation, as Keras's `UpSampling2D` and `Resizing` do.
public struct Resampling: Hashable, Sendable, Codable {
  /// How values between pixels are found.
  public enum Interpolation: String, Hashable, Sendable, Codable {
    /// The nearest pixel.
    case nearest
    /// From the two pixels on each axis, whose centres lie half a pixel inside; without antialias.
    case bilinear
  }

  /// What the size becomes.
  public enum Target: Hashable, Sendable, Codable {
    /// So many times as large.
    case factor(Extent)
    /// This.
    case size(Extent)
  }

  /// What the size becomes.
  public var target: Target
  /// How values between pixels are found.
  public var interpolation: Interpolation

  /// Attributes of a resampling.
  public init(_ target: Target, _ interpolation: Interpolation) {
    self.target = target
    self.interpolation = interpolation
  }

  /// The size of the result for a picture of shape height x width x channels.
  package func extent(over shape: Shape) -> Extent {
    switch target {
    case .factor(let factor):
      Extent(height: shape[0] * factor.height, width: shape[1] * factor.width)
    case .size(let extent): extent
    }
  }
}
