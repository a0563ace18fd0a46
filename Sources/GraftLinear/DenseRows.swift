internal import GraftSupport
internal import GraftTensor

/// Standardized rows in memory with a feature that is always 1 behind the others, whose weight is the bias; or, where
/// there are fewer rows than features, their coordinates in the space that they span, which is where the minimum of a
/// penalised classifier lies.
struct DenseRows: Sendable {
  let count: Int
  /// Numbers of each row.
  let width: Int
  /// `count` x `width`.
  let values: [Double]
  private let space: RowSpace?

  init(_ rows: FeatureRows, _ standardization: Standardization) throws {
    let (count, full) = (rows.count, rows.width + 1)
    let plain = try rows.standardized(by: standardization)
    var values = [Double](repeating: 1, count: count * full)
    for row in 0..<count {
      for column in 0..<rows.width { values[row * full + column] = plain[row * rows.width + column] }
    }
    self.count = count
    if count < full {
      let space = RowSpace(spanning: values, width: full)
      self.space = space
      width = space.rank
      self.values = space.coordinates(of: values)
    } else {
      space = nil
      width = full
      self.values = values
    }
  }

  /// The numbers of each row that rows of so many features would have.
  static func width(rows: Int, features: Int) -> Int { min(rows, features + 1) }

  /// Scores of all rows, `count` x `outputs`, for weights of `width` x `outputs`.
  func scores(_ weights: [Double], outputs: Int) -> [Double] {
    Products.product(m: count, n: outputs, k: width, values, weights)
  }

  /// The rows' transpose times numbers for each row, `width` x `outputs`.
  func transposedProduct(_ factors: [Double], outputs: Int) -> [Double] {
    Products.product(m: width, n: outputs, k: count, values, transposed: true, factors)
  }

  /// Weights of these numbers for those of standardized features with the biases behind them, and back.
  func parameters(_ weights: [Double], outputs: Int) -> [Double] {
    space?.vectors(weights, columns: outputs) ?? weights
  }

  /// Weights of these numbers that give all rows the scores that parameters give them.
  func weights(_ parameters: [Double], outputs: Int) -> [Double] {
    space?.shares(parameters, columns: outputs) ?? parameters
  }

  /// l2 I + X' F X for a factor of each row.
  func curvature(_ factors: [Double], l2: Double) -> [Double] {
    let curved = factors.indices.filter { factors[$0] != 0 }
    var (plain, scaled) = ([Double](), [Double]())
    plain.reserveCapacity(curved.count * width)
    scaled.reserveCapacity(curved.count * width)
    for row in curved {
      let own = values[row * width..<(row + 1) * width]
      plain += own
      scaled += own.map { $0 * factors[row] }
    }
    var result = Products.product(m: width, n: width, k: curved.count, plain, transposed: true, scaled)
    for place in 0..<width { result[place * width + place] += l2 }
    return result
  }
}
