/// Attributes of a normalization by figures that are known beforehand: (x - mean) / sqrt(variance), channel by channel.
///
/// Either the figures are given here, or they are the parameters `mean` and `variance`, which no gradient changes;
/// with them goes `count`, the number of values that they were taken from, which nothing depends on.
public struct Normalization: Hashable, Sendable, Codable {
  /// Mean and variance.
  public struct Figures: Hashable, Sendable, Codable {
    /// One mean a channel.
    public var mean: [Float]
    /// One variance a channel.
    public var variance: [Float]

    /// Figures given one a channel.
    public init(mean: [Float], variance: [Float]) {
      self.mean = mean
      self.variance = variance
    }
  }

  /// The figures; nil where they are parameters.
  public var figures: Figures?

  /// A normalization by given figures, or by parameters.
  public init(_ figures: Figures? = nil) { self.figures = figures }

  /// The least standard deviation that is divided by; Keras's `backend.epsilon()`.
  package static let leastDeviation = 1e-7

  /// What the normalization comes to, in Double: a factor and a term a channel.
  package static func scaleAndOffset(
    mean: [Double], variance: [Double]
  ) -> (scale: [Double], offset: [Double]) {
    let scale = variance.map { 1 / max($0.squareRoot(), leastDeviation) }
    return (scale, zip(mean, scale).map { -$0 * $1 })
  }
}
