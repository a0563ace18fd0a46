internal import COpenBLAS
internal import GraftSupport

#if os(Linux)
/// Stands before the function of this name in a shared OpenBLAS, which reads an environment variable for the same
/// purpose: how many threads it starts when it is loaded. Those would never be used, and spin for some tens of
/// milliseconds at the start of every program.
@_cdecl("openblas_num_threads_env")
package func openBLASThreads() -> CInt { 1 }
#endif

/// Dense algebra by OpenBLAS; the only Swift file that says `cblas_`.
///
/// OpenBLAS is told to use one thread: its results change in the last bits with the number of threads, and
/// Graft's own threads call it side by side.
package enum BLAS {
  private static let singleThreaded: Void = {
    graft_openblas_choose_kernels()
    openblas_set_num_threads(1)
  }()

  /// Done before the first product that takes about as long as this does, or longer.
  private static let buffersTouched: Void = { graft_openblas_touch_buffers(CInt(ThreadPool.threads)) }()

  private static func prepare(_ m: Int, _ n: Int, _ k: Int) {
    _ = singleThreaded
    if m * n * k >= 1 << 25 { _ = buffersTouched }
  }

  /// A matrix in memory: row-major, `stride` elements from one row to the next.
  package struct Matrix<Scalar> {
    var base: UnsafePointer<Scalar>
    var stride: Int
    var transposed: Bool

    /// A view of a row-major matrix, to be used as it is or transposed.
    package init(_ base: UnsafePointer<Scalar>, stride: Int, transposed: Bool = false) {
      self.base = base
      self.stride = stride
      self.transposed = transposed
    }
  }

  /// c = alpha a b + beta c, where a is m x k and b is k x n after transposition, in Float32.
  package static func multiply(
    m: Int, n: Int, k: Int, alpha: Float = 1, _ a: Matrix<Float>, _ b: Matrix<Float>, beta: Float = 0,
    into c: UnsafeMutablePointer<Float>, stride: Int
  ) {
    prepare(m, n, k)
    cblas_sgemm(
      CblasRowMajor, a.transposed ? CblasTrans : CblasNoTrans, b.transposed ? CblasTrans : CblasNoTrans,
      blasint(m), blasint(n), blasint(k), alpha, a.base, blasint(a.stride), b.base, blasint(b.stride), beta,
      c,
      blasint(stride))
  }

  /// c = alpha a b + beta c, where a is m x k and b is k x n after transposition, in Float64.
  package static func multiply(
    m: Int, n: Int, k: Int, alpha: Double = 1, _ a: Matrix<Double>, _ b: Matrix<Double>, beta: Double = 0,
    into c: UnsafeMutablePointer<Double>, stride: Int
  ) {
    prepare(m, n, k)
    cblas_dgemm(
      CblasRowMajor, a.transposed ? CblasTrans : CblasNoTrans, b.transposed ? CblasTrans : CblasNoTrans,
      blasint(m), blasint(n), blasint(k), alpha, a.base, blasint(a.stride), b.base, blasint(b.stride), beta,
      c,
      blasint(stride))
  }

  /// Replaces the m x n matrix b by the solution x of l x = b, or with `fromRight` of x l = b, where l is lower
  /// triangular, or with its transpose in place of it; in Float64.
  package static func solveTriangular(
    lower: Matrix<Double>, fromRight: Bool, m: Int, n: Int, _ b: UnsafeMutablePointer<Double>, stride: Int
  ) {
    _ = singleThreaded
    cblas_dtrsm(
      CblasRowMajor, fromRight ? CblasRight : CblasLeft, CblasLower,
      lower.transposed ? CblasTrans : CblasNoTrans, CblasNonUnit, blasint(m), blasint(n), 1, lower.base,
      blasint(lower.stride), b, blasint(stride))
  }

  /// Adds a' a to the lower triangle of the n x n matrix c, where a is k x n, in Float64.
  package static func addGram(
    n: Int, k: Int, _ a: UnsafePointer<Double>, to c: UnsafeMutablePointer<Double>
  ) {
    _ = singleThreaded
    cblas_dsyrk(
      CblasRowMajor, CblasLower, CblasTrans, blasint(n), blasint(k), 1, a, blasint(n), 1, c, blasint(n))
  }
}
