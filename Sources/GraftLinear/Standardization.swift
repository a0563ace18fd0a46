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
    let rows = FeatureRows(features: features, rows: rows)
    do {
      try self.init(rows)
    } catch {
      preconditionFailure("\(error)")
    }
  }

  /// Measures means and deviations in one pass.
  ///
  /// - Throws: `LinearError` with the code `.notFinite`, and what reading rows from disk throws.
  /// - Precondition: there is a row.
  init(_ rows: FeatureRows, paths: [String]? = nil) throws {
    precondition(rows.count > 0, "no rows to measure")
    let moments = try ColumnMoments(rows)
    guard moments.areFinite else { throw try TrainingRows.notFinite(rows, paths) }
    let (count, epsilon) = (Double(rows.count), Double.ulpOfOne)
    let scales = zip(moments.mean, moments.squares).map { mean, squares in
      let variance = squares / count
      // The bound on what rounding makes of a constant feature's variance (Chan, Golub and LeVeque, 1983), as
      // scikit-learn's `_is_constant_feature` uses it.
      let rounding = count * epsilon * variance + (count * mean * epsilon) * (count * mean * epsilon)
      return variance <= rounding ? 1 : variance.squareRoot()
    }
    self.init(mean: moments.mean, scale: scales)
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
}

extension Standardization {
  /// The weights and biases for features as they are.
  ///
  /// - Parameter parameters: for standardized features the rows of W, then b.
  func folded(into parameters: [Double], outputs: Int) -> LinearParameters {
    var parameters = parameters
    for feature in 0..<width {
      for output in 0..<outputs {
        let weight = parameters[feature * outputs + output] / scale[feature]
        parameters[feature * outputs + output] = weight
        parameters[width * outputs + output] -= weight * mean[feature]
      }
    }
    return LinearParameters(parameters, outputs: outputs)
  }
}
