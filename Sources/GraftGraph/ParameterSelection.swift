internal import GraftSupport
/// Which of a network's parameters train: a value, chosen from outside the network, with the algebra of sets.
///
/// A selection knows no network. It becomes a set of parameters when it is resolved against a graph, and only
/// then are names that the graph does not have found. Moving statistics of batch normalizations are never in
/// it: no gradient changes them.
///
/// ```swift
/// let selection = ParameterSelection.stages(from: "conv4").subtracting(.matching { $0.name == "gamma" })
/// ```
public struct ParameterSelection: Sendable {
  private indirect enum Form: Sendable {
    case all
    case none
    case stagesFrom(String)
    case stages([String])
    case layersFrom(String)
    case layers([String])
    case matching(@Sendable (Parameters.Key) -> Bool)
    case union(Form, Form)
    case subtraction(Form, Form)
  }

  private let form: Form

  /// Every parameter.
  public static let all = ParameterSelection(form: .all)

  /// No parameter.
  public static let none = ParameterSelection(form: .none)

  /// The classifier: the stage `Graph.headStage`.
  public static let head = ParameterSelection(form: .stages([Graph.headStage]))

  /// The stage `name` and all that begin after it.
  public static func stages(from name: String) -> ParameterSelection {
    ParameterSelection(form: .stagesFrom(name))
  }

  /// The stages `names`.
  public static func stages(_ names: [String]) -> ParameterSelection {
    ParameterSelection(form: .stages(names))
  }

  /// The layer `name` and all that come after it in the graph's order.
  public static func layers(from name: String) -> ParameterSelection {
    ParameterSelection(form: .layersFrom(name))
  }

  /// The layers `names`; layers without parameters add nothing.
  public static func layers(_ names: [String]) -> ParameterSelection {
    ParameterSelection(form: .layers(names))
  }

  /// The parameters that `isSelected` says yes to; they may be none.
  public static func matching(
    _ isSelected: @escaping @Sendable (Parameters.Key) -> Bool
  ) -> ParameterSelection {
    ParameterSelection(form: .matching(isSelected))
  }

  /// The parameters of either selection.
  public func union(_ other: ParameterSelection) -> ParameterSelection {
    ParameterSelection(form: .union(form, other.form))
  }

  /// The parameters of this selection that are not in the other.
  public func subtracting(_ other: ParameterSelection) -> ParameterSelection {
    ParameterSelection(form: .subtraction(form, other.form))
  }
}

extension ParameterSelection {
  /// The selected parameters of a graph.
  ///
  /// - Throws: `GraphError` with code `.unknownLayer` if the selection names a layer that the graph does not
  ///   have, or `.unknownStage`; the text names those that are spelled alike.
  public func keys(in graph: Graph) throws -> Set<Parameters.Key> {
    Set(try Self.keys(form, in: graph))
  }

  /// The selected parameters of a graph, in the graph's order and each layer's in Keras's.
  ///
  /// - Throws: what `keys(in:)` throws.
  public func orderedKeys(in graph: Graph) throws -> [Parameters.Key] {
    let selected = try keys(in: graph)
    return graph.trainableKeys.filter { selected.contains($0) }
  }

  private static func keys(_ form: Form, in graph: Graph) throws -> Set<Parameters.Key> {
    switch form {
    case .all:
      return Set(graph.trainableKeys)
    case .none:
      return []
    case .stagesFrom(let name):
      try check(stage: name, in: graph)
      return graph.trainableKeys(inStages: graph.stages.drop { $0 != name })
    case .stages(let names):
      for name in names { try check(stage: name, in: graph) }
      return graph.trainableKeys(inStages: names)
    case .layersFrom(let name):
      guard let first = graph.index(of: name) else { throw graph.unknownLayer(name) }
      return Set(graph.nodes[first...].flatMap { graph.trainableKeys(of: $0) })
    case .layers(let names):
      return Set(try names.flatMap { graph.trainableKeys(of: try graph.node(named: $0)) })
    case .matching(let isSelected):
      return Set(graph.trainableKeys.filter(isSelected))
    case .union(let a, let b):
      return try keys(a, in: graph).union(keys(b, in: graph))
    case .subtraction(let a, let b):
      return try keys(a, in: graph).subtracting(keys(b, in: graph))
    }
  }

  private static func check(stage name: String, in graph: Graph) throws {
    let stages = graph.stages
    guard !stages.contains(name) else { return }
    let nearest = stages.min { EditDistance.between($0, name) < EditDistance.between($1, name) } ?? ""
    throw GraphError(
      .unknownStage,
      "there is no stage \(name); the nearest is \(nearest), and all are \(stages.joined(separator: ", "))")
  }
}

extension Graph {
  /// The parameters that gradients may change, in the graph's order and each layer's in Keras's.
  public var trainableKeys: [Parameters.Key] { nodes.flatMap { trainableKeys(of: $0) } }

  /// The parameters of a layer that gradients may change.
  func trainableKeys(of node: Node) -> [Parameters.Key] {
    parameterShapes(of: node).filter { !Operation.isStatistic($0.name) }.map {
      Parameters.Key(node.name, $0.name)
    }
  }

  fileprivate func trainableKeys(inStages names: some Sequence<String>) -> Set<Parameters.Key> {
    let names = Set(names)
    return Set(nodes.filter { names.contains($0.stage) }.flatMap { trainableKeys(of: $0) })
  }
}
