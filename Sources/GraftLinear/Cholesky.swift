internal import GraftSupport
internal import GraftTensor

/// The factorization A = L L' of a symmetric positive definite matrix, in Double, by blocks of columns.
///
/// The blocks follow from the size alone, so the factor is the same bits for any number of threads.
struct Cholesky: Sendable {
  let size: Int
  /// L, row by row; what is above the diagonal is not looked at.
  private let factor: [Double]

  private static let block = 128

  /// Factors a matrix of which the lower triangle is looked at; nil where it is not positive definite.
  init?(_ matrix: consuming [Double], size: Int) {
    precondition(matrix.count == size * size, "\(matrix.count) elements, not \(size) x \(size)")
    var matrix = matrix
    let isDefinite = matrix.withUnsafeMutableBufferPointer { matrix in
      guard let a = matrix.baseAddress else { return true }
      for start in stride(from: 0, to: size, by: Self.block) {
        let end = min(start + Self.block, size)
        guard Self.factorDiagonal(a, size, start..<end) else { return false }
        Self.eliminate(a, size, start..<end)
      }
      return true
    }
    guard isDefinite else { return nil }
    self.size = size
    factor = matrix
  }

  /// Factors a block on the diagonal, column by column.
  private static func factorDiagonal(_ a: UnsafeMutablePointer<Double>, _ size: Int, _ range: Range<Int>)
    -> Bool
  {
    for column in range {
      let own = a + column * size
      var pivot = own[column]
      for k in range.lowerBound..<column { pivot -= own[k] * own[k] }
      guard pivot > 0, pivot.isFinite else { return false }
      own[column] = pivot.squareRoot()
      for row in column + 1..<range.upperBound {
        let other = a + row * size
        var sum = other[column]
        for k in range.lowerBound..<column { sum -= other[k] * own[k] }
        other[column] = sum / own[column]
      }
    }
    return true
  }

  /// Computes the columns of L below a factored block, and takes their part off the rest of the matrix.
  private static func eliminate(_ a: UnsafeMutablePointer<Double>, _ size: Int, _ range: Range<Int>) {
    let rest = range.upperBound..<size
    let tiles = (rest.count + block - 1) / block
    func tile(_ index: Int) -> Range<Int> {
      let start = rest.lowerBound + index * block
      return start..<min(start + block, size)
    }
    let (first, depth) = (range.lowerBound, range.count)
    // Tiles are written by one thread each.
    nonisolated(unsafe) let a = a
    ThreadPool.shared.forEach(tiles) { index in
      let rows = tile(index)
      BLAS.solveTriangular(
        lower: BLAS.Matrix(UnsafePointer(a + first * size + first), stride: size, transposed: true),
        fromRight: true, m: rows.count, n: depth, a + rows.lowerBound * size + first, stride: size)
    }
    ThreadPool.shared.forEach(tiles * (tiles + 1) / 2) { index in
      var (row, column) = (0, index)
      while column > row {
        row += 1
        column -= row
      }
      let (rows, columns) = (tile(row), tile(column))
      BLAS.multiply(
        m: rows.count, n: columns.count, k: depth, alpha: -1,
        BLAS.Matrix(UnsafePointer(a + rows.lowerBound * size + first), stride: size),
        BLAS.Matrix(UnsafePointer(a + columns.lowerBound * size + first), stride: size, transposed: true),
        beta: 1, into: a + rows.lowerBound * size + columns.lowerBound, stride: size)
    }
  }

  /// Replaces the right sides B, `size` x `columns`, by the solutions of A X = B.
  func solve(_ sides: UnsafeMutablePointer<Double>, columns: Int) {
    // Columns are written by one thread each.
    nonisolated(unsafe) let sides = sides
    let share = 16
    factor.withUnsafeBufferPointer { factor in
      guard let base = factor.baseAddress else { return }
      nonisolated(unsafe) let lower = base
      ThreadPool.shared.forEach((columns + share - 1) / share) { index in
        let first = index * share
        let count = min(share, columns - first)
        for transposed in [false, true] {
          BLAS.solveTriangular(
            lower: BLAS.Matrix(lower, stride: size, transposed: transposed), fromRight: false, m: size,
            n: count, sides + first, stride: columns)
        }
      }
    }
  }
}
