import Foundation
import GraftSupport
import Synchronization
import Testing

@Suite("Thread pool", .serialized)
struct ThreadPoolTests {
  @Test("calls the body once for every index, whatever the number of threads", arguments: [1, 2, 3, 8])
  func everyIndex(_ threads: Int) {
    let before = ThreadPool.threads
    defer { ThreadPool.threads = before }
    ThreadPool.threads = threads
    for count in [0, 1, 2, 7, 1000] {
      for _ in 0..<20 {
        let calls = (0..<count).map { _ in Counter() }
        ThreadPool.shared.forEach(count) { calls[$0].value.add(1, ordering: .relaxed) }
        #expect(calls.allSatisfy { $0.value.load(ordering: .relaxed) == 1 })
      }
    }
  }

  @Test("never gives one worker number to two calls at one time")
  func workers() {
    let before = ThreadPool.threads
    defer { ThreadPool.threads = before }
    ThreadPool.threads = 4
    let inUse = (0..<4).map { _ in Counter() }
    let clashes = Counter()
    for _ in 0..<200 {
      ThreadPool.shared.forEach(
        16,
        worker: { _, worker in
          if inUse[worker].value.add(1, ordering: .relaxed).oldValue != 0 {
            clashes.value.add(1, ordering: .relaxed)
          }
          inUse[worker].value.subtract(1, ordering: .relaxed)
        })
    }
    #expect(clashes.value.load(ordering: .relaxed) == 0)
  }

  @Test("runs loops inside loops, and loops of several threads at once")
  func nested() {
    let total = Counter()
    ThreadPool.shared.forEach(8) { _ in
      ThreadPool.shared.forEach(5) { _ in total.value.add(1, ordering: .relaxed) }
    }
    #expect(total.value.load(ordering: .relaxed) == 40)
    DispatchQueue.concurrentPerform(iterations: 6) { _ in
      for _ in 0..<50 { ThreadPool.shared.forEach(10) { _ in total.value.add(1, ordering: .relaxed) } }
    }
    #expect(total.value.load(ordering: .relaxed) == 40 + 3000)
  }

  @Test("wakes threads that have gone to sleep")
  func sleeping() {
    let total = Counter()
    for _ in 0..<5 {
      Thread.sleep(forTimeInterval: 0.005)
      ThreadPool.shared.forEach(64) { _ in total.value.add(1, ordering: .relaxed) }
    }
    #expect(total.value.load(ordering: .relaxed) == 320)
  }

  @Test("lets a share that takes long hold up no other")
  func slowShare() {
    let before = ThreadPool.threads
    defer { ThreadPool.threads = before }
    ThreadPool.threads = 2
    var overtaken = false
    // A loop that finds another one running, of a test beside this, has one thread; so it may take some tries.
    for _ in 0..<50 where !overtaken {
      let others = Counter()
      let seen = Counter()
      ThreadPool.shared.forEach(32) { index in
        guard index == 0 else {
          others.value.add(1, ordering: .relaxed)
          return
        }
        let end = Date.now.addingTimeInterval(0.2)
        while others.value.load(ordering: .relaxed) < 31, Date.now < end {
          Thread.sleep(forTimeInterval: 0.001)
        }
        seen.value.store(others.value.load(ordering: .relaxed), ordering: .relaxed)
      }
      overtaken = seen.value.load(ordering: .relaxed) == 31
    }
    #expect(overtaken, "31 shares waited for one")
  }

  @Test("has at least one core to run on")
  func cores() {
    #expect(ThreadPool.availableCores >= 1)
    #expect(ThreadPool.availableCores <= ProcessInfo.processInfo.processorCount)
  }

  final class Counter: Sendable {
    let value = Atomic<Int>(0)
  }
}
