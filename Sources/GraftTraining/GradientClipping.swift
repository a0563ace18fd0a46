/// A bound on gradients, so that one odd batch does not undo what many have learnt.
public enum GradientClipping: Hashable, Sendable, Codable {
  /// All gradients together, as one vector, are made no longer than this (Pascanu et al., 2013, arXiv 1211.5063;
  /// `global_clipnorm` in Keras): each is multiplied by bound / max(length, bound).
  case globalNorm(Double)
  /// Each gradient is cut at plus and minus this (`clipvalue` in Keras).
  case value(Double)

  /// The bound.
  public var bound: Double {
    switch self {
    case .globalNorm(let bound), .value(let bound): bound
    }
  }
}
