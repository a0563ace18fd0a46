internal import GraftSupport
internal import GraftTensor

extension TrainingProgram {
  /// The steps that the plan for inference would run for one layer, reading values 0, 1 ... and writing the next.
  ///
  /// - Throws: `EngineError` with code `.outOfMemory`.
  static func steps(
    of layer: Layer, _ parameters: LayerParameters, _ kernels: KernelTable
  ) throws -> [PlannedStep] {
    guard !layer.isDone,
      let wanted = layer.operation.inferenceLayer(parameters, layer.activation)
    else { return [] }
    var program = Program()
    for shape in layer.operation.inputShapes {
      program.layers.append(
        GraftEngine.Layer(name: layer.name, kind: .input, inputs: [], inputShapes: [], shape: shape))
    }
    program.layers.append(wanted)
    return try program.steps(kernels, trains: true)
  }
}

extension PlannedStep {
  /// Bytes of scratch for each worker.
  var scratchBytes: Int {
    switch work {
    case .picture(let work): work.scratchBytes
    case .batch(let work): work.scratchBytes
    }
  }
}
