/// Minimises 1/(2N) ||Y - Z W - b||^2 + l2/2 ||W||^2 exactly, where Y is 1 for a row's own class and -1 for the others;
/// with weights of rows, their sums in place of N and of the squares.
///
/// By the Cholesky factorization of Z'Z + N l2, or where there are no more rows than features of ZZ' + N l2.
struct RidgeSolver: PenalizedFit {
  private let sums: RidgeSums
  private let weights: RowWeights

  init(_ rows: TrainingSet) throws {
    sums = try rows.rows.count <= rows.rows.width ? RidgeSums(dual: rows) : RidgeSums(primal: rows)
    weights = rows.weights
  }

  func solve(
    _ penalty: Penalty, _ limits: SolverLimits, progress: (Int, Double, Double) throws -> Void
  ) throws -> LinearSolution {
    let (width, classes, total) = (sums.mean.count, sums.targetMean.count, weights.total)
    let ridge = total * penalty.l2
    let kernel: [Double]
    var loss: Double
    switch sums.form {
    case .primal(let gram, let cross):
      kernel = try Self.solve(gram, size: width, ridge, cross, columns: classes)
      // By the normal equations W'Z'ZW is W'Z'Y less N l2 ||W||^2.
      loss = sums.squares - Vectors.dot(kernel, cross) - ridge * Vectors.dot(kernel, kernel)
    case .dual(let rows, let gram, let targets):
      let size = rows.count / max(width, 1)
      let multipliers = try Self.solve(gram, size: size, ridge, targets, columns: classes)
      kernel = Self.transposedProduct(rows, multipliers, width: width, classes: classes)
      // The residuals are N l2 times the multipliers.
      loss = ridge * ridge * Vectors.dot(multipliers, multipliers)
    }
    loss = max(loss, 0) / (2 * total)
    var biases = sums.targetMean
    for feature in 0..<width {
      for label in 0..<classes { biases[label] -= sums.mean[feature] * kernel[feature * classes + label] }
    }
    let value = loss + penalty.l2 / 2 * Vectors.dot(kernel, kernel)
    try progress(1, value, 0)
    return LinearSolution(parameters: kernel + biases, value: value, loss: loss)
  }

  private static func solve(
    _ gram: [Double], size: Int, _ ridge: Double, _ sides: [Double], columns: Int
  ) throws -> [Double] {
    var matrix = gram
    for place in 0..<size { matrix[place * size + place] += ridge }
    guard let factor = Cholesky(matrix, size: size) else {
      throw LinearError(
        .invalidOption,
        """
        the features are linearly dependent, and the penalty is too weak to decide between them; give a larger \
        strength of l2
        """)
    }
    var solution = sides
    solution.withUnsafeMutableBufferPointer { solution in
      if let base = solution.baseAddress { factor.solve(base, columns: columns) }
    }
    return solution
  }

  /// Z' A for N rows of `width` and N of `classes` numbers.
  private static func transposedProduct(
    _ rows: [Double], _ multipliers: [Double], width: Int, classes: Int
  ) -> [Double] {
    [Double](unsafeUninitializedCapacity: width * classes) { target, count in
      rows.withUnsafeBufferPointer { rows in
        multipliers.withUnsafeBufferPointer { multipliers in
          guard let a = rows.baseAddress, let b = multipliers.baseAddress, let c = target.baseAddress else {
            return
          }
          Products.multiply(
            m: width, n: classes, k: multipliers.count / classes, a, transposed: true, b, into: c)
        }
      }
      count = width * classes
    }
  }
}
