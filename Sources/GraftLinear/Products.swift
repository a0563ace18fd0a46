internal import GraftSupport
internal import GraftTensor

/// Products of matrices in memory, in shares of rows on several threads; the bits do not depend on how many.
enum Products {
  private static let share = 128

  /// c = alpha a b for a of m x k, or with `transposed` stored as k x m, and b of k x n, or with `bTransposed` as n x k;
  /// all without gaps between rows.
  static func multiply<Scalar: DenseScalar>(
    m: Int, n: Int, k: Int, _ a: UnsafePointer<Scalar>, transposed: Bool = false,
    _ b: UnsafePointer<Scalar>, bTransposed: Bool = false, into c: UnsafeMutablePointer<Scalar>
  ) {
    // Shares write to parts of their own.
    nonisolated(unsafe) let (a, b, c) = (a, b, c)
    ThreadPool.shared.forEach((m + share - 1) / share) { index in
      let rows = index * share..<min((index + 1) * share, m)
      Scalar.multiply(
        m: rows.count, n: n, k: k,
        BLAS.Matrix(
          a + (transposed ? rows.lowerBound : rows.lowerBound * k), stride: transposed ? m : k,
          transposed: transposed),
        BLAS.Matrix(b, stride: bTransposed ? k : n, transposed: bTransposed), beta: 0,
        into: c + rows.lowerBound * n, stride: n)
    }
  }

  /// a b of arrays, m x n, for shapes as above. `a` and `b` may have room behind what is used of them.
  static func product(
    m: Int, n: Int, k: Int, _ a: [Double], transposed: Bool = false, _ b: [Double], bTransposed: Bool = false
  ) -> [Double] {
    var result = [Double](repeating: 0, count: m * n)
    result.withUnsafeMutableBufferPointer { c in
      a.withUnsafeBufferPointer { a in
        b.withUnsafeBufferPointer { b in
          guard let a = a.baseAddress, let b = b.baseAddress, let c = c.baseAddress, m > 0, n > 0, k > 0
          else {
            return
          }
          multiply(m: m, n: n, k: k, a, transposed: transposed, b, bTransposed: bTransposed, into: c)
        }
      }
    }
    return result
  }
}
