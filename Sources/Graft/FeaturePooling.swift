internal import GraftGraph

/// What is kept of a feature map: one number a channel, or all of it.
public enum FeaturePooling: String, Sendable, Hashable, Codable, CaseIterable {
  /// The mean over height and width.
  case avg
  /// The maximum over height and width.
  case max
  /// Everything: height x width x channels.
  case none

  var global: GlobalPooling.Kind? {
    switch self {
    case .avg: .average
    case .max: .max
    case .none: nil
    }
  }
}

extension Graph {
  /// The graph cut to what `layers` need, with each feature map pooled: the graph that features are read from.
  ///
  /// - Returns: the graph, and for each of `layers` the name of the node that holds its features.
  /// - Throws: `GraphError` with code `.unknownLayer`.
  func extracting(_ layers: [String], pooling: FeaturePooling) throws -> (graph: Graph, outputs: [String]) {
    var builder = GraphBuilder(continuing: try truncated(at: layers))
    var outputs: [String] = []
    for layer in layers {
      guard let kind = pooling.global, let value = builder.value(named: layer),
        builder.shape(of: value).rank == 3
      else {
        outputs.append(layer)
        continue
      }
      let name = "\(layer):\(pooling.rawValue)"
      if builder.value(named: name) == nil { _ = builder.globalPooling(value, kind, name) }
      outputs.append(name)
    }
    return (try builder.graph(), outputs)
  }
}
