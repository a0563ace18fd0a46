public import GraftGraph
internal import GraftTensor

/// A layer of a network whose output a probe looks at.
public struct ProbePoint: Sendable, Hashable, Codable {
  /// The stage that the layer belongs to.
  public let stage: String
  /// The layer.
  public let layer: String
}

extension Graph {
  /// Layers to probe, from the input to the output: the last of each stage, and where that leaves room the ends of blocks
  /// inside stages, more of them the later the stage is.
  ///
  /// Inside a stage those layers count that everything behind them reads the picture through, and that give
  /// something finished: an activation, a sum, a pooled map, not a convolution whose normalization is to come.
  ///
  /// - Parameter limit: how many layers at most.
  /// - Precondition: `limit` is at least 1; the graph has no classifier.
  public func probePoints(limit: Int = 20) -> [ProbePoint] {
    precondition(limit >= 1, "at least one layer must be probed, not \(limit)")
    let places = stages.compactMap { stage in nodes.lastIndex { $0.stage == stage } }
      .filter { nodes[$0].stage != nodes[0].stage || nodes[$0].stage == output.stage }
    var ends = places.isEmpty || places.last != outputIndex ? places + [outputIndex] : places
    if ends.count > limit { ends = Self.evenly(ends, limit) }
    var chosen = Set(ends)
    let inner = finishedLayers.filter { !chosen.contains($0) }
    for end in ends.reversed() where chosen.count < limit {
      let candidates = inner.filter { nodes[$0].stage == nodes[end].stage && $0 < end }
      let room = (limit - chosen.count + 1) / 2
      // A graph without stages has one: all the room is for it.
      chosen.formUnion(Self.evenly(candidates, ends.count == 1 ? limit - chosen.count : room))
    }
    return chosen.sorted().map { ProbePoint(stage: nodes[$0].stage, layer: nodes[$0].name) }
  }

  /// The layers that all behind them reads the picture through and that give something finished.
  private var finishedLayers: [Int] {
    var lastReader = Array(nodes.indices)
    var readers = [[Int]](repeating: [], count: nodes.count)
    for (index, node) in nodes.enumerated() {
      for input in node.inputs {
        lastReader[input] = index
        readers[input].append(index)
      }
    }
    var farthest = 0
    var found: [Int] = []
    for index in nodes.indices {
      if index > 0, farthest <= index, nodes[index].shape.rank == 3, !readers[index].isEmpty,
        nodes[index].operation.isFinished,
        readers[index].contains(where: { !nodes[$0].operation.completes })
      {
        found.append(index)
      }
      farthest = max(farthest, lastReader[index])
    }
    return found
  }

  /// At most `count` of `places`, spread evenly, the last one among them.
  private static func evenly(_ places: [Int], _ count: Int) -> [Int] {
    guard places.count > count else { return places }
    return (0..<max(count, 0)).map { places[(($0 + 1) * places.count) / count - 1] }
  }
}

extension Operation {
  /// Whether a layer gives something that the next block begins with.
  fileprivate var isFinished: Bool {
    switch self {
    case .activation, .add, .scaledAddition, .concatenate, .maxPooling, .averagePooling, .convolution,
      .batchNormalization, .layerNormalization:
      true
    default: false
    }
  }

  /// Whether a layer is the rest of the one before it.
  fileprivate var completes: Bool {
    switch self {
    case .activation, .batchNormalization, .layerNormalization, .dropout, .stochasticDepth, .layerScale: true
    default: false
    }
  }
}
