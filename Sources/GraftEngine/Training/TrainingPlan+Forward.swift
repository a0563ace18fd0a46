internal import GraftSupport
public import GraftTensor

extension TrainingPlan {
  /// Computes the result for a batch of pictures, and keeps what the backward pass needs.
  ///
  /// - Parameters:
  ///   - input: pictures x height x width x channels, preprocessed as the network expects.
  ///   - draw: what fixes the random numbers of dropout.
  /// - Returns: pictures followed by `outputShape`.
  /// - Throws: `EngineError` with code `.shape` or `.outOfMemory`.
  public func forward(_ input: Tensor, draw: TrainingDraw) throws -> Tensor {
    try forward(boundary: frozenPart.map { try $0.run(input) } ?? [input], draw: draw)
  }

  /// The same, from the results of the frozen part.
  ///
  /// - Parameters:
  ///   - results: for each of `boundary`, pictures followed by its shape.
  ///   - draw: what fixes the random numbers of dropout.
  /// - Throws: `EngineError` with code `.shape` or `.outOfMemory`.
  public func forward(boundary results: [Tensor], draw: TrainingDraw) throws -> Tensor {
    let pictures = results.first?.shape.dimensions.first ?? 0
    guard results.count == boundary.count, pictures > 0,
      zip(results, boundary).allSatisfy({ $0.shape.dimensions == [pictures] + $1.shape.dimensions })
    else {
      throw EngineError(
        .shape,
        "the trained part reads "
          + boundary.map { "\($0.name) of shape pictures×\($0.shape)" }.joined(separator: ", ")
          + "; given were " + results.map(\.shape.description).joined(separator: ", "))
    }
    batch = nil
    try buildSteps()
    try prepare(pictures)
    for (index, tensor) in results.enumerated() {
      let to = base(of: program.boundary[index].value)
      tensor.withUnsafeScalars { scalars in
        if let from = scalars.baseAddress { to.update(from: from, count: scalars.count) }
      }
    }
    guard let scratch else { return Tensor(shape: [0], scalars: []) }
    run(pictures, draw, scratch)
    batch = (pictures, draw)
    return Tensor(
      shape: Shape([pictures] + outputShape.dimensions),
      scalars: Array(
        UnsafeBufferPointer(start: base(of: program.output), count: pictures * outputShape.count)))
  }

  /// The memory of a value.
  func base(of value: Int) -> UnsafeMutablePointer<Float> {
    guard let buffer = storages[program.values[value].storage] else {
      preconditionFailure("value \(value) is used before memory was made for it")
    }
    return buffer.base
  }

  /// Packs the weights that have changed.
  private func buildSteps() throws {
    guard isStale else { return }
    let isFirst = steps.isEmpty
    let count = program.layers.count
    if isFirst {
      steps = [[PlannedStep]](repeating: [], count: count)
      inputGradients = [InputGradient?](repeating: nil, count: count)
    }
    let wanted = program.layers.indices.filter { isFirst || program.layers[$0].trains }
    // Those with the most weights first, so that no thread is left with one of them at the end.
    let weightCounts = weightCounts
    let order = wanted.sorted { weightCounts[$0] > weightCounts[$1] }
    var errors = [(any Error)?](repeating: nil, count: 2 * order.count)
    steps.withUnsafeMutableBufferPointer { steps in
      inputGradients.withUnsafeMutableBufferPointer { inputGradients in
        errors.withUnsafeMutableBufferPointer { errors in
          // Each share writes to its own elements.
          nonisolated(unsafe) let (steps, inputGradients, errors) = (steps, inputGradients, errors)
          ThreadPool.shared.forEach(2 * order.count, limit: ThreadPool.threads) { number, worker in
            let start = timings?.now() ?? 0
            let index = order[number / 2]
            let layer = program.layers[index]
            let parameters = store.layer(layer.name)
            do {
              // The old weights go first, so that the new ones get their memory.
              if number % 2 == 0 {
                steps[index] = []
                steps[index] = try TrainingProgram.steps(of: layer, parameters, kernels)
              } else if layer.hasGradient, program.values[layer.inputs[0]].hasGradient {
                inputGradients[index] = nil
                inputGradients[index] = try layer.operation.inputGradient(parameters, kernels)
              }
            } catch { errors[number] = error }
            timings?.add(start, to: 4 * index + Phase.packing.rawValue, worker: worker)
          }
        }
      }
    }
    for error in errors { if let error { throw error } }
    isStale = false
  }

  /// Makes memory for a batch.
  private func prepare(_ pictures: Int) throws {
    var sizes = [Int](repeating: 0, count: program.storages)
    for value in program.values {
      let (size, overflow) = value.count.multipliedReportingOverflow(by: pictures)
      guard !overflow else {
        throw EngineError(.outOfMemory, "\(pictures) pictures do not fit into memory; use a smaller batch")
      }
      sizes[value.storage] = max(sizes[value.storage], size)
    }
    for (storage, size) in sizes.enumerated() where (storages[storage]?.count ?? -1) < size {
      storages[storage] = nil
      storages[storage] = try AlignedBuffer(
        count: size, for: "the results of a layer for \(pictures) pictures")
    }
    var room = TrainingRoom()
    for (index, layer) in program.layers.enumerated() {
      room = room.joined(with: layer.operation.room(pictures: pictures, kernels))
      for step in steps[index] {
        room.worker = max(room.worker, (step.scratchBytes + 3) / 4)
      }
      room.worker = max(room.worker, ((inputGradients[index]?.scratchBytes ?? 0) + 3) / 4)
    }
    if let scratch, scratch.suffices(room) { return }
    scratch = nil
    scratch = try TrainingScratch(room)
  }
}
