internal import Foundation
package import GraftTensor

/// The two precisions of dense algebra.
package protocol DenseScalar: BinaryFloatingPoint, Sendable {
  /// c = a b + beta c, where a is m x k and b is k x n after transposition.
  static func multiply(
    m: Int, n: Int, k: Int, _ a: BLAS.Matrix<Self>, _ b: BLAS.Matrix<Self>, beta: Self,
    into c: UnsafeMutablePointer<Self>, stride: Int)

  /// e to the power of `x`.
  static func exponential(_ x: Self) -> Self

  /// The largest of at least one value.
  static func largest(_ values: UnsafePointer<Self>, count: Int) -> Self

  /// Replaces values x by exp(x - `largest`), where none is above `largest`, and returns their sum.
  static func exponentiate(_ values: UnsafeMutablePointer<Self>, count: Int, largest: Self) -> Double
}

extension Float: DenseScalar {
  package static func multiply(
    m: Int, n: Int, k: Int, _ a: BLAS.Matrix<Float>, _ b: BLAS.Matrix<Float>, beta: Float,
    into c: UnsafeMutablePointer<Float>, stride: Int
  ) {
    BLAS.multiply(m: m, n: n, k: k, a, b, beta: beta, into: c, stride: stride)
  }

  package static func exponential(_ x: Float) -> Float { exp(x) }

  package static func largest(_ values: UnsafePointer<Float>, count: Int) -> Float {
    FloatExponentials.largest(values, count: count)
  }

  package static func exponentiate(
    _ values: UnsafeMutablePointer<Float>, count: Int, largest: Float
  ) -> Double {
    FloatExponentials.replace(values, count: count, largest: largest)
  }
}

extension Double: DenseScalar {
  package static func multiply(
    m: Int, n: Int, k: Int, _ a: BLAS.Matrix<Double>, _ b: BLAS.Matrix<Double>, beta: Double,
    into c: UnsafeMutablePointer<Double>, stride: Int
  ) {
    BLAS.multiply(m: m, n: n, k: k, a, b, beta: beta, into: c, stride: stride)
  }

  package static func exponential(_ x: Double) -> Double { exp(x) }

  package static func largest(_ values: UnsafePointer<Double>, count: Int) -> Double {
    (1..<count).reduce(values[0]) { max($0, values[$1]) }
  }

  package static func exponentiate(
    _ values: UnsafeMutablePointer<Double>, count: Int, largest: Double
  ) -> Double {
    var sum = 0.0
    for place in 0..<count {
      values[place] = exp(values[place] - largest)
      sum += values[place]
    }
    return sum
  }
}
