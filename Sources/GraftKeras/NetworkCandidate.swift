public import GraftGraph

/// What a candidate network ends with.
public enum CandidateTop: Hashable, Sendable {
  /// The last features of the trunk.
  case none
  /// The published classifier, for a number of classes.
  case classifier(classes: Int)
}

/// A network that a file may turn out to be made for.
public struct NetworkCandidate: Sendable {
  /// The network's name, for the reader and for finding it again.
  public let name: String
  /// Builds the network, for the pictures that it was published with.
  public let graph: @Sendable (_ top: CandidateTop) throws -> Graph

  /// A candidate.
  public init(name: String, graph: @Sendable @escaping (_ top: CandidateTop) throws -> Graph) {
    self.name = name
    self.graph = graph
  }
}
