/// A random number generator whose sequence is fixed by a seed and a stream name, on every platform.
///
/// SplitMix64 (Steele, Lea and Flood, 2014, "Fast splittable pseudorandom number generators"): small,
/// documented, and the same numbers forever, which the standard library's generators do not promise.
/// Each purpose draws from a stream of its own, so that adding a draw in one place moves none elsewhere.
package struct SeededGenerator: RandomNumberGenerator, Sendable, Hashable {
  private var state: UInt64

  /// Starts the sequence of `stream` under `seed`.
  package init(seed: UInt64, stream: String = "") {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325  // FNV-1a, 64 bits
    for byte in stream.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    state = seed
    let mixed = next()
    state = mixed ^ hash
  }

  /// The next 64 random bits.
  package mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  /// A number in [0, 1), with 53 random bits.
  package mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// An integer in 0 ..< `bound`, without the bias of a plain remainder.
  package mutating func below(_ bound: Int) -> Int {
    precondition(bound > 0, "an upper bound must be positive, not \(bound)")
    return Int(next().multipliedFullWidth(by: UInt64(bound)).high)
  }

  /// A number from the standard normal distribution (Box and Muller).
  package mutating func normal() -> Double {
    let radius = (-2 * Logarithm.natural(1 - unit())).squareRoot()
    return radius * Logarithm.cosine(2 * .pi * unit())
  }

  /// The numbers 0 ..< `count` in random order (Fisher and Yates).
  package mutating func permutation(_ count: Int) -> [Int] {
    var order = Array(0..<count)
    for last in stride(from: count - 1, to: 0, by: -1) { order.swapAt(last, below(last + 1)) }
    return order
  }
}
