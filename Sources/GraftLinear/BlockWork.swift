internal import GraftFeatures
internal import GraftTensor

/// Memory and arithmetic for one block of rows at a time.
struct BlockWork<Scalar: DenseScalar> {
  private let rows: StandardizedRows<Scalar>
  private let outputs: Int
  /// The standardized rows.
  private let features: UnsafeMutablePointer<Scalar>
  private let scratch: UnsafeMutablePointer<Float>
  /// Scores, then the derivatives of the losses by them.
  let scores: UnsafeMutablePointer<Scalar>
  /// The block's part of the gradient, for the precision that is not added up in place.
  private let product: UnsafeMutablePointer<Scalar>?

  init(rows: StandardizedRows<Scalar>, outputs: Int, blockRows: Int) {
    self.rows = rows
    self.outputs = outputs
    let width = rows.rows.width
    features = .allocate(capacity: blockRows * width)
    scratch = .allocate(capacity: rows.rows.features.tensor == nil ? blockRows * width : 1)
    scores = .allocate(capacity: blockRows * outputs)
    product = Scalar.self == Double.self ? nil : .allocate(capacity: max(width * outputs, 1))
  }

  func deallocate() {
    features.deallocate()
    scratch.deallocate()
    scores.deallocate()
    product?.deallocate()
  }

  /// Standardizes the rows of a block and computes their scores: the rows of `parameters` but the last times features,
  /// plus the last.
  func score(_ block: Range<Int>, parameters: UnsafeBufferPointer<Scalar>) throws {
    guard let weights = parameters.baseAddress else { return }
    let width = rows.rows.width
    try rows.write(block, to: features, scratch: scratch)
    let biases = weights + width * outputs
    for index in 0..<block.count {
      (scores + index * outputs).update(from: biases, count: outputs)
    }
    guard width > 0 else { return }
    Scalar.multiply(
      m: block.count, n: outputs, k: width, BLAS.Matrix(features, stride: width),
      BLAS.Matrix(weights, stride: outputs), beta: 1, into: scores, stride: outputs)
  }

  /// Standardizes the rows of a block, whose scores are known: `scores` holds those of all rows.
  func take(_ block: Range<Int>, scores known: [Scalar]) throws {
    try rows.write(block, to: features, scratch: scratch)
    known[block.lowerBound * outputs..<block.upperBound * outputs].withUnsafeBufferPointer {
      guard let base = $0.baseAddress else { return }
      scores.update(from: base, count: $0.count)
    }
  }

  /// Adds the block's part of the gradient to `sums`: D x C for the weights, C for the biases.
  func addGradient(_ count: Int, to sums: UnsafeMutableBufferPointer<Double>) {
    guard let target = sums.baseAddress else { return }
    let width = rows.rows.width
    let biases = target + width * outputs
    for index in 0..<count {
      let row = scores + index * outputs
      for place in 0..<outputs { biases[place] += Double(row[place]) }
    }
    guard width > 0 else { return }
    let transposed = BLAS.Matrix(UnsafePointer(features), stride: width, transposed: true)
    let residuals = BLAS.Matrix(UnsafePointer(scores), stride: outputs)
    guard let product else {
      target.withMemoryRebound(to: Scalar.self, capacity: width * outputs) {
        Scalar.multiply(
          m: width, n: outputs, k: count, transposed, residuals, beta: 1, into: $0, stride: outputs)
      }
      return
    }
    Scalar.multiply(
      m: width, n: outputs, k: count, transposed, residuals, beta: 0, into: product, stride: outputs)
    for place in 0..<width * outputs { target[place] += Double(product[place]) }
  }
}
