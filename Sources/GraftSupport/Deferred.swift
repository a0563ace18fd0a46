internal import Foundation

/// A value that a thread of its own computes while the caller goes on with something else.
package final class Deferred<Value: Sendable>: Sendable {
  private let condition = NSCondition()
  // Touched only while the condition's lock is held.
  nonisolated(unsafe) private var result: Result<Value, any Error>?

  /// Starts computing.
  package init(_ compute: @escaping @Sendable () throws -> Value) {
    // The thread keeps the value alive until it is there, whether anybody still wants it or not.
    let thread = Thread {
      let result = Result { try compute() }
      self.condition.withLock {
        self.result = result
        self.condition.broadcast()
      }
    }
    thread.name = "graft.deferred"
    thread.start()
  }

  /// The value, as soon as it is there.
  ///
  /// - Throws: what the computation threw.
  package func value() throws -> Value {
    try condition.withLock {
      while true {
        if let result { return try result.get() }
        condition.wait()
      }
    }
  }
}
