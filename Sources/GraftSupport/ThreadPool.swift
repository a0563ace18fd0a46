internal import Foundation
internal import Synchronization

/// The threads of the process, and the parallel loop they run.
///
/// Each worker begins with shares of its own, neighbours in the loop, so that from one loop to the next it finds its
/// part of the data in its core's cache; whoever is done takes from the others, share by share, so a thread that
/// lost its core holds up only the share in its hands. Work must be cut into shares by its own size alone, never by the number of threads: then
/// results do not depend on it. Idle threads yield for a few dozen microseconds, so that the next loop finds
/// them awake, and then sleep.
package final class ThreadPool: Sendable {
  /// The one pool.
  package static let shared = ThreadPool()

  /// The most threads that a loop may use.
  package static let maximum = 256

  /// How many threads a loop may use, the calling one included. Starts as the number of cores that the process
  /// may run on; values are limited to 1 ... `maximum`.
  package static var threads: Int {
    get { limit.load(ordering: .relaxed) }
    set { limit.store(min(max(newValue, 1), maximum), ordering: .relaxed) }
  }

  /// The number of cores that the process may run on.
  package static let availableCores: Int = {
    let cores = ProcessInfo.processInfo.activeProcessorCount
    // Foundation does not look at the affinity mask; Linux tells it here.
    if let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8),
      let line = status.split(separator: "\n").first(where: { $0.hasPrefix("Cpus_allowed:") })
    {
      let allowed = line.dropFirst("Cpus_allowed:".count)
        .reduce(0) { $0 + ($1.hexDigitValue?.nonzeroBitCount ?? 0) }
      if allowed > 0 { return max(min(cores, allowed), 1) }
    }
    return max(cores, 1)
  }()

  private static let limit = Atomic<Int>(min(availableCores, maximum))

  /// What a loop does for an index; `worker` is the number of the worker that makes the call.
  package typealias Body = (_ index: Int, _ worker: Int) -> Void

  /// A body that is kept for many loops. A structure, because a pointer to a bare closure would take memory for
  /// another form of it.
  package struct Work {
    let body: Body

    /// Keeps a body.
    package init(_ body: @escaping Body) { self.body = body }
  }

  /// How often an idle thread yields before it sleeps; a yield takes about half a microsecond.
  private static let patience = 100

  /// Whether a loop is running; a loop that finds it so runs on its own thread alone.
  private let busy = Atomic<Bool>(false)
  /// Counts loops; helpers wait for it to change.
  private let generation = Atomic<Int>(0)
  /// Helpers at work in the low half, places left for more in the high half.
  private let state = Atomic<UInt32>(0)
  /// How many shares have been taken from those that each worker begins with.
  nonisolated(unsafe) private let taken: UnsafeMutablePointer<Counter>
  private let sleepers = Atomic<Int>(0)
  private let callerSleeps = Atomic<Bool>(false)
  private let wakeUp = NSCondition()
  private let finished = NSCondition()

  // Written by the thread that holds `busy` while no helper is at work; read by helpers that entered through
  // `state`, which orders the two.
  nonisolated(unsafe) private var work: UnsafePointer<Work>?
  nonisolated(unsafe) private var count = 0
  /// Workers that the loop's shares are spread over.
  nonisolated(unsafe) private var workers = 1
  nonisolated(unsafe) private var spawned = 0

  /// A counter with a cache line to itself.
  private struct Counter: ~Copyable {
    let value = Atomic<Int>(0)
    private let rest = (0, 0, 0, 0, 0, 0, 0)
  }

  private init() {
    taken = .allocate(capacity: 256)
    for worker in 0..<256 { (taken + worker).initialize(to: Counter()) }
  }

  /// Calls `body` for each of 0 ..< `count`, on several threads at once; returns when all are done.
  ///
  /// The calling thread takes part. Inside another loop, and while another thread runs one, the calls are made
  /// one after the other.
  package func forEach(_ count: Int, _ body: (Int) -> Void) {
    forEach(count, worker: { index, _ in body(index) })
  }

  /// Calls `body` for each of 0 ..< `count` with the number of the worker that makes the call: less than
  /// `limit` and than `ThreadPool.threads` as it stood at the start, and never the same for two calls at one
  /// time. The calling thread is worker 0.
  package func forEach(
    _ count: Int, limit: Int = .max, worker body: (_ index: Int, _ worker: Int) -> Void
  ) {
    withoutActuallyEscaping(body) { forEach(count, limit: limit, Work($0)) }
  }

  /// The same with a body that the caller keeps for many loops: then none of them takes memory.
  package func forEach(_ count: Int, limit: Int = .max, _ work: Work) {
    let helpers = min(Self.threads, limit, count) - 1
    guard
      helpers > 0,
      busy.compareExchange(expected: false, desired: true, ordering: .acquiring).exchanged
    else {
      for index in 0..<max(count, 0) { work.body(index, 0) }
      return
    }
    withUnsafePointer(to: work) { run(count, helpers: helpers, $0) }
    busy.store(false, ordering: .releasing)
  }

  private func run(_ count: Int, helpers: Int, _ work: UnsafePointer<Work>) {
    while spawned < helpers { spawn() }
    self.work = work
    self.count = count
    workers = helpers + 1
    for worker in 0...helpers { taken[worker].value.store(0, ordering: .relaxed) }
    state.store(UInt32(helpers) << 16, ordering: .releasing)
    generation.add(1, ordering: .sequentiallyConsistent)
    let asleep = sleepers.load(ordering: .sequentiallyConsistent)
    if asleep > 0 {
      wakeUp.lock()
      if asleep <= helpers {
        wakeUp.broadcast()
      } else {
        for _ in 0..<helpers { wakeUp.signal() }
      }
      wakeUp.unlock()
    }

    take(work, count, worker: 0)

    // No more helpers; then wait for those at work.
    state.bitwiseAnd(0xffff, ordering: .acquiringAndReleasing)
    for _ in 0..<Self.patience {
      if state.load(ordering: .acquiring) == 0 { return }
      sched_yield()
    }
    finished.lock()
    callerSleeps.store(true, ordering: .sequentiallyConsistent)
    while state.load(ordering: .sequentiallyConsistent) != 0 { finished.wait() }
    callerSleeps.store(false, ordering: .relaxed)
    finished.unlock()
  }

  private func take(_ work: UnsafePointer<Work>, _ count: Int, worker: Int) {
    let workers = workers
    for victim in 0..<workers {
      let owner = (worker + victim) % workers
      let first = count * owner / workers
      let own = count * (owner + 1) / workers - first
      while true {
        let index = taken[owner].value.add(1, ordering: .relaxed).oldValue
        if index >= own { break }
        work.pointee.body(first + index, worker)
      }
    }
  }

  private func spawn() {
    spawned += 1
    let thread = Thread { [self] in help() }
    thread.name = "graft-\(spawned)"
    thread.qualityOfService = .userInitiated
    thread.stackSize = 1 << 20
    thread.start()
  }

  private func help() {
    // 0, not the present count: a thread just made must see the loop that it was made for.
    var seen = 0
    while true {
      waitForLoop(after: seen)
      seen = generation.load(ordering: .sequentiallyConsistent)
      guard let worker = enter(), let work else { continue }
      take(work, count, worker: worker)
      state.subtract(1, ordering: .sequentiallyConsistent)
      if callerSleeps.load(ordering: .sequentiallyConsistent) {
        finished.lock()
        finished.broadcast()
        finished.unlock()
      }
    }
  }

  private func waitForLoop(after seen: Int) {
    for _ in 0..<Self.patience {
      if generation.load(ordering: .relaxed) != seen { return }
      sched_yield()
    }
    wakeUp.lock()
    sleepers.add(1, ordering: .sequentiallyConsistent)
    while generation.load(ordering: .sequentiallyConsistent) == seen { wakeUp.wait() }
    sleepers.subtract(1, ordering: .sequentiallyConsistent)
    wakeUp.unlock()
  }

  /// Takes a place in the present loop and returns its worker number, or nil if there is none left.
  private func enter() -> Int? {
    var old = state.load(ordering: .relaxed)
    while old >> 16 > 0 {
      let (exchanged, original) = state.compareExchange(
        expected: old, desired: old &- (1 << 16) &+ 1, ordering: .acquiringAndReleasing)
      if exchanged { return Int(old >> 16) }
      old = original
    }
    return nil
  }
}
