internal import Synchronization

/// Keeps the first error of work that is spread over threads, whose bodies cannot throw.
final class FirstFailure: Sendable {
  private let error = Mutex<(any Error)?>(nil)

  /// Runs `body`, unless something failed before.
  func record(_ body: () throws -> Void) {
    guard error.withLock({ $0 == nil }) else { return }
    do {
      try body()
    } catch let failure {
      error.withLock { if $0 == nil { $0 = failure } }
    }
  }

  /// Throws what was recorded.
  func rethrow() throws {
    if let error = error.withLock({ $0 }) { throw error }
  }
}
