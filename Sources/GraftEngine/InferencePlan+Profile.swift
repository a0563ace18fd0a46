internal import Dispatch
internal import GraftSupport
package import GraftTensor

/// Seconds spent in each step, a row for each worker, so that workers need not wait for each other.
final class Timings: @unchecked Sendable {
  private let seconds: UnsafeMutablePointer<Double>
  private let steps: Int
  private let workers: Int

  init(steps: Int, workers: Int) {
    // Rows lie a cache line apart at least.
    self.steps = steps + 8
    self.workers = workers
    seconds = .allocate(capacity: self.steps * workers)
    seconds.initialize(repeating: 0, count: self.steps * workers)
  }

  deinit { seconds.deallocate() }

  func now() -> UInt64 { DispatchTime.now().uptimeNanoseconds }

  func add(_ start: UInt64, to step: Int, worker: Int) {
    seconds[worker * steps + step] += Double(now() &- start) * 1e-9
  }

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
    /// Seconds a picture, added up over the workers that took part: where a picture is computed by one worker,
    /// these are worker-seconds; where all compute one picture, the time by the clock.
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
