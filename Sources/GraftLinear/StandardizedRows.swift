/// Rows with mean 0 and deviation 1, made as they are read.
///
/// In Float the means are rounded, which moves all rows of a feature by the same little; a bias makes up for that.
struct StandardizedRows<Scalar: DenseScalar>: Sendable {
  let rows: FeatureRows
  private let mean: [Scalar]
  private let inverseScale: [Scalar]

  init(_ rows: FeatureRows, _ standardization: Standardization) {
    precondition(
      standardization.width == rows.width, "\(standardization.width) means for rows of \(rows.width)")
    self.rows = rows
    mean = standardization.mean.map { Scalar($0) }
    inverseScale = standardization.scale.map { Scalar(1 / $0) }
  }

  /// Writes rows one after the other; `scratch` has room for as many as they are.
  func write(
    _ range: Range<Int>, to target: UnsafeMutablePointer<Scalar>, scratch: UnsafeMutablePointer<Float>
  ) throws {
    let (width, first) = (rows.width, range.lowerBound)
    try mean.withUnsafeBufferPointer { mean in
      try inverseScale.withUnsafeBufferPointer { inverseScale in
        guard let mean = mean.baseAddress, let inverseScale = inverseScale.baseAddress else { return }
        try rows.forEach(range, scratch: scratch) { index, row in
          let target = target + (index - first) * width
          for column in 0..<width {
            target[column] = (Scalar(row[column]) - mean[column]) * inverseScale[column]
          }
        }
      }
    }
  }
}

extension FeatureRows {
  /// All rows standardized, one after the other.
  ///
  /// - Throws: what reading rows from disk throws.
  func standardized(by standardization: Standardization) throws -> [Double] {
    let (rows, width, blockRows) = (StandardizedRows<Double>(self, standardization), width, 64)
    return try [Double](unsafeUninitializedCapacity: count * width) { target, initialized in
      let scratch = UnsafeMutablePointer<Float>.allocate(capacity: blockRows * width)
      defer { scratch.deallocate() }
      for start in stride(from: 0, to: count, by: blockRows) {
        guard let base = target.baseAddress else { break }
        try rows.write(
          start..<min(start + blockRows, count), to: base + start * width, scratch: scratch)
      }
      initialized = count * width
    }
  }
}
