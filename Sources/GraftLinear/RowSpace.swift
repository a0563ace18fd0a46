internal import GraftTensor

/// An orthonormal basis of the space that some rows span.
///
/// The weights of a penalised linear classifier lie in the space of its training rows: what stands at right angles to all
/// of them changes no prediction and costs penalty. So where there are fewer rows than features, a classifier on
/// the rows' coordinates in this basis has the same objective and the same predictions, at the cost of as many
/// features as there are rows.
struct RowSpace {
  /// Rows that are taken away from and added to the basis together.
  private static let blockRows = 32

  let width: Int
  /// The number of vectors.
  private(set) var rank = 0
  /// `rank` x `width`, with room behind.
  private var basis: [Double] = []

  /// The space of nothing yet.
  init(width: Int) { self.width = width }

  /// The space of `rows`, row-major with `width` values each.
  init(spanning rows: [Double], width: Int) {
    self.init(width: width)
    add(rows)
  }

  /// Adds what `rows` have beyond the space; `rounding` is what is left of a row that counts as none, as a share of its
  /// length.
  mutating func add(_ rows: [Double], rounding: Double = 1e-9) {
    var (rows, rank) = (rows, rank)
    let (width, count) = (width, rows.count / width)
    basis += [Double](repeating: 0, count: max((rank + count) * width - basis.count, 0))
    rows.withUnsafeMutableBufferPointer { rows in
      basis.withUnsafeMutableBufferPointer { basis in
        guard let rows = rows.baseAddress, let basis = basis.baseAddress else { return }
        for start in stride(from: 0, to: count, by: Self.blockRows) {
          let block = start..<min(start + Self.blockRows, count)
          let lengths = block.map { Self.length(rows + $0 * width, width) }
          // Once leaves what rounding makes of it; twice is enough (Giraud, Langou and Rozloznik, 2005).
          for _ in 0..<2 {
            Self.subtract(from: rows + start * width, block.count, basis, rank, width)
          }
          let first = rank
          for (row, length) in zip(block, lengths) {
            let target = rows + row * width
            for _ in 0..<2 { Self.subtract(from: target, 1, basis + first * width, rank - first, width) }
            let rest = Self.length(target, width)
            guard rest > rounding * length else { continue }
            for column in 0..<width { basis[rank * width + column] = target[column] / rest }
            rank += 1
          }
        }
      }
    }
    self.rank = rank
  }

  /// Vectors of the basis as columns, `width` x their number.
  func columns(_ range: Range<Int>) -> [Double] {
    var result = [Double](repeating: 0, count: width * range.count)
    for (place, vector) in range.enumerated() {
      for row in 0..<width { result[row * range.count + place] = basis[vector * width + row] }
    }
    return result
  }

  /// The coordinates of rows, count x `rank`.
  func coordinates(of rows: [Double]) -> [Double] {
    Products.product(m: rows.count / max(width, 1), n: rank, k: width, rows, basis, bTransposed: true)
  }

  /// The shares of the basis in vectors that are columns, `rank` x `columns`.
  func shares(_ vectors: [Double], columns: Int) -> [Double] {
    Products.product(m: rank, n: columns, k: width, basis, vectors)
  }

  /// The vectors, as columns, with these shares of the basis, `width` x `columns`.
  func vectors(_ shares: [Double], columns: Int) -> [Double] {
    Products.product(m: width, n: columns, k: rank, basis, transposed: true, shares)
  }

  /// Takes from `count` rows what lies along `rank` vectors.
  private static func subtract(
    from rows: UnsafeMutablePointer<Double>, _ count: Int, _ basis: UnsafePointer<Double>, _ rank: Int,
    _ width: Int
  ) {
    guard count > 0, rank > 0 else { return }
    withUnsafeTemporaryAllocation(of: Double.self, capacity: count * rank) { shares in
      guard let shares = shares.baseAddress else { return }
      BLAS.multiply(
        m: count, n: rank, k: width, BLAS.Matrix(UnsafePointer(rows), stride: width),
        BLAS.Matrix(basis, stride: width, transposed: true), into: shares, stride: rank)
      BLAS.multiply(
        m: count, n: width, k: rank, alpha: -1, BLAS.Matrix(UnsafePointer(shares), stride: rank),
        BLAS.Matrix(basis, stride: width), beta: 1, into: rows, stride: width)
    }
  }

  private static func length(_ row: UnsafePointer<Double>, _ width: Int) -> Double {
    var sum = 0.0
    for column in 0..<width { sum += row[column] * row[column] }
    return sum.squareRoot()
  }
}
