internal import GraftSupport
package import GraftTensor
internal import Synchronization

/// Processor time spent in each step, a row for each worker, so that workers need not wait for each other.
final class Timings: @unchecked Sendable {
  private let seconds: UnsafeMutablePointer<Double>
  private let steps: Int
  let workers: Int

  init(steps: Int, workers: Int) {
    // Rows lie a cache line apart at least.
    self.steps = steps + 8
    self.workers = workers
    seconds = .allocate(capacity: self.steps * workers)
    seconds.initialize(repeating: 0, count: self.steps * workers)
  }

  deinit { seconds.deallocate() }

  func now() -> Double { ThreadTime.now() }

  func add(_ start: Double, to step: Int, worker: Int) { seconds[worker * steps + step] += now() - start }

  func total(_ step: Int) -> Double { (0..<workers).reduce(0) { $0 + seconds[$1 * steps + step] } }
}

/// What the steps of a plan took, over all runs that were given it.
package final class PlanProfiler: Sendable {
  /// One step.
  package struct Step: Sendable {
    /// The layer whose result the step gives.
    package let name: String
    /// The kind of step.
    package let kind: String
    /// Seconds of processor time a picture, of all workers together.
    package let seconds: Double
    /// Floating-point operations a picture; a convolution's are those of its plain sums, however it is computed.
    package let operations: Double
  }

  let timings: Timings
  private let pictures = Atomic<Int>(0)
  private let plan: InferencePlan

  init(_ plan: InferencePlan) {
    self.plan = plan
    timings = Timings(steps: plan.stepCount, workers: ThreadPool.threads)
  }

  func add(pictures count: Int) { pictures.add(count, ordering: .relaxed) }

  /// The steps in the order of execution.
  package var steps: [Step] {
    let pictures = Double(max(pictures.load(ordering: .relaxed), 1))
    return plan.steps.enumerated().map { number, step in
      let (kind, operations) =
        switch step.work {
        case .picture(let work): (work.kind, work.operations)
        case .batch(let work): (work.kind, work.operations)
        }
      return Step(
        name: step.name, kind: kind, seconds: timings.total(number) / pictures, operations: operations)
    }
  }
}

extension InferencePlan {
  /// The number of steps: what is left of the layers after merging.
  package var stepCount: Int { steps.count }

  /// Floating-point operations a picture; those of convolutions are of their plain sums.
  package var operations: Double {
    steps.reduce(0) { sum, step in
      switch step.work {
      case .picture(let work): sum + work.operations
      case .batch(let work): sum + work.operations
      }
    }
  }

  /// Something to give to runs, not several at a time, that then says what each step took.
  package func profiler() -> PlanProfiler { PlanProfiler(self) }

  /// Runs the network as `run(_:count:into:)` does, and adds up what the steps take.
  package func run(
    _ inputs: [Float], count: Int, into outputs: inout [[Float]], profiler: PlanProfiler?
  ) throws {
    try run(inputs, count: count, into: &outputs, timings: profiler?.timings)
    profiler?.add(pictures: count)
  }

  /// Runs a batch and says what each step took, in the order of execution.
  ///
  /// - Throws: what `run(_:)` throws.
  package func profile(_ input: Tensor, repetitions: Int = 1) throws -> [PlanProfiler.Step] {
    let count = input.shape.rank > 0 ? input.shape[0] : 0
    var results = try run(input).map(\.scalars)
    let profiler = profiler()
    for _ in 0..<repetitions { try run(input.scalars, count: count, into: &results, profiler: profiler) }
    return profiler.steps
  }
}
