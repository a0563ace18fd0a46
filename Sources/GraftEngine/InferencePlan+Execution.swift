internal import GraftSupport
internal import GraftTensor

/// The arrays of a run.
struct Batch {
  let input: UnsafePointer<Float>
  let outputs: [UnsafeMutablePointer<Float>]
  let count: Int
}

extension InferencePlan {
  /// Pictures that are computed together at most; each output is the same whatever the number.
  private static let largestChunk = 32
  /// Floats of memory shared by the pictures of a chunk, if that leaves a chunk of one picture.
  private static let sharedLimit = 64 << 20

  /// Where a chunk of pictures is and what memory it has.
  struct Chunk {
    let batch: Batch
    let workspace: Workspace
    /// The number of the first picture in the batch.
    let first: Int
    let count: Int
    /// Pictures that the shared memory has room for.
    let capacity: Int
    let threads: Int
  }

  func execute(_ batch: Batch, _ timings: Timings?) throws {
    let threads = min(ThreadPool.threads, timings?.workers ?? .max)
    let limit = min(max(Self.sharedLimit / max(sharedCount, 1), 1), Self.largestChunk)
    let capacity = min(batch.count, limit)
    let arenas = min(capacity, threads)
    let (sharedCount, scratchBytes) = (capacity * sharedCount, scratchBytes)
    let workspace =
      try workspaces.take {
        $0.suffices(arenas: arenas, scratch: threads, sharedCount: sharedCount)
      }
      ?? Workspace(
        arenas: arenas, arenaCount: arenaCount, scratch: threads, scratchBytes: scratchBytes,
        sharedCount: sharedCount)
    defer {
      workspace.loop.end()
      workspaces.put(workspace)
    }
    for first in Swift.stride(from: 0, to: batch.count, by: capacity) {
      run(
        Chunk(
          batch: batch, workspace: workspace, first: first, count: min(capacity, batch.count - first),
          capacity: capacity, threads: threads), timings)
    }
  }

  private func run(_ chunk: Chunk, _ timings: Timings?) {
    for segment in segments {
      switch segment {
      case .pictures(let range):
        run(range, chunk, timings)
      case .batch(let number):
        guard case .batch(let work) = steps[number].work else { continue }
        run(work, number, chunk, timings)
      }
    }
    for (layer, output) in copies {
      for picture in 0..<chunk.count {
        let from = pointer(to: places[layer], picture, chunk, worker: 0)
        let to = pointer(to: .output(output), picture, chunk, worker: 0)
        to.update(from: from, count: outputs[output].shape.count)
      }
    }
  }

  /// Runs steps on pictures: a picture a worker as long as that keeps the workers busy, then picture by picture
  /// on all workers.
  private func run(_ range: Range<Int>, _ chunk: Chunk, _ timings: Timings?) {
    let threads = min(chunk.threads, chunk.workspace.arenas.count)
    var alone = chunk.count - chunk.count % chunk.threads
    if 4 * (chunk.count - alone) >= 3 * chunk.threads { alone = chunk.count }
    let loop = chunk.workspace.loop
    if threads > 1 && alone > 0 {
      loop.run(.pictures(range), of: self, chunk, timings, count: alone, limit: threads)
    } else {
      alone = 0
    }
    for picture in alone..<chunk.count {
      for number in range {
        guard case .picture(let work) = steps[number].work else { continue }
        loop.run(
          .step(number, picture: picture), of: self, chunk, timings, count: work.shares, limit: chunk.threads)
      }
    }
  }

  private func run(_ work: any BatchStep, _ number: Int, _ chunk: Chunk, _ timings: Timings?) {
    chunk.workspace.loop.run(
      .batch(number), of: self, chunk, timings, count: work.shares, limit: chunk.threads)
  }

  /// One call of a loop's body.
  func run(_ kind: PlanLoop.Kind, _ index: Int, worker: Int, _ chunk: Chunk, _ timings: Timings?) {
    let scratch = UnsafeMutableRawPointer(chunk.workspace.scratch[worker].base)
    switch kind {
    case .pictures(let range):
      for number in range {
        guard case .picture(let work) = steps[number].work else { continue }
        let start = timings?.now() ?? 0
        work.run(operands(of: steps[number], index, chunk, worker: worker, scratch))
        timings?.add(start, to: number, worker: worker)
      }
    case .step(let number, let picture):
      guard case .picture(let work) = steps[number].work else { return }
      let start = timings?.now() ?? 0
      work.run(index, operands(of: steps[number], picture, chunk, worker: 0, scratch))
      timings?.add(start, to: number, worker: worker)
    case .batch(let number):
      guard case .batch(let work) = steps[number].work else { return }
      let start = timings?.now() ?? 0
      work.run(index, pictures: chunk.count, batchOperands(of: steps[number], chunk, scratch))
      timings?.add(start, to: number, worker: worker)
    }
  }

  private func batchOperands(
    of step: PlannedStep, _ chunk: Chunk, _ scratch: UnsafeMutableRawPointer
  ) -> BatchOperands {
    BatchOperands(
      x: pointer(to: places[step.x], 0, chunk, worker: 0), stride: stride(of: places[step.x]),
      second: step.second.map { UnsafePointer(pointer(to: places[$0], 0, chunk, worker: 0)) },
      secondStride: step.second.map { stride(of: places[$0]) } ?? 0,
      y: pointer(to: places[step.y], 0, chunk, worker: 0), yStride: stride(of: places[step.y]),
      scratch: scratch)
  }

  private func operands(
    of step: PlannedStep, _ picture: Int, _ chunk: Chunk, worker: Int, _ scratch: UnsafeMutableRawPointer
  ) -> Operands {
    Operands(
      x: pointer(to: places[step.x], picture, chunk, worker: worker),
      second: step.second.map { UnsafePointer(pointer(to: places[$0], picture, chunk, worker: worker)) },
      y: pointer(to: places[step.y], picture, chunk, worker: worker), scratch: scratch)
  }

  /// The array at a place, for a picture of a chunk. The input's is only read.
  private func pointer(
    to place: Place, _ picture: Int, _ chunk: Chunk, worker: Int
  ) -> UnsafeMutablePointer<Float> {
    switch place {
    case .input:
      UnsafeMutablePointer(mutating: chunk.batch.input) + (chunk.first + picture) * inputShape.count
    case .arena(let offset):
      chunk.workspace.arenas[worker].base + offset
    case .shared(let offset, let stride):
      chunk.workspace.shared.base + offset * chunk.capacity + picture * stride
    case .output(let number):
      chunk.batch.outputs[number] + (chunk.first + picture) * outputs[number].shape.count
    }
  }

  /// Floats from one picture to the next; a batch's steps use no arena.
  private func stride(of place: Place) -> Int {
    switch place {
    case .input: inputShape.count
    case .arena: 0
    case .shared(_, let stride): stride
    case .output(let number): outputs[number].shape.count
    }
  }
}
