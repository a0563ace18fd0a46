internal import GraftGraph
internal import GraftSupport
internal import GraftTensor

/// What a step of training does with a layer.
enum Phase: Int, CaseIterable {
  case packing
  case forward
  case weights
  case input
}

extension TrainingPlan {
  /// Processor time spent in a layer.
  package struct LayerTimes: Sendable {
    /// The layer's name, and the operation's type.
    package let name: String
    package let operation: String
    /// Seconds since `startProfile`, of all threads together: to pack weights, forward, for the gradients with respect
    /// to weights where they are told apart, and for all else backward.
    package let packing: Double
    package let forward: Double
    package let weights: Double
    package let input: Double
  }

  /// Begins to add up what the layers take.
  package func startProfile() {
    timings = Timings(steps: 4 * program.layers.count, workers: ThreadPool.threads)
  }

  /// What the layers took since `startProfile`, in order.
  package var profile: [LayerTimes] {
    guard let timings else { return [] }
    return program.layers.enumerated().map { index, layer in
      let seconds = Phase.allCases.map { timings.total(4 * index + $0.rawValue) }
      return LayerTimes(
        name: layer.name, operation: "\(type(of: layer.operation))", packing: seconds[0],
        forward: seconds[1], weights: seconds[2], input: seconds[3])
    }
  }

  /// Numbers of weights, for the order of work.
  var weightCounts: [Int] {
    var counts: [String: Int] = [:]
    for entry in layout.entries { counts[entry.key.layer, default: 0] += entry.shape.count }
    return program.layers.map { counts[$0.name] ?? 0 }
  }
}
