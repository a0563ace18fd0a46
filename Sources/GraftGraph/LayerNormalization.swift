/// Attributes of a layer normalization over the innermost axis: gamma (x - mean) / sqrt(variance + epsilon) + beta,
/// with the mean and the variance of the pixel itself. Parameters, each one value a channel: `gamma` if scaled,
/// `beta` if centred. Ba, Kiros and Hinton, 2016, arXiv 1607.06450.
public struct LayerNormalization: Hashable, Sendable, Codable {
  /// Added to the variance.
  public var epsilon: Float
  /// Whether there is a gamma.
  public var scales: Bool
  /// Whether there is a beta.
  public var centers: Bool

  /// Attributes of a layer normalization; the defaults are those of Keras.
  public init(epsilon: Float = 1e-3, scales: Bool = true, centers: Bool = true) {
    self.epsilon = epsilon
    self.scales = scales
    self.centers = centers
  }
}
