public import GraftTensor

/// The weights of a network: arrays by layer and name.
public struct Parameters: Hashable, Sendable {
  /// The address of one array.
  public struct Key: Hashable, Sendable, Codable, CustomStringConvertible {
    /// The layer's name.
    public let layer: String
    /// The parameter's name in Keras 2's spelling: kernel, depthwise_kernel, pointwise_kernel, bias, gamma, beta,
    /// moving_mean, moving_variance, mean, variance or count.
    public let name: String

    /// The address of the parameter `name` of `layer`.
    public init(_ layer: String, _ name: String) {
      self.layer = layer
      self.name = name
    }

    /// "layer/name".
    public var description: String { "\(layer)/\(name)" }
  }

  /// The arrays.
  public private(set) var tensors: [Key: Tensor]

  /// No parameters, or the given ones.
  public init(_ tensors: [Key: Tensor] = [:]) { self.tensors = tensors }

  /// The array at an address, or nil.
  public subscript(key: Key) -> Tensor? {
    get { tensors[key] }
    set { tensors[key] = newValue }
  }

  /// The parameter `name` of `layer`, or nil.
  public subscript(layer: String, name: String) -> Tensor? {
    get { tensors[Key(layer, name)] }
    set { tensors[Key(layer, name)] = newValue }
  }
}
