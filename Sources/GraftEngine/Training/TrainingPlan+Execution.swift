internal import GraftSupport
internal import GraftTensor

extension TrainingPlan {
  /// The arrays of a layer's steps, and how far apart those of pictures lie.
  private struct Operations {
    let steps: [PlannedStep]
    let inputs: [UnsafePointer<Float>]
    let strides: [Int]
    let output: UnsafeMutablePointer<Float>
    let outputStride: Int
    let slot: Int

    func operands(of step: PlannedStep, _ picture: Int, _ scratch: UnsafeMutablePointer<Float>) -> Operands {
      Operands(
        x: inputs[step.x] + picture * strides[step.x],
        second: step.second.map { inputs[$0] + picture * strides[$0] }, y: output + picture * outputStride,
        scratch: UnsafeMutableRawPointer(scratch))
    }
  }

  /// Runs all layers: those that treat each picture alone picture by picture, so that what one layer writes is still
  /// in the cache when the next one reads it.
  func run(_ pictures: Int, _ draw: TrainingDraw, _ scratch: TrainingScratch) {
    scratch.timings = timings
    var pending: [Operations] = []
    for (index, layer) in program.layers.enumerated() where !layer.isDone {
      let inputs = layer.inputs.map { UnsafePointer(base(of: $0)) }
      let output = base(of: layer.output)
      scratch.slot = 4 * index + Phase.forward.rawValue
      let operations = Operations(
        steps: steps[index], inputs: inputs, strides: layer.operation.inputShapes.map(\.count),
        output: output, outputStride: layer.operation.shape.count, slot: scratch.slot)
      let isAlone = steps[index].allSatisfy { if case .picture = $0.work { true } else { false } }
      if isAlone && !steps[index].isEmpty {
        pending.append(operations)
        continue
      }
      run(pending, pictures, scratch)
      pending = []
      scratch.slot = operations.slot
      if steps[index].isEmpty {
        layer.operation.forward(
          ForwardPass(
            pictures: pictures, inputs: inputs, output: output, parameters: store.layer(layer.name),
            draw: draw, scratch: scratch))
      }
      for step in steps[index] { run(step, operations, pictures, scratch) }
    }
    run(pending, pictures, scratch)
  }

  /// Runs layers that treat each picture alone: a picture a worker as long as that keeps the workers busy, then
  /// picture by picture on all workers.
  private func run(_ layers: [Operations], _ pictures: Int, _ scratch: TrainingScratch) {
    guard !layers.isEmpty else { return }
    var alone = scratch.workers > 1 ? pictures - pictures % scratch.workers : 0
    if 4 * (pictures - alone) >= 3 * scratch.workers { alone = pictures }
    if alone > 0 {
      scratch.timings = nil
      scratch.forEach(alone) { picture, worker in
        for layer in layers {
          let start = timings?.now() ?? 0
          for step in layer.steps {
            guard case .picture(let work) = step.work else { continue }
            work.run(layer.operands(of: step, picture, scratch[worker]))
          }
          timings?.add(start, to: layer.slot, worker: worker)
        }
      }
      scratch.timings = timings
    }
    for picture in alone..<pictures {
      for layer in layers {
        scratch.slot = layer.slot
        for step in layer.steps {
          guard case .picture(let work) = step.work else { continue }
          scratch.forEach(work.shares) { share, worker in
            work.run(share, layer.operands(of: step, picture, scratch[worker]))
          }
        }
      }
    }
  }

  /// Runs a step on all pictures.
  private func run(_ step: PlannedStep, _ layer: Operations, _ pictures: Int, _ scratch: TrainingScratch) {
    switch step.work {
    case .picture(let work):
      scratch.forEach(pictures * work.shares) { index, worker in
        let (picture, share) = index.quotientAndRemainder(dividingBy: work.shares)
        work.run(share, layer.operands(of: step, picture, scratch[worker]))
      }
    case .batch(let work):
      scratch.forEach(work.shares) { share, worker in
        work.run(
          share, pictures: pictures,
          BatchOperands(
            x: layer.inputs[step.x], stride: layer.strides[step.x],
            second: step.second.map { layer.inputs[$0] },
            secondStride: step.second.map { layer.strides[$0] } ?? 0, y: layer.output,
            yStride: layer.outputStride, scratch: UnsafeMutableRawPointer(scratch[worker])))
      }
    }
  }
}
