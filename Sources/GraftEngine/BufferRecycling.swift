internal import Foundation
internal import Synchronization

/// Keeps the memory of large buffers of packed weights that are given up for the next ones of the same size, as long as
/// somebody holds an instance. Training packs the weights of all layers anew at each step: memory fresh from the system,
/// which clears it, would take longer than the packing.
package final class BufferRecycling: Sendable {
  private struct Pool {
    var users = 0
    /// By bytes.
    var free: [Int: [Address]] = [:]
  }

  /// Memory that nobody uses.
  private struct Address: @unchecked Sendable { let pointer: UnsafeMutableRawPointer }

  private static let pool = Mutex(Pool())

  package init() { Self.pool.withLock { $0.users += 1 } }

  deinit {
    let isLast = Self.pool.withLock { pool in
      pool.users -= 1
      return pool.users == 0
    }
    if isLast { Self.empty() }
  }

  /// Gives all that nobody uses back to the system.
  static func empty() {
    let unneeded = pool.withLock { pool in
      defer { pool.free = [:] }
      return pool.free.values.flatMap(\.self)
    }
    for address in unneeded { Foundation.free(address.pointer) }
  }

  /// Memory of just so many bytes, if some was given up.
  static func take(_ bytes: Int) -> UnsafeMutableRawPointer? {
    pool.withLock { $0.free[bytes]?.popLast()?.pointer }
  }

  /// Gives memory up.
  static func give(_ pointer: UnsafeMutableRawPointer, _ bytes: Int) {
    let address = Address(pointer: pointer)
    let isKept = pool.withLock { pool in
      guard pool.users > 0 else { return false }
      pool.free[bytes, default: []].append(address)
      return true
    }
    if !isKept { free(pointer) }
  }
}
