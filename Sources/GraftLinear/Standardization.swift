internal import GraftSupport
public import GraftTensor

/// What takes each feature to mean 0 and deviation 1 on the rows that a classifier was trained on.
///
/// The figures are those of scikit-learn's `StandardScaler`: the deviation divides by the number of rows, and a
/// feature that is constant but for rounding keeps the scale 1.
public struct Standardization: Hashable, Sendable, Codable {
  /// The mean of each feature.
  public let mean: [Double]
  /// What each feature is divided by after the mean was taken away: its deviation, or 1 for a constant one.
  public let scale: [Double]

  /// Takes means and scales as they are.
  ///
  /// - Precondition: there are as many scales as means, and they are positive.
  public init(mean: [Double], scale: [Double]) {
    precondition(
      mean.count == scale.count && scale.allSatisfy { $0 > 0 },
      "\(scale.count) scales do not fit \(mean.count) means, or one is not positive")
    self.mean = mean
    self.scale = scale
  }

  /// Leaves `width` features as they are.
  public init(identity width: Int) {
    self.init(
      mean: [Double](repeating: 0, count: width), scale: [Double](repeating: 1, count: width))
  }

  /// Measures means and deviations.
  ///
  /// - Parameters:
  ///   - features: finite values, N x D.
  ///   - rows: the rows to measure; nil for all.
  /// - Precondition: there is a row.
  public init(features: Tensor, rows: [Int]? = nil) {
    let table = FeatureRows(features: features, rows: rows)
    self.init(table)
  }

  init(_ table: FeatureRows) {
    let count = Double(table.count)
    precondition(table.count > 0, "no rows to measure")
    let means = Self.columnSums(table, around: nil).map { $0 / count }
    let variances = Self.columnSums(table, around: means).map { $0 / count }
    let epsilon = Double.ulpOfOne
    let scales = zip(means, variances).map { mean, variance in
      // The bound on what rounding makes of a constant feature's variance (Chan, Golub and LeVeque, 1983), as
      // scikit-learn's `_is_constant_feature` uses it.
      let rounding = count * epsilon * variance + (count * mean * epsilon) * (count * mean * epsilon)
      return variance <= rounding ? 1 : variance.squareRoot()
    }
    self.init(mean: means, scale: scales)
  }

  /// The number of features.
  public var width: Int { mean.count }

  /// Reads means and scales, refusing lists of different lengths and scales that are not positive.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    let mean = try values.decode([Double].self, forKey: .mean)
    let scale = try values.decode([Double].self, forKey: .scale)
    guard mean.count == scale.count, scale.allSatisfy({ $0 > 0 }) else {
      throw DecodingError.dataCorruptedError(
        forKey: .scale, in: values,
        debugDescription: "\(scale.count) scales do not fit \(mean.count) means, or one is not positive")
    }
    self.init(mean: mean, scale: scale)
  }

  /// The sum of each column, or with `means` of the squares of what it differs from them.
  private static func columnSums(_ table: FeatureRows, around means: [Double]?) -> [Double] {
    let width = table.width
    let blocks = RowBlocks(rows: table.count, width: width, sumBytes: width * 8)
    var partial = [Double](repeating: 0, count: blocks.runs * width)
    partial.withUnsafeMutableBufferPointer { partial in
      // Runs write to parts of their own.
      nonisolated(unsafe) let partial = partial
      table.features.withUnsafeScalars { features in
        nonisolated(unsafe) let features = features
        ThreadPool.shared.forEach(blocks.runs) { run in
          let sums = UnsafeMutableBufferPointer(rebasing: partial[run * width..<(run + 1) * width])
          for block in blocks.blocks(ofRun: run) {
            for row in block {
              let start = table.row(row) * width
              if let means {
                for column in 0..<width {
                  let difference = Double(features[start + column]) - means[column]
                  sums[column] += difference * difference
                }
              } else {
                for column in 0..<width { sums[column] += Double(features[start + column]) }
              }
            }
          }
        }
      }
    }
    return (0..<width).map { column in
      (0..<blocks.runs).reduce(0) { $0 + partial[$1 * width + column] }
    }
  }
}

extension Standardization {
  /// The weights and biases for features as they are.
  ///
  /// - Parameter parameters: for standardized features the rows of W, then b.
  func folded(into parameters: [Double], outputs: Int) -> (kernel: Tensor, bias: Tensor) {
    var kernel = [Float](repeating: 0, count: width * outputs)
    var biases = Array(parameters[(width * outputs)...])
    for feature in 0..<width {
      for output in 0..<outputs {
        let weight = parameters[feature * outputs + output] / scale[feature]
        kernel[feature * outputs + output] = Float(weight)
        biases[output] -= weight * mean[feature]
      }
    }
    return (
      Tensor(shape: [width, outputs], scalars: kernel),
      Tensor(shape: [outputs], scalars: biases.map { Float($0) })
    )
  }
}
