package import GraftGraph

extension TrainingPlan {
  /// The layers whose results the trained part of a network would read, as `boundary` names them, without compiling
  /// anything.
  ///
  /// - Throws: `GraphError` if the selection names what the graph does not have.
  package static func boundary(of graph: Graph, trainable: ParameterSelection) throws -> [String] {
    let program = TrainingProgram(graph, trainable: try trainable.keys(in: graph), updatesStatistics: false)
    return program.boundary.map { graph.nodes[$0.node].name }
  }
}
