internal import GraftSupport

/// What the thread pool runs for a plan.
///
/// Made once with a workspace: a closure that captures what a loop is about would take memory for each of the many
/// loops of a run.
final class PlanLoop: @unchecked Sendable {
  enum Kind {
    /// Whole pictures, by their numbers, through some steps.
    case pictures(Range<Int>)
    /// The shares of a step for one picture.
    case step(Int, picture: Int)
    /// The shares of a step for all pictures at once.
    case batch(Int)
  }

  // Set while no loop runs, by the one run that has the workspace; the pool orders that before the calls.
  private var task: (kind: Kind, plan: InferencePlan, chunk: InferencePlan.Chunk, timings: Timings?)?
  private var work = ThreadPool.Work { _, _ in }

  init() {
    work = ThreadPool.Work { [unowned self] index, worker in
      guard let task else { return }
      task.plan.run(task.kind, index, worker: worker, task.chunk, task.timings)
    }
  }

  /// Calls the plan for 0 ..< `count`, on up to `limit` threads.
  func run(
    _ kind: Kind, of plan: InferencePlan, _ chunk: InferencePlan.Chunk, _ timings: Timings?, count: Int,
    limit: Int
  ) {
    task = (kind, plan, chunk, timings)
    ThreadPool.shared.forEach(count, limit: limit, work)
  }

  /// Lets go of the plan, which has the workspace that this is in.
  func end() { task = nil }
}
