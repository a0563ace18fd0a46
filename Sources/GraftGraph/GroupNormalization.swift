/// Attributes of a normalization by the mean and variance of parts of the picture itself:
/// gamma (x - mean) / sqrt(variance + epsilon) + beta.
///
/// Of groups of channels, each over all pixels (Wu and He, 2018, arXiv 1803.08494; instance normalization where each
/// channel is a group), or of the whole picture with one factor and term an element: a layer normalization over all
/// axes. Parameters: `gamma` if scaled, `beta` if centred.
public struct GroupNormalization: Hashable, Sendable, Codable {
  /// What there is one gamma and one beta for.
  public enum Scope: String, Hashable, Sendable, Codable {
    /// A channel.
    case channel
    /// An element of the picture.
    case element
  }

  /// The number of groups that channels are split into.
  public var groups: Int
  /// Added to the variance.
  public var epsilon: Float
  /// Whether there is a gamma.
  public var scales: Bool
  /// Whether there is a beta.
  public var centers: Bool
  /// What there is one gamma and one beta for.
  public var scope: Scope

  /// Attributes of a group normalization; the defaults are those of Keras.
  public init(
    groups: Int = 32, epsilon: Float = 1e-3, scales: Bool = true, centers: Bool = true,
    scope: Scope = .channel
  ) {
    self.groups = groups
    self.epsilon = epsilon
    self.scales = scales
    self.centers = centers
    self.scope = scope
  }
}
