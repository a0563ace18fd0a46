public import GraftGraph
internal import GraftEngine
internal import GraftTensor

extension TrainingRun {
  /// The network with the moving average of its weights in place of those that trained; nil where the optimizer keeps
  /// none, and before the first step. Statistics of batch normalizations are those of the network as it stands.
  ///
  /// - Throws: what `network()` throws.
  public func averagedNetwork() throws -> Network? {
    guard let average = optimizer.average else { return nil }
    let network = try network()
    var parameters = network.parameters
    for entry in plan.layout.entries {
      parameters[entry.key] = Tensor(shape: entry.shape, scalars: Array(average[entry.range]))
    }
    return try Network(graph: network.graph, parameters: parameters)
  }

  /// The weights as they stand, in the order of `stateKeys`.
  var weights: TrainingState.Weights { TrainingState.Weights(values: plan.values(of: stateKeys)) }

  /// Those of `result()`, in the order of `stateKeys`.
  var resultingWeights: TrainingState.Weights {
    TrainingState.Weights(values: plan.values(of: stateKeys, trained: optimizer.average))
  }
}
