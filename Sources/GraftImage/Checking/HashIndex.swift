/// Finds, among many hashes of 64 bits, those that differ from a given one in few bits.
///
/// Multi-index hashing (Norouzi, Punjani and Fleet, 2012, arXiv 1307.2982): of two hashes that differ in at most 11
/// bits, one of the four quarters differs in at most 2. Each quarter has a table of its own, in which all 137 values
/// that near are looked up; so a search takes time in proportion to what it finds, not to the number of hashes.
package struct HashIndex: Sendable {
  /// The most bits in which hashes that are found may differ.
  package static let radius = 11

  private static let quarters = 4
  private static let values = 1 << 16

  private let hashes: [UInt64]
  /// Of each quarter, where the positions with each value begin in `positions`.
  private let starts: [[Int32]]
  private let positions: [[Int32]]

  /// Differences of at most 2 bits.
  private static let masks: [UInt64] = {
    var masks: [UInt64] = [0]
    for first in 0..<16 {
      masks.append(1 << UInt64(first))
      for second in 0..<first { masks.append(1 << UInt64(first) | 1 << UInt64(second)) }
    }
    return masks
  }()

  /// Sorts hashes into the tables.
  package init(_ hashes: [UInt64]) {
    self.hashes = hashes
    var starts: [[Int32]] = []
    var positions: [[Int32]] = []
    for quarter in 0..<Self.quarters {
      var ends = [Int32](repeating: 0, count: Self.values + 1)
      for hash in hashes { ends[Int(Self.part(hash, quarter)) + 1] += 1 }
      for value in 0..<Self.values { ends[value + 1] += ends[value] }
      var next = ends
      var sorted = [Int32](repeating: 0, count: hashes.count)
      for (position, hash) in hashes.enumerated() {
        let value = Int(Self.part(hash, quarter))
        sorted[Int(next[value])] = Int32(position)
        next[value] += 1
      }
      starts.append(ends)
      positions.append(sorted)
    }
    self.starts = starts
    self.positions = positions
  }

  /// Calls `body` once for each position whose hash differs from `hash` in at most `radius` bits.
  package func forEachNeighbour(of hash: UInt64, _ body: (_ position: Int) -> Void) {
    for quarter in 0..<Self.quarters {
      let own = Self.part(hash, quarter)
      for mask in Self.masks {
        let value = Int(own ^ mask)
        for place in starts[quarter][value]..<starts[quarter][value + 1] {
          let position = Int(positions[quarter][Int(place)])
          let difference = hash ^ hashes[position]
          // A quarter before this one has found it already.
          let isKnown = (0..<quarter).contains { Self.part(difference, $0).nonzeroBitCount <= 2 }
          if !isKnown, difference.nonzeroBitCount <= Self.radius { body(position) }
        }
      }
    }
  }

  private static func part(_ hash: UInt64, _ quarter: Int) -> UInt64 {
    hash >> UInt64(16 * quarter) & 0xFFFF
  }
}
