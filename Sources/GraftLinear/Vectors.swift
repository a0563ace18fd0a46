/// Sums over vectors in one fixed order, eight partial sums side by side.
enum Vectors {
  /// The scalar product of the first `count` elements.
  static func dot(_ a: [Double], _ b: [Double], count: Int? = nil) -> Double {
    let count = count ?? a.count
    precondition(a.count >= count && b.count >= count, "\(count) of \(a.count) and \(b.count) elements")
    return a.withUnsafeBufferPointer { a in
      b.withUnsafeBufferPointer { b in
        var sums = SIMD8<Double>.zero
        var index = 0
        while index + 8 <= count {
          let x = UnsafeRawPointer(a.baseAddress.unsafelyUnwrapped + index).loadUnaligned(
            as: SIMD8<Double>.self)
          let y = UnsafeRawPointer(b.baseAddress.unsafelyUnwrapped + index).loadUnaligned(
            as: SIMD8<Double>.self)
          sums += x * y
          index += 8
        }
        var sum = sums.sum()
        while index < count {
          sum += a[index] * b[index]
          index += 1
        }
        return sum
      }
    }
  }

  /// a += factor * b
  static func add(_ factor: Double, _ b: [Double], to a: inout [Double]) {
    precondition(a.count == b.count, "\(a.count) and \(b.count) elements")
    a.withUnsafeMutableBufferPointer { a in
      b.withUnsafeBufferPointer { b in
        for index in a.indices { a[index] += factor * b[index] }
      }
    }
  }

  /// The largest magnitude; not a number if an element is none.
  static func largestMagnitude(_ a: [Double]) -> Double {
    a.reduce(0) { $1.isNaN || $0.isNaN ? .nan : max($0, abs($1)) }
  }

  /// Whether all elements are finite.
  static func isFinite(_ a: UnsafeBufferPointer<Float>) -> Bool {
    var sum = SIMD8<Float>.zero
    var index = 0
    if let base = a.baseAddress {
      while index + 8 <= a.count {
        // 0 times what is not finite is not a number.
        sum += UnsafeRawPointer(base + index).loadUnaligned(as: SIMD8<Float>.self) * 0
        index += 8
      }
    }
    return sum == .zero && a[index...].allSatisfy(\.isFinite)
  }
}
