public import GraftGraph
internal import GraftSupport
public import GraftTensor

/// A network compiled for inference: weights folded and packed, layers merged, memory planned.
///
/// Results are the same to the last bit whatever the size of the batch and the number of threads. A plan may be
/// run by several threads at the same time.
public final class InferencePlan: Sendable {
  /// One result of a plan.
  public struct Output: Hashable, Sendable {
    /// The name of the layer that gives it.
    public let name: String
    /// Its shape for one picture, without batch axis.
    public let shape: Shape
  }

  /// The shape of one picture: height x width x channels.
  public let inputShape: Shape
  /// The results, in the order in which they were asked for.
  public let outputs: [Output]

  let steps: [PlannedStep]
  let segments: [Segment]
  let places: [Place]
  /// For each output that is not written by a step, the layer it is copied from.
  let copies: [(layer: Int, output: Int)]
  let arenaCount: Int
  let sharedCount: Int
  let scratchBytes: Int
  let workspaces = WorkspacePool()

  /// Steps that run together: each picture through all of them, or one of them over all pictures.
  enum Segment: Sendable {
    case pictures(Range<Int>)
    case batch(Int)
  }

  /// Compiles a network. The weights of each layer are let go as soon as they are packed, so that a caller who gives up
  /// the network does not need memory for both.
  ///
  /// - Parameters:
  ///   - network: the layers and their weights.
  ///   - outputs: names of the layers whose results are wanted; the network's output if empty. What none of
  ///     them needs is not computed.
  /// - Throws: `EngineError` with code `.unknownLayer`, `.parameters`, `.shape` for results without elements, or
  ///   `.outOfMemory`.
  public convenience init(_ network: consuming Network, outputs: [String] = []) throws {
    try self.init(consume network, outputs: outputs, kernels: .current)
  }

  /// Compiles a network for the kernels of one instruction set.
  package init(_ network: consuming Network, outputs names: [String] = [], kernels: KernelTable) throws {
    let graph = network.graph
    let names = names.isEmpty ? [graph.output.name] : names
    var program = try Program(consume network, outputs: names)
    program.optimize()
    let sizes = program.layers.map { $0?.storedCount ?? 0 }
    steps = try program.steps(kernels)
    segments = Self.segments(of: steps)
    let memory = MemoryPlan(
      sizes: sizes, steps: steps, outputs: program.outputs,
      segments: segments.map { segment in
        switch segment {
        case .pictures(let range): range
        case .batch(let step): step..<step + 1
        }
      })
    places = memory.places.map { $0 ?? .input }
    arenaCount = memory.arenaCount
    sharedCount = memory.sharedCount
    copies = program.outputs.enumerated().compactMap { number, layer in
      memory.places[layer] == .output(number) ? nil : (layer, number)
    }
    scratchBytes = steps.reduce(0) { most, step in
      switch step.work {
      case .picture(let work): max(most, work.scratchBytes)
      case .batch(let work): max(most, work.scratchBytes)
      }
    }
    inputShape = graph.inputShape
    self.outputs = try names.map { name in
      guard let index = graph.index(of: name) else {
        throw EngineError(.unknownLayer, graph.unknownLayer(name).message, layer: name)
      }
      return Output(name: name, shape: graph.nodes[index].shape)
    }
  }

  private static func segments(of steps: [PlannedStep]) -> [Segment] {
    var segments: [Segment] = []
    for (number, step) in steps.enumerated() {
      switch (step.work, segments.last) {
      case (.batch, _): segments.append(.batch(number))
      case (.picture, .pictures(let range)?):
        segments[segments.count - 1] = .pictures(range.lowerBound..<number + 1)
      case (.picture, _): segments.append(.pictures(number..<number + 1))
      }
    }
    return segments
  }

  /// Runs the network on a batch.
  ///
  /// - Parameter input: pictures x height x width x channels, preprocessed as the network expects.
  /// - Returns: for each of `outputs`, pictures followed by the output's shape.
  /// - Throws: `EngineError` with code `.shape` if the input's shape is another, or `.outOfMemory`.
  public func run(_ input: Tensor) throws -> [Tensor] {
    guard input.shape.rank == inputShape.rank + 1,
      Array(input.shape.dimensions.dropFirst()) == inputShape.dimensions
    else {
      throw EngineError(
        .shape,
        "the input has shape \(input.shape); the network wants pictures×\(inputShape) (the number of pictures, "
          + "then the shape of one)")
    }
    let count = input.shape[0]
    var results = try outputs.map {
      [Float](repeating: 0, count: try Self.product(count, $0.shape.count, $0.name))
    }
    try run(input.scalars, count: count, into: &results)
    return zip(outputs, results).map {
      Tensor(shape: Shape([count] + $0.shape.dimensions), scalars: $1)
    }
  }

  /// Runs the network on a batch, and writes the results into arrays that the caller keeps.
  ///
  /// - Parameters:
  ///   - inputs: `count` pictures, each of `inputShape.count` numbers, one after the other; what follows is not
  ///     read.
  ///   - count: the number of pictures.
  ///   - outputs: for each of the plan's outputs, an array with room for `count` results; what follows is left
  ///     as it is.
  /// - Throws: `EngineError` with code `.shape` if an array is too short or there are too few outputs, or
  ///   `.outOfMemory`.
  public func run(_ inputs: [Float], count: Int, into outputs: inout [[Float]]) throws {
    try run(inputs, count: count, into: &outputs, timings: nil)
  }

  /// The same, adding up the seconds that steps take in `timings`, if given.
  func run(_ inputs: [Float], count: Int, into outputs: inout [[Float]], timings: Timings?) throws {
    let wanted = try Self.product(count, inputShape.count, "the input")
    guard count >= 0, inputs.count >= wanted else {
      throw EngineError(
        .shape, "\(inputs.count) numbers are no \(count) pictures of \(inputShape); \(wanted) are needed")
    }
    guard outputs.count == self.outputs.count else {
      throw EngineError(
        .shape, "\(outputs.count) arrays were given for the \(self.outputs.count) outputs of the plan")
    }
    for (output, array) in zip(self.outputs, outputs) {
      let wanted = try Self.product(count, output.shape.count, output.name)
      guard array.count >= wanted else {
        throw EngineError(
          .shape, "\(array.count) places for \(count) results of \(output.shape); \(wanted) are needed",
          layer: output.name)
      }
    }
    guard count > 0 else { return }
    try inputs.withUnsafeBufferPointer { inputs in
      guard let input = inputs.baseAddress else { return }
      try Self.withPointers(to: &outputs) { pointers in
        try execute(Batch(input: input, outputs: pointers, count: count), timings)
      }
    }
  }

  private static func product(_ count: Int, _ size: Int, _ what: String) throws -> Int {
    let (product, overflow) = count.multipliedReportingOverflow(by: size)
    guard !overflow, product < Int.max / MemoryLayout<Float>.stride else {
      throw EngineError(.outOfMemory, "\(count) times \(size) numbers for \(what) do not fit into memory")
    }
    return product
  }

  private static func withPointers(
    to arrays: inout [[Float]], _ body: ([UnsafeMutablePointer<Float>]) throws -> Void
  ) throws {
    /// Takes the arrays out one by one, so that all are open at once and none is copied.
    func open(
      _ index: Int, _ pointers: [UnsafeMutablePointer<Float>], _ arrays: inout [[Float]]
    ) throws {
      guard index < arrays.count else { return try body(pointers) }
      var array: [Float] = []
      swap(&array, &arrays[index])
      defer { swap(&array, &arrays[index]) }
      try array.withUnsafeMutableBufferPointer { buffer in
        // Only a shape without elements has no address, and there is none in a plan.
        guard let base = buffer.baseAddress else { return }
        try open(index + 1, pointers + [base], &arrays)
      }
    }
    try open(0, [], &arrays)
  }
}
