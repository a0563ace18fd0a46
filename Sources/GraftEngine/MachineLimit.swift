internal import Foundation
internal import GraftSupport
internal import Synchronization

/// What the machine can do at most with the instruction set in use: multiply-adds in registers, on all threads.
package struct MachineLimit: Sendable {
  /// Floating-point operations a second by the clock, of all threads together. Other programs take from it what
  /// they take from a network that runs in turns with it; compare medians of many.
  package let byClock: Double
  /// Floating-point operations a second of processor time of one thread.
  package let ofThread: Double

  /// Measures with about `seconds` of work.
  package init(seconds: Double = 0.01) {
    // Many small shares, so that a thread that lost its core holds up little.
    let shares = 8 * ThreadPool.threads
    let rounds = max(Int(seconds / 8 / Self.secondsPerRound), 1)
    let sums = Mutex<(operations: Int, seconds: Double)>((0, 0))
    let start = ContinuousClock.now
    ThreadPool.shared.forEach(shares) { _ in
      let start = ThreadTime.now()
      let operations = KernelTable.current.multiplyAddChains(rounds: rounds)
      let seconds = ThreadTime.now() - start
      sums.withLock { $0 = ($0.operations + operations, $0.seconds + seconds) }
    }
    let elapsed = (ContinuousClock.now - start) / .seconds(1)
    let (operations, seconds) = sums.withLock { $0 }
    byClock = Double(operations) / max(elapsed, 1e-9)
    ofThread = Double(operations) / max(seconds, 1e-9)
  }

  private static let secondsPerRound: Double = {
    let rounds = 200_000
    var best = Double.infinity
    for _ in 0..<5 {
      let start = ThreadTime.now()
      _ = KernelTable.current.multiplyAddChains(rounds: rounds)
      best = min(best, ThreadTime.now() - start)
    }
    return max(best / Double(rounds), 1e-10)
  }()
}

/// Processor time of the calling thread: on a machine that others use too, time by the clock would tell of them.
enum ThreadTime {
  static func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}
