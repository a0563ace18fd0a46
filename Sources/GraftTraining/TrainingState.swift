internal import GraftEngine
package import GraftGraph
internal import GraftTensor

/// Everything that a run of training goes on from, between two steps: with the same options, pictures and starting
/// network, what follows is the same to the last bit as if it had never stopped.
///
/// Random numbers need no state: all are drawn from the seed and the numbers of the epoch, the step and the picture.
package struct TrainingState: Hashable, Sendable {
  /// Weights as one vector, in the order of `TrainingRun.stateKeys`.
  package struct Weights: Hashable, Sendable {
    package var values: [Float]

    package init(values: [Float]) { self.values = values }

    /// None of them.
    static let empty = Weights(values: [])
  }

  /// Steps made, over all epochs.
  package var step = 0
  /// The sum of the losses of the pictures of the epoch that has begun.
  package var lossSum = 0.0
  /// Right answers among them, or the sum of what else is counted.
  package var right = 0.0
  /// Pictures among them.
  package var seen = 0
  /// Epochs that are finished.
  package var history = TrainingHistory()
  /// The weights that training changes.
  package var weights: Weights
  /// What the optimizer remembers.
  package var slots: [[Float]]
  /// The weights of the best epoch so far; nil where they are `weights`, or where nothing was evaluated.
  package var best: Weights?

  package init(weights: Weights, slots: [[Float]]) {
    self.weights = weights
    self.slots = slots
  }
}

extension Network {
  /// The values of parameters, one behind the other.
  package func weights(of keys: [Parameters.Key]) -> TrainingState.Weights {
    var values: [Float] = []
    values.reserveCapacity(keys.reduce(0) { $0 + (parameters[$1]?.count ?? 0) })
    for key in keys { values += parameters[key]?.scalars ?? [] }
    return TrainingState.Weights(values: values)
  }

  /// The network with other values for some parameters.
  ///
  /// - Throws: `TrainingError` with code `.checkpoint` if there are not as many values as the parameters have.
  package func replacing(_ keys: [Parameters.Key], with weights: TrainingState.Weights) throws -> Network {
    var parameters = parameters
    var start = 0
    for key in keys {
      guard let old = parameters[key], start + old.count <= weights.values.count else { break }
      parameters[key] = Tensor(
        shape: old.shape, scalars: Array(weights.values[start..<start + old.count]))
      start += old.count
    }
    guard start == weights.values.count, keys.allSatisfy({ parameters[$0] != nil }) else {
      throw TrainingError(
        .checkpoint, "\(weights.values.count) weights do not fit the \(keys.count) parameters that train")
    }
    return try Network(graph: graph, parameters: parameters)
  }
}
