internal import GraftSupport
public import GraftTensor

/// A network as data: layers in an order in which each comes after those it reads. No weights, no arithmetic.
///
/// The first node is the only input. Made by `GraphBuilder`, or by cutting another graph.
public struct Graph: Sendable {
  /// The layers, in topological order.
  public let nodes: [Node]

  private let indices: [String: Int]

  /// The stage that holds the classifier, which `withoutHead()` takes off.
  public static let headStage = "head"

  /// A graph of the given nodes, whose last is the output.
  ///
  /// - Throws: `GraphError` if the first node is not the only input, a name occurs twice, a node reads one
  ///   that comes after it, or shapes do not follow from each other.
  public init(nodes: [Node]) throws {
    var indices: [String: Int] = [:]
    for (index, node) in nodes.enumerated() {
      guard !node.name.isEmpty, indices.updateValue(index, forKey: node.name) == nil else {
        throw GraphError(.name, "a layer's name must be unique and not empty", layer: node.name)
      }
      guard node.inputs.allSatisfy({ 0 <= $0 && $0 < index }) else {
        throw GraphError(.structure, "reads a layer that comes after it", layer: node.name)
      }
      var isInput = false
      if case .input = node.operation { isInput = true }
      guard isInput == (index == 0) else {
        throw GraphError(.structure, "the first layer must be the only input", layer: node.name)
      }
      let shape: Shape
      do {
        shape = try node.operation.outputShape(for: node.inputs.map { nodes[$0].shape })
      } catch let error as GraphError {
        throw GraphError(error.code, error.message, layer: node.name)
      }
      guard shape == node.shape else {
        throw GraphError(.shape, "gives \(shape), not \(node.shape)", layer: node.name)
      }
    }
    guard !nodes.isEmpty else { throw GraphError(.structure, "a graph needs at least an input") }
    self.nodes = nodes
    self.indices = indices
  }

  /// The index of the output: the last node.
  public var outputIndex: Int { nodes.count - 1 }

  /// The output: the last node.
  public var output: Node { nodes[nodes.count - 1] }

  /// The shape of the input, height x width x channels.
  public var inputShape: Shape { nodes[0].shape }

  /// The index of the layer `name`, or nil.
  public func index(of name: String) -> Int? { indices[name] }

  /// The layer `name`.
  ///
  /// - Throws: `GraphError` with code `.unknownLayer`, naming layers that are spelled alike.
  public func node(named name: String) throws -> Node {
    guard let index = indices[name] else { throw unknownLayer(name) }
    return nodes[index]
  }

  /// The stages, in order of first appearance.
  public var stages: [String] {
    var seen: Set<String> = []
    return nodes.map(\.stage).filter { seen.insert($0).inserted }
  }

  /// The names and shapes of a node's parameters, in Keras's order.
  public func parameterShapes(of node: Node) -> [(name: String, shape: Shape)] {
    node.operation.parameterShapes(for: node.inputs.map { nodes[$0].shape })
  }

  /// The number of values in all parameters, moving statistics included.
  public var parameterCount: Int {
    nodes.reduce(0) { $0 + parameterShapes(of: $1).reduce(0) { $0 + $1.shape.count } }
  }

  /// The error for a layer that is not there, with layers that are spelled alike.
  package func unknownLayer(_ name: String) -> GraphError {
    let wanted = name.lowercased()
    // A third of the letters may be wrong; beyond that likeness is chance. The nearest comes first, of equally
    // near ones the last layer.
    let alike = nodes.reversed()
      .map { (name: $0.name, lower: $0.name.lowercased()) }
      .map { (name: $0.name, lower: $0.lower, distance: EditDistance.between($0.lower, wanted)) }
      .filter { 3 * $0.distance <= wanted.count || $0.lower.contains(wanted) || wanted.contains($0.lower) }
      .sorted { $0.distance < $1.distance }
    let candidates = alike.isEmpty ? nodes.suffix(3).map(\.name) : alike.prefix(5).map(\.name)
    return GraphError(
      .unknownLayer,
      "there is no such layer; \(alike.isEmpty ? "the last ones are" : "near it are") "
        + candidates.joined(separator: ", "),
      layer: name)
  }
}

extension Graph: Hashable {
  /// Graphs are equal when their nodes are.
  public static func == (a: Graph, b: Graph) -> Bool { a.nodes == b.nodes }

  /// Hashes the nodes.
  public func hash(into hasher: inout Hasher) { hasher.combine(nodes) }
}

extension Graph: Codable {
  /// Reads a list of nodes and checks them as `init(nodes:)` does.
  public init(from decoder: any Decoder) throws {
    try self.init(nodes: decoder.singleValueContainer().decode([Node].self))
  }

  /// Writes the list of nodes.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(nodes)
  }
}
