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
    return try program.steps(kernels)
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

  /// Runs the step on all pictures of a batch.
  func run(_ pass: ForwardPass, inputCounts: [Int], outputCount: Int) {
    let x = pass.inputs[x]
    let (xStride, secondStride) = (inputCounts[self.x], second.map { inputCounts[$0] } ?? 0)
    let other = second.map { pass.inputs[$0] }
    switch work {
    case .picture(let work):
      pass.scratch.forEach(pass.pictures * work.shares) { index, worker in
        let (picture, share) = index.quotientAndRemainder(dividingBy: work.shares)
        work.run(
          share,
          Operands(
            x: x + picture * xStride, second: other.map { $0 + picture * secondStride },
            y: pass.output + picture * outputCount, scratch: UnsafeMutableRawPointer(pass.scratch[worker])))
      }
    case .batch(let work):
      pass.scratch.forEach(work.shares) { share, worker in
        work.run(
          share, pictures: pass.pictures,
          BatchOperands(
            x: x, stride: xStride, second: other, secondStride: secondStride, y: pass.output,
            yStride: outputCount, scratch: UnsafeMutableRawPointer(pass.scratch[worker])))
      }
    }
  }
}
