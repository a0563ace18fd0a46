/// Neighbouring weights that are changed at once.
typealias Lanes = SIMD8<Float>

/// Where up to eight neighbours lie in arrays that are as long as the weights.
struct LanePlace {
  let first: Int
  /// At most as many as there are lanes.
  let count: Int

  /// The numbers there, with zeros where there are fewer than lanes.
  @inline(__always)
  func load(_ array: UnsafePointer<Float>) -> Lanes {
    if count == Lanes.scalarCount {
      return UnsafeRawPointer(array + first).loadUnaligned(as: Lanes.self)
    }
    var lanes = Lanes.zero
    for lane in 0..<count { lanes[lane] = array[first + lane] }
    return lanes
  }

  @inline(__always)
  func store(_ lanes: Lanes, _ array: UnsafeMutablePointer<Float>) {
    if count == Lanes.scalarCount {
      UnsafeMutableRawPointer(array + first).storeBytes(of: lanes, as: Lanes.self)
    } else {
      for lane in 0..<count { array[first + lane] = lanes[lane] }
    }
  }
}

extension WeightBlock {
  /// Calls `body` for all weights, as many at once as there are lanes. Each weight's result depends on its own numbers
  /// alone: vectors compute what scalars would, to the last bit.
  @inline(__always)
  func forEachLanes(_ body: (LanePlace) -> Void) {
    var first = 0
    while first + Lanes.scalarCount <= count {
      body(LanePlace(first: first, count: Lanes.scalarCount))
      first += Lanes.scalarCount
    }
    if first < count { body(LanePlace(first: first, count: count - first)) }
  }
}
