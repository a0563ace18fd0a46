public import GraftGraph
internal import GraftSupport
public import GraftTensor

/// A network compiled for training: what is frozen as a plan for inference, and what trains with memory for
/// gradients.
///
/// The frozen part ends at the *boundary*: the results that the trained part reads. They may be computed once and
/// kept. Only layers between the loss and a parameter that trains have a backward pass. Frozen parameters never
/// change. Results are the same to the last bit whatever the number of threads.
///
/// ```swift
/// let logits = try plan.forward(pictures, draw: TrainingDraw(seed: 1, step: 0))
/// try plan.backward(gradientOfTheLoss)
/// plan.withParameters { values, gradients in … }
/// ```
public final class TrainingPlan {
  /// How batch normalizations with parameters that train behave. All others run on their stored statistics.
  public enum Statistics: String, Hashable, Sendable, Codable, CaseIterable {
    /// On the stored statistics, which do not change.
    case frozen
    /// On the statistics of the batch, which move the stored ones.
    case updated
  }

  /// The shape of one picture.
  public let inputShape: Shape
  /// The shape of the result for one picture.
  public let outputShape: Shape
  /// The activation that the network ends in: softmax and sigmoid are left to the loss, and the plan's result is
  /// what goes into them; `linear` otherwise.
  public let finalActivation: Activation
  /// Where the parameters that train lie in their vector.
  public let layout: ParameterLayout
  /// The results of the frozen part that the trained part reads.
  public let boundary: [InferencePlan.Output]
  /// The frozen part, which gives the boundary; nil if the boundary is the input.
  public let frozenPart: InferencePlan?

  let original: Network
  let program: TrainingProgram
  let store: ParameterStore
  let kernels: KernelTable
  var steps: [[PlannedStep]] = []
  /// What the gradients with respect to the layers' inputs take.
  var inputGradients: [InputGradient?] = []
  /// Memory goes from the weights of one step to those of the next.
  private let recycling = BufferRecycling()
  /// Whether `steps` hold other weights than the store.
  var isStale = true
  var storages: [AlignedBuffer?]
  var gradientBuffers = GradientBuffers()
  var scratch: TrainingScratch?
  /// What the layers took, if that is measured.
  var timings: Timings?
  /// The batch of the last forward pass, until its backward pass.
  var batch: (pictures: Int, draw: TrainingDraw)?

  /// Compiles a network.
  ///
  /// - Throws: `GraphError` if the selection names what the network does not have; `EngineError` with code
  ///   `.parameters` if it selects nothing that the network's output depends on, or `.outOfMemory`.
  public convenience init(
    _ network: Network, trainable: ParameterSelection, statistics: Statistics = .frozen
  ) throws {
    try self.init(network, trainable: trainable, statistics: statistics, kernels: .current)
  }

  /// Compiles a network for the kernels of one instruction set.
  package init(
    _ network: Network, trainable: ParameterSelection, statistics: Statistics = .frozen, kernels: KernelTable
  ) throws {
    let graph = network.graph
    let keys = try trainable.keys(in: graph)
    let program = TrainingProgram(graph, trainable: keys, updatesStatistics: statistics == .updated)
    store = try ParameterStore(network, nodes: program.nodes.map { graph.nodes[$0] }, trainable: keys)
    guard store.layout.count > 0, program.values[program.output].hasGradient else {
      throw EngineError(
        .parameters,
        "the selection leaves nothing to train; layers with parameters are "
          + Set(graph.trainableKeys.map(\.layer)).sorted().suffix(5).joined(separator: ", "))
    }
    layout = store.layout
    original = network
    self.kernels = kernels
    self.program = program
    inputShape = graph.inputShape
    outputShape = graph.output.shape
    finalActivation = program.finalActivation
    storages = [AlignedBuffer?](repeating: nil, count: program.storages)
    let names = program.boundary.map { graph.nodes[$0.node].name }
    if program.boundary.map(\.node) == [0] {
      frozenPart = nil
      boundary = [InferencePlan.Output(name: graph.nodes[0].name, shape: graph.inputShape)]
    } else {
      let plan = try InferencePlan(network, outputs: names, kernels: kernels)
      frozenPart = plan
      boundary = plan.outputs
    }
  }

  /// The network with its parameters and statistics as they stand.
  public func network() throws -> Network {
    var parameters = original.parameters
    for (key, tensor) in store.tensors { parameters[key] = tensor }
    return try Network(graph: original.graph, parameters: parameters)
  }

  /// The values of parameters as they stand, one behind the other; of those that the plan has none of, the values of the
  /// network that it was made of.
  ///
  /// - Parameter trained: what to give for the parameters that train in place of them, laid out by `layout`.
  package func values(of keys: [Parameters.Key], trained: [Float]? = nil) -> [Float] {
    store.values(of: keys, trained: trained, original: original.parameters)
  }

  /// Lets `body` read and change the parameters that train and the gradients of the last backward pass, both laid
  /// out by `layout`.
  public func withParameters<Result>(
    _ body: (
      _ values: UnsafeMutableBufferPointer<Float>, _ gradients: UnsafeMutableBufferPointer<Float>
    ) throws -> Result
  ) rethrows -> Result {
    isStale = true
    return try body(
      UnsafeMutableBufferPointer(start: store.values.base, count: layout.count),
      UnsafeMutableBufferPointer(start: store.gradients.base, count: layout.count))
  }
}
