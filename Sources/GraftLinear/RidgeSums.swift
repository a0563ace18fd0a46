internal import GraftTensor

/// What ridge regression needs to know of the rows, for any strength of the penalty.
struct RidgeSums {
  enum Form {
    /// Z'Z of centred rows, D x D, of which the lower triangle counts, and Z'Y.
    case primal(gram: [Double], cross: [Double])
    /// Centred rows, ZZ', and centred targets, all times the roots of the weights.
    case dual(rows: [Double], gram: [Double], targets: [Double])
  }

  let form: Form
  /// The weighted mean of each feature.
  let mean: [Double]
  /// The weighted mean of each class's targets.
  let targetMean: [Double]
  /// The weighted sum of the squares of centred targets.
  let squares: Double

  /// For more rows than features, in one pass.
  ///
  /// - Throws: what reading rows from disk throws.
  init(primal set: TrainingSet) throws {
    let (width, classes, total) = (set.rows.width, set.classes, set.weights.total)
    var sums = try Self.addUp(set)
    targetMean = Self.targetMean(set)
    mean = sums[(width * width + width * classes)...].map { $0 / total }
    squares = Self.squares(targetMean, total)
    for row in 0..<width {
      for column in 0...row { sums[row * width + column] -= total * mean[row] * mean[column] }
      for label in 0..<classes {
        sums[width * width + row * classes + label] -= total * mean[row] * targetMean[label]
      }
    }
    form = .primal(
      gram: Array(sums[..<(width * width)]),
      cross: Array(sums[(width * width)..<(width * width + width * classes)]))
  }

  /// For at most as many rows as features: the rows are kept.
  ///
  /// - Throws: what reading rows from disk throws.
  init(dual set: TrainingSet) throws {
    let (count, width, classes, weights) = (set.rows.count, set.rows.width, set.classes, set.weights)
    var rows = try set.rows.standardized(by: set.standardization)
    var mean = [Double](repeating: 0, count: width)
    for row in 0..<count {
      for column in 0..<width { mean[column] += weights[row] / weights.total * rows[row * width + column] }
    }
    var targets: [Double] = []
    targetMean = Self.targetMean(set)
    for row in 0..<count {
      let root = weights[row].squareRoot()
      for column in 0..<width {
        rows[row * width + column] = root * (rows[row * width + column] - mean[column])
      }
      for label in 0..<classes { targets.append(root * (set.target(row, label) - targetMean[label])) }
    }
    self.mean = mean
    squares = Self.squares(targetMean, weights.total)
    let gram = [Double](unsafeUninitializedCapacity: count * count) { gram, initialized in
      rows.withUnsafeBufferPointer { rows in
        guard let rows = rows.baseAddress, let gram = gram.baseAddress else { return }
        Products.multiply(m: count, n: count, k: width, rows, rows, bTransposed: true, into: gram)
      }
      initialized = count * count
    }
    form = .dual(rows: rows, gram: gram, targets: targets)
  }

  /// Targets are 1 and -1, so their squares add up to the weights.
  private static func squares(_ targetMean: [Double], _ total: Double) -> Double {
    targetMean.reduce(0) { $0 + total * (1 - $1 * $1) }
  }

  private static func targetMean(_ set: TrainingSet) -> [Double] {
    var sums = [Double](repeating: -1, count: set.classes)
    for (row, label) in set.targets.classIndices.enumerated() {
      sums[label] += 2 * set.weights[row] / set.weights.total
    }
    return sums
  }

  /// Weighted sums over rows: z z' (lower triangle), z y', z.
  private static func addUp(_ set: TrainingSet) throws -> [Double] {
    let (width, classes) = (set.rows.width, set.classes)
    let size = width * width + width * classes + width
    let blocks = RowBlocks(rows: set.rows.count, width: width, sumBytes: size * 8)
    var sums = [Double](repeating: 0, count: blocks.runs * size)
    try sums.withUnsafeMutableBufferPointer { sums in
      guard let first = sums.baseAddress else { return }
      try blocks.forEachRun(width: width) { run, scratch in
        try add(set, blocks, run: run, to: first + run * size, scratch: scratch)
      }
      for run in 1..<max(blocks.runs, 1) {
        for place in 0..<size { first[place] += first[run * size + place] }
      }
    }
    sums.removeLast(sums.count - size)
    return sums
  }

  private static func add(
    _ set: TrainingSet, _ blocks: RowBlocks, run: Int, to sums: UnsafeMutablePointer<Double>,
    scratch: UnsafeMutablePointer<Float>
  ) throws {
    let (width, classes) = (set.rows.width, set.classes)
    let standardized = StandardizedRows<Double>(set.rows, set.standardization)
    let rows = UnsafeMutablePointer<Double>.allocate(capacity: blocks.blockRows * width)
    let targets = UnsafeMutablePointer<Double>.allocate(capacity: blocks.blockRows * classes)
    defer {
      rows.deallocate()
      targets.deallocate()
    }
    let (cross, mean) = (sums + width * width, sums + width * (width + classes))
    for block in blocks.blocks(ofRun: run) {
      try standardized.write(block, to: rows, scratch: scratch)
      for (index, row) in block.enumerated() {
        let root = set.weights[row].squareRoot()
        let own = rows + index * width
        for column in 0..<width {
          mean[column] += root * root * own[column]
          own[column] *= root
        }
        for label in 0..<classes { targets[index * classes + label] = root * set.target(row, label) }
      }
      BLAS.addGram(n: width, k: block.count, rows, to: sums)
      Double.multiply(
        m: width, n: classes, k: block.count,
        BLAS.Matrix(UnsafePointer(rows), stride: width, transposed: true),
        BLAS.Matrix(UnsafePointer(targets), stride: classes), beta: 1, into: cross, stride: classes)
    }
  }
}

extension TrainingSet {
  /// 1 for the class of a row, -1 for the others.
  fileprivate func target(_ row: Int, _ label: Int) -> Double {
    targets.classIndices[row] == label ? 1 : -1
  }
}
