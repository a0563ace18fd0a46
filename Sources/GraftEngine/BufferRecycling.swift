internal import Foundation
internal import Synchronization

/// Keeps the memory of large buffers that are given up for the next ones of the same size, as long as somebody holds an
/// instance. Training packs the weights of all layers anew at each step: memory fresh from the system, which clears it,
/// would take longer than the packing.
final class BufferRecycling: Sendable {
  private struct Pool {
    var users = 0
    /// By bytes.
    var free: [Int: [Address]] = [:]
  }

  /// Memory that nobody uses.
  private struct Address: @unchecked Sendable { let pointer: UnsafeMutableRawPointer }

  private static let pool = Mutex(Pool())

  init() { Self.pool.withLock { $0.users += 1 } }

  deinit {
    let unneeded = Self.pool.withLock { pool -> [Address] in
      pool.users -= 1
      guard pool.users == 0 else { return [] }
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
