internal import Foundation
internal import GraftSupport
package import GraftTensor

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

  /// Seconds of processor time that the calling thread has had: on a machine that others use too, time by the
  /// clock would tell of them.
  func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }

  func add(_ start: Double, to step: Int, worker: Int) { seconds[worker * steps + step] += now() - start }

  func total(_ step: Int) -> Double { (0..<workers).reduce(0) { $0 + seconds[$1 * steps + step] } }
}

extension InferencePlan {
  /// The number of steps: what is left of the layers after merging.
  package var stepCount: Int { steps.count }

  /// What one step of a plan took.
  package struct StepProfile: Sendable {
    /// The layer whose result the step gives.
    package let name: String
    /// The kind of step.
    package let kind: String
    /// Seconds of processor time a picture, of all workers together.
    package let seconds: Double
    /// Floating-point operations a picture.
    package let operations: Double
  }

  /// Runs a batch and says what each step took, in the order of execution.
  ///
  /// - Throws: what `run(_:)` throws.
  package func profile(_ input: Tensor, repetitions: Int = 1) throws -> [StepProfile] {
    let timings = Timings(steps: steps.count, workers: ThreadPool.threads)
    let count = input.shape.rank > 0 ? input.shape[0] : 0
    var results = try run(input).map(\.scalars)
    for _ in 0..<repetitions {
      try run(input.scalars, count: count, into: &results, timings: timings)
    }
    let pictures = Double(max(count * repetitions, 1))
    return steps.enumerated().map { number, step in
      let (kind, operations): (String, Double) =
        switch step.work {
        case .picture(let work): ("\(type(of: work))", work.operations)
        case .batch(let work): ("\(type(of: work))", work.operations)
        }
      return StepProfile(
        name: step.name, kind: kind, seconds: timings.total(number) / pictures, operations: operations)
    }
  }
}
