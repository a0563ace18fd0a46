internal import GraftSupport

/// Numbers that make a share.
private let share = 1 << 16

extension UnsafeBufferPointer<Float> {
  /// Whether all are numbers, and none is infinite.
  var areFinite: Bool {
    let shares = (count + share - 1) / share
    return withUnsafeTemporaryAllocation(of: Bool.self, capacity: Swift.max(shares, 1)) { found in
      found.initialize(repeating: true)
      // Each share writes to its own element.
      nonisolated(unsafe) let found = found
      ThreadPool.shared.forEach(shares) { number in
        // Only infinities and what is not a number have all bits of the exponent.
        let exponent = Float.infinity.bitPattern
        var largest: UInt32 = 0
        for i in number * share..<Swift.min((number + 1) * share, count) {
          largest = Swift.max(largest, self[i].bitPattern & exponent)
        }
        found[number] = largest < exponent
      }
      return found.allSatisfy { $0 }
    }
  }
}
