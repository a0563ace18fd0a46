public import GraftTensor

extension TrainingPlan {
  /// Computes the gradients of a loss with respect to the parameters that train, for the batch of the last forward
  /// pass. They replace those that were there.
  ///
  /// The walk goes from the loss backwards and visits only layers that lie between it and a parameter that trains. A
  /// value that several layers read gets the sum of what they send back, in the order of the walk.
  ///
  /// - Parameter gradient: the gradient of the loss with respect to the result of `forward`, of the same shape.
  /// - Precondition: `forward` has been called since the last call.
  /// - Throws: `EngineError` with code `.shape` or `.outOfMemory`.
  public func backward(_ gradient: Tensor) throws {
    guard let (pictures, draw) = batch, let scratch else {
      preconditionFailure("backward without a forward pass before it")
    }
    guard gradient.shape.dimensions == [pictures] + outputShape.dimensions else {
      throw EngineError(
        .shape, "the gradient has shape \(gradient.shape), the result \(pictures)×\(outputShape)")
    }
    batch = nil
    scratch.timings = timings
    var gradients = [AlignedBuffer?](repeating: nil, count: program.values.count)
    let first = try gradientBuffers.take(gradient.count)
    gradient.withUnsafeScalars { scalars in
      if let from = scalars.baseAddress { first.base.update(from: from, count: scalars.count) }
    }
    gradients[program.output] = first

    for (index, layer) in program.layers.enumerated().reversed() where layer.hasGradient {
      guard let own = gradients[layer.output] else { continue }
      gradients[layer.output] = nil
      if layer.isTransparent {
        gradients[layer.inputs[0]] = own
        continue
      }
      var targets = [BackwardPass.Target?](repeating: nil, count: layer.inputs.count)
      var isPassedOn = false
      // The last input first: operations write in this order, and an input may take over the memory.
      for (number, input) in layer.inputs.enumerated().reversed() where program.values[input].hasGradient {
        if let there = gradients[input] {
          targets[number] = BackwardPass.Target(base: there.base, accumulates: true)
        } else if number == layer.operation.passedInput {
          gradients[input] = own
          isPassedOn = true
          targets[number] = BackwardPass.Target(base: own.base, accumulates: false)
        } else {
          let buffer = try gradientBuffers.take(pictures * program.values[input].count)
          gradients[input] = buffer
          targets[number] = BackwardPass.Target(base: buffer.base, accumulates: false)
        }
      }
      scratch.slot = 4 * index + Phase.input.rawValue
      layer.operation.backward(
        BackwardPass(
          pictures: pictures, inputs: layer.inputs.map { UnsafePointer(base(of: $0)) },
          output: UnsafePointer(base(of: layer.output)), gradient: own.base, targets: targets,
          gate: layer.gate,
          inputGradient: inputGradients[index],
          parameters: store.layer(layer.name), draw: draw, kernels: kernels, scratch: scratch))
      if !isPassedOn { gradientBuffers.put(own) }
    }
  }
}

/// Memory for gradients with respect to results, used again as soon as a gradient has been passed on.
struct GradientBuffers {
  private var idle: [AlignedBuffer] = []

  /// Memory for `count` floats: the smallest idle piece that suffices, or a new one.
  ///
  /// - Throws: `EngineError` with code `.outOfMemory`.
  mutating func take(_ count: Int) throws -> AlignedBuffer {
    let fitting = idle.indices.filter { idle[$0].count >= count }
    if let best = fitting.min(by: { idle[$0].count < idle[$1].count }) { return idle.remove(at: best) }
    // What is idle and too small would only take up memory beside the new piece.
    if let largest = idle.indices.max(by: { idle[$0].count < idle[$1].count }) { idle.remove(at: largest) }
    return try AlignedBuffer(count: count, for: "the gradient of a layer's results")
  }

  /// Gives memory back.
  mutating func put(_ buffer: AlignedBuffer) { idle.append(buffer) }
}
