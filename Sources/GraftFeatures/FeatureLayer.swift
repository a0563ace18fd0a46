public import GraftTensor

/// A layer of a network whose output is kept.
public struct FeatureLayer: Hashable, Sendable, Codable {
  /// The name of the layer.
  public let name: String
  /// The shape of its output for one picture: `[D]` after pooling, `[H, W, C]` without.
  public let shape: Shape

  /// A layer of a network whose output is kept.
  public init(name: String, shape: Shape) {
    self.name = name
    self.shape = shape
  }
}

extension FeatureLayer: CustomStringConvertible {
  /// Name and shape.
  public var description: String { "\(name) (\(shape))" }
}

/// How features are stored.
public enum FeatureScalar: String, Hashable, Sendable, Codable, CaseIterable {
  /// 4 bytes a number, exactly what the network gave.
  case float32
  /// 2 bytes a number: 11 bits of precision, magnitudes up to 65504.
  case float16
}
