package import GraftTensor

/// Some rows of a table of features, or all of them, without a copy.
package struct FeatureRows: Sendable {
  let features: Tensor
  let width: Int
  private let rows: [Int]?
  let count: Int

  /// Takes rows of a table of N x D features (or N x H x W x C, each row as one vector).
  package init(features: Tensor, rows: [Int]? = nil) {
    let height = features.shape.rank > 0 ? features.shape[0] : 0
    self.features = features
    self.rows = rows
    width = height > 0 ? features.count / height : features.shape.dimensions.dropFirst().reduce(1, *)
    count = rows?.count ?? height
  }

  /// The place of a row in the table.
  func row(_ index: Int) -> Int { rows?[index] ?? index }

  /// Writes rows, standardized, one after the other.
  func write<Scalar: DenseScalar>(
    _ range: Range<Int>, standardizedBy mean: UnsafePointer<Double>, _ inverseScale: UnsafePointer<Double>,
    to target: UnsafeMutablePointer<Scalar>
  ) {
    features.withUnsafeScalars { features in
      guard let base = features.baseAddress else { return }
      var target = target
      for index in range {
        let source = base + row(index) * width
        for column in 0..<width {
          target[column] = Scalar((Double(source[column]) - mean[column]) * inverseScale[column])
        }
        target += width
      }
    }
  }
}
