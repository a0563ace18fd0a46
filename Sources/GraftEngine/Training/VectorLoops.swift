/// Loops over contiguous floats, eight at a time. Each element's result depends on its own place alone.
enum VectorLoops {
  private typealias Lanes = SIMD8<Float>
  private static let lanes = 8

  @inline(__always)
  private static func load(_ x: UnsafePointer<Float>, _ index: Int) -> Lanes {
    UnsafeRawPointer(x + index).loadUnaligned(as: Lanes.self)
  }

  @inline(__always)
  private static func store(_ value: Lanes, _ y: UnsafeMutablePointer<Float>, _ index: Int) {
    UnsafeMutableRawPointer(y + index).storeBytes(of: value, as: Lanes.self)
  }

  /// y += x
  static func add(_ n: Int, _ x: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>) {
    var i = 0
    while i &+ lanes <= n {
      store(load(y, i) + load(x, i), y, i)
      i &+= lanes
    }
    while i < n {
      y[i] += x[i]
      i &+= 1
    }
  }

  /// y += x or y = x
  static func put(
    _ n: Int, _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, accumulates: Bool
  ) {
    if accumulates { add(n, x, to: y) } else if y != x { y.update(from: x, count: n) }
  }

  /// y += a b
  static func addProduct(
    _ n: Int, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>
  ) {
    var i = 0
    while i &+ lanes <= n {
      store(load(y, i) + load(a, i) * load(b, i), y, i)
      i &+= lanes
    }
    while i < n {
      y[i] += a[i] * b[i]
      i &+= 1
    }
  }

  /// y = a b, or y += a b
  static func product(
    _ n: Int, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>,
    accumulates: Bool
  ) {
    guard !accumulates else { return addProduct(n, a, b, to: y) }
    var i = 0
    while i &+ lanes <= n {
      store(load(a, i) * load(b, i), y, i)
      i &+= lanes
    }
    while i < n {
      y[i] = a[i] * b[i]
      i &+= 1
    }
  }

  /// y = a x, or y += a x
  static func scale(
    _ n: Int, _ x: UnsafePointer<Float>, by a: Float, into y: UnsafeMutablePointer<Float>, accumulates: Bool
  ) {
    if accumulates {
      for i in 0..<n { y[i] += a * x[i] }
    } else {
      for i in 0..<n { y[i] = a * x[i] }
    }
  }

  /// y = dy where low < value < high and 0 elsewhere, times a; or y += that
  static func gate(
    _ n: Int, _ dy: UnsafePointer<Float>, where value: UnsafePointer<Float>, above low: Float,
    below high: Float, times a: Float, into y: UnsafeMutablePointer<Float>, accumulates: Bool
  ) {
    let (lows, highs) = (Lanes(repeating: low), Lanes(repeating: high))
    let zeros = Lanes(repeating: 0)
    var i = 0
    while i &+ lanes <= n {
      let v = load(value, i)
      let open = (v .> lows) .& (v .< highs)
      var result = zeros.replacing(with: load(dy, i) * a, where: open)
      if accumulates { result += load(y, i) }
      store(result, y, i)
      i &+= lanes
    }
    while i < n {
      let v = value[i]
      let result = v > low && v < high ? dy[i] * a : 0
      y[i] = accumulates ? y[i] + result : result
      i &+= 1
    }
  }
}

/// Adds up parts of a sum in their order.
enum PartialSums {
  /// Elements that are worth a share.
  private static let block = 1 << 14

  /// to = the sum of `parts` arrays of `count` elements that lie `stride` elements apart.
  static func add(
    _ parts: Int, count: Int, stride: Int, _ from: UnsafePointer<Float>,
    into to: UnsafeMutablePointer<Float>, _ scratch: TrainingScratch
  ) {
    scratch.forEach((count + block - 1) / block) { share, _ in
      let first = share * block
      let n = min(block, count - first)
      (to + first).update(from: from + first, count: n)
      for part in 1..<max(parts, 1) {
        VectorLoops.add(n, from + part * stride + first, to: to + first)
      }
    }
  }
}
