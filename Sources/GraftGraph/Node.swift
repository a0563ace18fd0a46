public import GraftTensor

extension Graph {
  /// One layer of a network.
  public struct Node: Hashable, Sendable, Codable {
    /// The layer's name, unique in its graph; Keras's own for published architectures.
    public let name: String
    /// What it computes.
    public let operation: Operation
    /// The indices of the nodes that it reads, all smaller than its own.
    public let inputs: [Int]
    /// The part of the network that it belongs to, for freezing and probing; see `GraphBuilder.begin(stage:)`.
    public let stage: String
    /// The shape of its result, without batch axis.
    public let shape: Shape
  }
}
