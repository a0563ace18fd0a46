internal import GraftSupport
internal import Synchronization

/// What the machine can do at most with the instruction set in use: multiply-adds in registers, on all threads.
///
/// Measured by the clock, so that other programs take from it what they take from a network that runs by its
/// side; compare medians of many.
package enum MachineLimit {
  /// Floating-point operations a second, from about `seconds` of work.
  package static func measure(seconds: Double = 0.01) -> Double {
    // Many small shares, so that a thread that lost its core holds up little.
    let shares = 8 * ThreadPool.threads
    let rounds = max(Int(seconds / 8 / secondsPerRound), 1)
    let counts = Mutex<Int>(0)
    let start = ContinuousClock.now
    ThreadPool.shared.forEach(shares) { _ in
      let operations = KernelTable.current.multiplyAddChains(rounds: rounds)
      counts.withLock { $0 += operations }
    }
    let elapsed = (ContinuousClock.now - start) / .seconds(1)
    return Double(counts.withLock { $0 }) / max(elapsed, 1e-9)
  }

  private static let secondsPerRound: Double = {
    let rounds = 200_000
    var best = Double.infinity
    for _ in 0..<5 {
      let start = ContinuousClock.now
      _ = KernelTable.current.multiplyAddChains(rounds: rounds)
      best = min(best, (ContinuousClock.now - start) / .seconds(1))
    }
    return max(best / Double(rounds), 1e-10)
  }()
}
