internal import GraftGraph
internal import GraftHDF5

/// The stages of a graph, which Keras's configuration has no place for: where each begins in the order of the
/// layers, kept as two lists beside the model.
struct Stages: Hashable {
  /// The group that holds what is Graft's own.
  static let group = "graft"

  private let stages: [String]
  private let firstLayers: [String]

  /// The stages of a graph whose layers have the names `names` in the file.
  init(_ graph: Graph, names: [String]) {
    var stages: [String] = []
    var firstLayers: [String] = []
    for (node, name) in zip(graph.nodes, names) where node.stage != stages.last {
      stages.append(node.stage)
      firstLayers.append(name)
    }
    self.stages = stages
    self.firstLayers = firstLayers
  }

  /// The stages that `group` holds; nil where it holds none.
  init?(in group: HDF5Group) throws {
    guard let stages = try group.stringList("stages"), let firstLayers = try group.stringList("stage_layers"),
      stages.count == firstLayers.count
    else { return nil }
    self.stages = stages
    self.firstLayers = firstLayers
  }

  func write(to group: HDF5Group) throws {
    try group.setStringList("stages", stages)
    try group.setStringList("stage_layers", firstLayers)
  }

  /// The graph with these stages; as it is where they do not fit it.
  func applied(to graph: Graph) throws -> Graph {
    let starts = Dictionary(zip(firstLayers, stages), uniquingKeysWith: { first, _ in first })
    guard let first = firstLayers.first, graph.nodes[0].name == first,
      firstLayers.allSatisfy({ graph.index(of: $0) != nil })
    else { return graph }
    var builder = GraphBuilder()
    var values: [GraphBuilder.Value] = []
    for node in graph.nodes {
      if let stage = starts[node.name] { builder.begin(stage: stage) }
      values.append(builder.layer(node.operation, node.inputs.map { values[$0] }, node.name))
    }
    return try builder.graph()
  }
}
