internal import Foundation

/// Memory for floats, aligned to 64 bytes or more, whose contents are undefined at first.
///
/// Whoever writes into it sees to it that nobody else uses the same part meanwhile.
package final class AlignedBuffer: @unchecked Sendable {
  package let base: UnsafeMutablePointer<Float>
  let count: Int
  /// Whether the next buffer of this size may take its pages over.
  private let recycles: Bool

  private static let hugePage = 2 << 20

  /// Memory for `count` floats.
  ///
  /// - Parameter recycles: whether it is made again and again, and is worth keeping for the next one if it is large; see
  ///   `BufferRecycling`.
  /// - Throws: `EngineError` with code `.outOfMemory`; `what` says in its text what the memory is for.
  package init(count: Int, recycles: Bool = false, for what: @autoclosure () -> String) throws {
    let (bytes, overflow) = max(count, 1).multipliedReportingOverflow(by: MemoryLayout<Float>.stride)
    // Linux promises more memory than there is and ends the process when it is used; so the whole machine's
    // memory is the limit for one piece.
    guard !overflow, UInt64(bytes) <= ProcessInfo.processInfo.physicalMemory else {
      throw Self.error(count, what())
    }
    self.count = count
    let isLarge = bytes >= Self.hugePage
    self.recycles = recycles && isLarge
    if self.recycles, let pointer = BufferRecycling.take(bytes) {
      base = pointer.bindMemory(to: Float.self, capacity: count)
      return
    }
    var pointer: UnsafeMutableRawPointer?
    let alignment = isLarge ? Self.hugePage : 64
    if posix_memalign(&pointer, alignment, bytes) != 0 {
      BufferRecycling.empty()
      guard posix_memalign(&pointer, alignment, bytes) == 0 else { throw Self.error(count, what()) }
    }
    guard let pointer else { throw Self.error(count, what()) }
    #if os(Linux)
    // Weights and feature maps of many megabytes are walked through from end to end: with pages of 4 KB each
    // would cost a miss of the translation buffer, and prefetching stops at their ends.
    if isLarge { madvise(pointer, bytes, MADV_HUGEPAGE) }
    #endif
    base = pointer.bindMemory(to: Float.self, capacity: max(count, 1))
  }

  private static func error(_ count: Int, _ what: String) -> EngineError {
    let gigabytes = (Double(count) * 4 / 1e8).rounded() / 10
    return EngineError(
      .outOfMemory,
      "\(gigabytes) GB are needed for \(what), and the machine has \(ProcessInfo.processInfo.physicalMemory >> 20)"
        + " MB in all; use smaller pictures or a smaller network")
  }

  deinit {
    if recycles {
      BufferRecycling.give(UnsafeMutableRawPointer(base), count * MemoryLayout<Float>.stride)
    } else {
      free(base)
    }
  }
}
