public import GraftGraph
public import GraftTensor

/// Where each parameter that trains lies in one long vector: in the graph's order, and each layer's parameters in
/// Keras's. Values, gradients and an optimizer's memory are all laid out like this.
public struct ParameterLayout: Hashable, Sendable {
  /// One parameter.
  public struct Entry: Hashable, Sendable {
    /// The parameter's address in the network.
    public let key: Parameters.Key
    /// Its shape.
    public let shape: Shape
    /// Its place in the vector, in elements.
    public let range: Range<Int>
  }

  /// The parameters, in the order of the vector.
  public let entries: [Entry]

  /// The number of elements of the vector.
  public var count: Int { entries.last?.range.upperBound ?? 0 }

  /// The layout of the given parameters.
  init(_ parameters: [(key: Parameters.Key, shape: Shape)]) {
    var end = 0
    entries = parameters.map { key, shape in
      defer { end += shape.count }
      return Entry(key: key, shape: shape, range: end..<end + shape.count)
    }
  }
}
