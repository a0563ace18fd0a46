internal import Foundation
internal import GraftTensor

/// Memory and arithmetic for one block of rows at a time.
struct BlockWork<Scalar: DenseScalar> {
  private let rows: FeatureRows
  private let classes: Int
  /// The standardized rows.
  private let features: UnsafeMutablePointer<Scalar>
  /// Logits, then what the probabilities differ from the truth by.
  let scores: UnsafeMutablePointer<Scalar>
  /// The block's part of the gradient, for the precision that is not added up in place.
  private let product: UnsafeMutablePointer<Scalar>?

  init(rows: FeatureRows, classes: Int, blockRows: Int) {
    self.rows = rows
    self.classes = classes
    features = .allocate(capacity: blockRows * rows.width)
    scores = .allocate(capacity: blockRows * classes)
    product = Scalar.self == Double.self ? nil : .allocate(capacity: max(rows.width * classes, 1))
  }

  func deallocate() {
    features.deallocate()
    scores.deallocate()
    product?.deallocate()
  }

  /// Standardizes the rows of a block and computes their logits.
  func logits(
    _ block: Range<Int>, parameters: UnsafeBufferPointer<Scalar>, mean: [Double], inverseScale: [Double]
  ) {
    guard let weights = parameters.baseAddress else { return }
    let width = rows.width
    mean.withUnsafeBufferPointer { mean in
      inverseScale.withUnsafeBufferPointer { inverseScale in
        guard let mean = mean.baseAddress, let inverseScale = inverseScale.baseAddress else { return }
        rows.write(block, standardizedBy: mean, inverseScale, to: features)
      }
    }
    let biases = weights + width * classes
    for index in 0..<block.count {
      (scores + index * classes).update(from: biases, count: classes)
    }
    guard width > 0 else { return }
    Scalar.multiply(
      m: block.count, n: classes, k: width, BLAS.Matrix(features, stride: width),
      BLAS.Matrix(weights, stride: classes), beta: 1, into: scores, stride: classes)
  }

  /// Turns the logits of a block into the slopes of its losses, and returns the sum of these.
  func residuals(_ block: Range<Int>, _ targets: LinearTargets) -> Double {
    var sum = 0.0
    switch targets {
    case .classes(let classIndices):
      for (index, row) in block.enumerated() { sum += residual(index, label: classIndices[row]) }
    case .marks(let marks):
      for place in 0..<block.count * classes {
        sum += logisticResidual(place, target: Double(marks[block.lowerBound * classes + place]))
      }
    case .values(let values):
      for place in 0..<block.count * classes {
        let difference = Double(scores[place]) - Double(values[block.lowerBound * classes + place])
        scores[place] = Scalar(difference)
        sum += 0.5 * difference * difference
      }
    }
    return sum
  }

  /// Turns a score into its sigmoid less the target, and returns -ln of the target's probability.
  private func logisticResidual(_ place: Int, target: Double) -> Double {
    let score = Double(scores[place])
    // The form that never takes the exponential of a large number.
    let small = exp(-abs(score))
    let probability = score >= 0 ? 1 / (1 + small) : small / (1 + small)
    scores[place] = Scalar(probability - target)
    return max(score, 0) - score * target + log1p(small)
  }

  /// Turns a row's logits into probabilities less 1 for its class, and returns its loss, -ln of the probability.
  private func residual(_ index: Int, label: Int) -> Double {
    let values = scores + index * classes
    var largest = values[0]
    for place in 1..<classes { largest = max(largest, values[place]) }
    let own = Double(values[label]) - Double(largest)
    var sum = 0.0
    for place in 0..<classes {
      let value = Scalar.exponential(values[place] - largest)
      values[place] = value
      sum += Double(value)
    }
    let factor = Scalar(1 / sum)
    for place in 0..<classes { values[place] *= factor }
    values[label] -= 1
    return log(sum) - own
  }

  /// Adds the block's part of the gradient to `sums`: D x C for the weights, C for the biases.
  func addGradient(_ count: Int, to sums: UnsafeMutableBufferPointer<Double>) {
    guard let target = sums.baseAddress else { return }
    let width = rows.width
    let biases = target + width * classes
    for index in 0..<count {
      let row = scores + index * classes
      for place in 0..<classes { biases[place] += Double(row[place]) }
    }
    guard width > 0 else { return }
    let transposed = BLAS.Matrix(UnsafePointer(features), stride: width, transposed: true)
    let residuals = BLAS.Matrix(UnsafePointer(scores), stride: classes)
    guard let product else {
      target.withMemoryRebound(to: Scalar.self, capacity: width * classes) {
        Scalar.multiply(
          m: width, n: classes, k: count, transposed, residuals, beta: 1, into: $0, stride: classes)
      }
      return
    }
    Scalar.multiply(
      m: width, n: classes, k: count, transposed, residuals, beta: 0, into: product, stride: classes)
    for place in 0..<width * classes { target[place] += Double(product[place]) }
  }
}
