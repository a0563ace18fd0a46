internal import Foundation

/// Hands out positions to loading threads and their results in order; at most `window` results wait.
final class LoadingQueue: @unchecked Sendable {
  // Every property below is read and written only while the condition is locked.
  private let condition = NSCondition()
  private let count: Int
  private let window: Int
  private var taken = 0
  private var delivered = 0
  private var finished: [Int: LoadedPicture] = [:]
  private var isCancelled = false

  init(count: Int, window: Int) {
    self.count = count
    self.window = window
  }

  /// The next position to load; waits while too many results wait. Nil when there is none left.
  func take() -> Int? {
    condition.lock()
    defer { condition.unlock() }
    while !isCancelled && taken < count && taken >= delivered + window { condition.wait() }
    guard !isCancelled && taken < count else { return nil }
    defer { taken += 1 }
    return taken
  }

  /// Takes in a result.
  func put(_ picture: LoadedPicture, at index: Int) {
    condition.lock()
    defer { condition.unlock() }
    guard !isCancelled else { return }
    finished[index] = picture
    condition.broadcast()
  }

  /// The next `most` results in order, fewer at the end; nil when all were handed out.
  func next(_ most: Int) -> (range: Range<Int>, pictures: [LoadedPicture])? {
    condition.lock()
    defer { condition.unlock() }
    let range = delivered..<min(delivered + most, count)
    guard !range.isEmpty else { return nil }
    var pictures: [LoadedPicture] = []
    pictures.reserveCapacity(range.count)
    for index in range {
      while true {
        if let picture = finished.removeValue(forKey: index) {
          pictures.append(picture)
          break
        }
        condition.wait()
      }
    }
    delivered = range.upperBound
    condition.broadcast()
    return (range, pictures)
  }

  /// Lets the threads end; results no longer matter.
  func cancel() {
    condition.lock()
    defer { condition.unlock() }
    isCancelled = true
    finished = [:]
    condition.broadcast()
  }
}
