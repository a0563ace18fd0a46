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
}

extension Float: DenseScalar {
  package static func multiply(
    m: Int, n: Int, k: Int, _ a: BLAS.Matrix<Float>, _ b: BLAS.Matrix<Float>, beta: Float,
    into c: UnsafeMutablePointer<Float>, stride: Int
  ) {
    BLAS.multiply(m: m, n: n, k: k, a, b, beta: beta, into: c, stride: stride)
  }

  package static func exponential(_ x: Float) -> Float { exp(x) }
}

extension Double: DenseScalar {
  package static func multiply(
    m: Int, n: Int, k: Int, _ a: BLAS.Matrix<Double>, _ b: BLAS.Matrix<Double>, beta: Double,
    into c: UnsafeMutablePointer<Double>, stride: Int
  ) {
    BLAS.multiply(m: m, n: n, k: k, a, b, beta: beta, into: c, stride: stride)
  }

  package static func exponential(_ x: Double) -> Double { exp(x) }
}
