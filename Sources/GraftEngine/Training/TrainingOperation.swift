internal import GraftGraph
internal import GraftSupport
internal import GraftTensor

/// One operation of a network in training: how its result is computed, and how the gradient of a loss with respect
/// to its result leads to those with respect to its inputs and parameters.
///
/// Work is cut into shares by shapes and the size of the batch alone, and sums over pictures are taken in a fixed
/// order, so that the number of threads changes no bit.
protocol TrainingOperation {
  /// The inputs, without batch axis.
  var inputShapes: [Shape] { get }
  /// The result, without batch axis.
  var shape: Shape { get }
  /// Whether the gradients read what the operation read, or what it gave.
  var gradientReads: (inputs: Bool, output: Bool) { get }
  /// Whether the result may stand where the first input stood.
  var mayOverwrite: Bool { get }
  /// The input with respect to which the gradient may stand where that with respect to the result stood.
  var passedInput: Int? { get }
  /// Whether it can set the gradient with respect to its first input to zero where that is a result of ReLU that is
  /// flat there, so that nobody else has to.
  var gatesInput: Bool { get }
  /// Whether the layer for inference can apply an activation that follows.
  var appliesActivation: Bool { get }

  /// Memory that a pass over a batch needs.
  func room(pictures: Int, _ kernels: KernelTable) -> TrainingRoom
  /// What the plan for inference would run, for the weights as they stand; nil if `forward` does the work.
  func inferenceLayer(_ parameters: LayerParameters, _ activation: KernelActivation) -> Layer?
  /// What the gradient with respect to the first input takes, for the weights as they stand; nil if nothing.
  ///
  /// - Throws: `EngineError` with code `.outOfMemory`.
  func inputGradient(_ parameters: LayerParameters, _ kernels: KernelTable) throws -> InputGradient?
  /// Computes the result.
  func forward(_ pass: ForwardPass)
  /// Computes the gradients that are wanted.
  func backward(_ pass: BackwardPass)
}

extension TrainingOperation {
  var mayOverwrite: Bool { false }
  var passedInput: Int? { nil }
  var appliesActivation: Bool { false }
  var gatesInput: Bool { false }

  func room(pictures: Int, _ kernels: KernelTable) -> TrainingRoom { TrainingRoom() }

  func inferenceLayer(_ parameters: LayerParameters, _ activation: KernelActivation) -> Layer? { nil }

  func inputGradient(_ parameters: LayerParameters, _ kernels: KernelTable) throws -> InputGradient? { nil }

  func forward(_ pass: ForwardPass) {}

  /// The layer of this operation for inference.
  func layer(_ name: String, _ kind: Layer.Kind, _ activation: KernelActivation = .none) -> Layer {
    Layer(
      name: name, kind: kind, inputs: Array(inputShapes.indices), inputShapes: inputShapes, shape: shape,
      activation: activation)
  }
}

/// What an operation works with in the forward pass. Arrays hold picture after picture.
struct ForwardPass {
  let pictures: Int
  let inputs: [UnsafePointer<Float>]
  let output: UnsafeMutablePointer<Float>
  var parameters: LayerParameters
  /// Tells this step's random numbers from those of others.
  let draw: TrainingDraw
  let scratch: TrainingScratch
}

/// What an operation works with in the backward pass. Arrays hold picture after picture.
struct BackwardPass {
  /// Where a gradient goes.
  struct Target {
    let base: UnsafeMutablePointer<Float>
    /// Whether it is added to what is there, which is otherwise undefined.
    let accumulates: Bool
  }

  let pictures: Int
  /// What the operation read; undefined where it does not say that it needs it.
  let inputs: [UnsafePointer<Float>]
  /// What the operation gave; undefined where it does not say that it needs it.
  let output: UnsafePointer<Float>
  /// The gradient with respect to the result.
  let gradient: UnsafeMutablePointer<Float>
  /// For each input, the place for the gradient with respect to it, or nil if nobody needs it. That of `passedInput`
  /// may be `gradient` itself.
  let targets: [Target?]
  /// What has to be done to the gradient with respect to the first input when it is complete.
  let gate: Gate?
  /// What `inputGradient` gave.
  let inputGradient: InputGradient?
  var parameters: LayerParameters
  let draw: TrainingDraw
  let kernels: KernelTable
  let scratch: TrainingScratch
}

/// The slope of an activation that is 1 between two results and 0 elsewhere.
struct Gate: Hashable, Sendable {
  var low: Float
  var high: Float

  /// The gate of an activation, or nil if its slope is of another kind.
  init?(_ activation: Activation) {
    switch activation {
    case .relu: (low, high) = (0, .infinity)
    case .relu6: (low, high) = (0, 6)
    default: return nil
    }
  }
}

/// What fixes the random numbers of one training step, whoever draws them and in whatever order.
public struct TrainingDraw: Hashable, Sendable {
  /// The seed of the run.
  public var seed: UInt64
  /// The number of the step.
  public var step: Int

  /// The numbers of a step under a seed.
  public init(seed: UInt64, step: Int) {
    self.seed = seed
    self.step = step
  }

  /// A generator for one picture of the batch in one layer.
  func generator(_ layer: String, picture: Int) -> SeededGenerator {
    SeededGenerator(seed: seed, stream: "dropout/\(layer)/\(step)/\(picture)")
  }
}

/// Memory of each worker for what no other needs.
final class TrainingScratch {
  private let buffers: [AlignedBuffer]
  private let shared: AlignedBuffer
  /// The workers that loops may use.
  let workers: Int
  /// Where the processor time of loops is added up, if it is.
  var timings: Timings?
  /// The place there for loops from now on.
  var slot = 0

  /// Scratch for as many workers as loops have now.
  ///
  /// - Throws: `EngineError` with code `.outOfMemory`.
  init(_ room: TrainingRoom) throws {
    let workers = ThreadPool.threads
    self.workers = workers
    buffers = try (0..<workers).map { _ in try AlignedBuffer(count: room.worker, for: "scratch") }
    shared = try AlignedBuffer(count: room.common, for: "what threads share in training")
  }

  /// Whether it is enough for a pass, and for as many workers as loops have now.
  func suffices(_ room: TrainingRoom) -> Bool {
    workers == ThreadPool.threads && shared.count >= room.common
      && buffers.allSatisfy { $0.count >= room.worker }
  }

  /// The memory of one worker.
  subscript(worker: Int) -> UnsafeMutablePointer<Float> { buffers[worker].base }

  /// Memory that the shares of one loop have in common.
  var common: UnsafeMutablePointer<Float> { shared.base }

  /// Calls `body` for each of 0 ..< `count`, on several threads.
  func forEach(_ count: Int, _ body: (_ index: Int, _ worker: Int) -> Void) {
    guard let timings else {
      ThreadPool.shared.forEach(count, limit: workers, worker: body)
      return
    }
    ThreadPool.shared.forEach(count, limit: workers) { index, worker in
      let start = timings.now()
      body(index, worker)
      timings.add(start, to: slot, worker: worker)
    }
  }
}

/// Floats of memory that an operation needs besides its arrays.
struct TrainingRoom {
  /// For each worker.
  var worker = 0
  /// For the shares of a loop together.
  var common = 0

  /// Enough for either of two.
  func joined(with other: TrainingRoom) -> TrainingRoom {
    TrainingRoom(worker: max(worker, other.worker), common: max(common, other.common))
  }
}
