public import GraftGraph
internal import GraftTensor

/// The order in which Keras lists the layers of a functional model, `model.layers`.
///
/// Files without usable names are matched by it. Layers are sorted by depth, the longest path to an output,
/// deepest first; those of one depth by when a search from the output, which follows inputs in order, first
/// meets them (`map_graph` in Keras's `ops/function.py`). Branches therefore interleave.
public enum KerasLayerOrder {
  /// The indices of a graph's nodes in Keras's order.
  public static func nodes(of graph: Graph) -> [Int] {
    let nodes = graph.nodes
    var firstSeen = [Int?](repeating: nil, count: nodes.count)
    var finished: [Int] = []
    var seen = 0
    // A search in depth with a stack of its own, since a hostile graph may be deep: each entry is a node and
    // the number of its inputs already followed.
    var stack: [(node: Int, next: Int)] = [(graph.outputIndex, 0)]
    firstSeen[graph.outputIndex] = 0
    seen = 1
    while let (node, next) = stack.last {
      if next < nodes[node].inputs.count {
        stack[stack.count - 1].next += 1
        let input = nodes[node].inputs[next]
        if firstSeen[input] == nil {
          firstSeen[input] = seen
          seen += 1
          stack.append((input, 0))
        }
      } else {
        finished.append(node)
        stack.removeLast()
      }
    }
    var depth = [Int](repeating: 0, count: nodes.count)
    for node in finished.reversed() {
      for input in nodes[node].inputs { depth[input] = max(depth[input], depth[node] + 1) }
    }
    return finished.sorted { a, b in
      depth[a] != depth[b] ? depth[a] > depth[b] : (firstSeen[a] ?? 0) < (firstSeen[b] ?? 0)
    }
  }

  /// The layers of a graph that have weights, in Keras's order.
  public static func weightedNodes(of graph: Graph) -> [Graph.Node] {
    nodes(of: graph).map { graph.nodes[$0] }.filter { !graph.parameterShapes(of: $0).isEmpty }
  }
}
