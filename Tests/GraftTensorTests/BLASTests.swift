import GraftTensor
import Testing

@Suite("Matrix products")
struct BLASTests {
  /// Small whole numbers, so that sums are exact in either precision.
  private func values<Scalar: BinaryFloatingPoint>(_ count: Int, _ seed: Int) -> [Scalar] {
    (0..<count).map { Scalar(($0 * 7 + seed * 13) % 11 - 5) }
  }

  @Test(
    "Equal sums of products, for every shape and transposition",
    arguments: [(1, 1, 1), (1, 5, 3), (4, 1, 2), (7, 9, 11), (33, 17, 65)], [false, true])
  func products(_ shape: (Int, Int, Int), _ isDouble: Bool) {
    let (m, n, k) = shape
    for (transposedA, transposedB) in [(false, false), (true, false), (false, true), (true, true)] {
      let expected = (0..<m * n).map { index in
        (0..<k).reduce(0.0) { sum, i in
          let a = transposedA ? i * m + index / n : index / n * k + i
          let b = transposedB ? index % n * k + i : i * n + index % n
          return sum + Double((a * 7 + 13) % 11 - 5) * Double((b * 7 + 26) % 11 - 5)
        } * 2 + 3
      }
      let found: [Double] =
        isDouble
        ? product(m, n, k, transposedA, transposedB) { m, n, k, a, b, c in
          BLAS.multiply(m: m, n: n, k: k, alpha: 2, a, b, beta: 1, into: c, stride: n)
        }
        : productInFloat(m, n, k, transposedA, transposedB)
      #expect(found == expected, "\(m) x \(n) x \(k), \(transposedA), \(transposedB)")
    }
  }

  private func product(
    _ m: Int, _ n: Int, _ k: Int, _ transposedA: Bool, _ transposedB: Bool,
    _ multiply: (Int, Int, Int, BLAS.Matrix<Double>, BLAS.Matrix<Double>, UnsafeMutablePointer<Double>) ->
      Void
  ) -> [Double] {
    let (a, b): ([Double], [Double]) = (values(m * k, 1), values(k * n, 2))
    var c = [Double](repeating: 3, count: m * n)
    a.withUnsafeBufferPointer { a in
      b.withUnsafeBufferPointer { b in
        c.withUnsafeMutableBufferPointer { c in
          guard let a = a.baseAddress, let b = b.baseAddress, let c = c.baseAddress else { return }
          multiply(
            m, n, k, BLAS.Matrix(a, stride: transposedA ? m : k, transposed: transposedA),
            BLAS.Matrix(b, stride: transposedB ? k : n, transposed: transposedB), c)
        }
      }
    }
    return c
  }

  private func productInFloat(
    _ m: Int, _ n: Int, _ k: Int, _ transposedA: Bool, _ transposedB: Bool
  ) -> [Double] {
    let (a, b): ([Float], [Float]) = (values(m * k, 1), values(k * n, 2))
    var c = [Float](repeating: 3, count: m * n)
    a.withUnsafeBufferPointer { a in
      b.withUnsafeBufferPointer { b in
        c.withUnsafeMutableBufferPointer { c in
          guard let a = a.baseAddress, let b = b.baseAddress, let c = c.baseAddress else { return }
          BLAS.multiply(
            m: m, n: n, k: k, alpha: 2, BLAS.Matrix(a, stride: transposedA ? m : k, transposed: transposedA),
            BLAS.Matrix(b, stride: transposedB ? k : n, transposed: transposedB), beta: 1, into: c, stride: n)
        }
      }
    }
    return c.map(Double.init)
  }
}
