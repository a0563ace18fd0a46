internal import GraftGraph
internal import GraftTensor

/// A batch normalization on its stored statistics: y = scale x + offset, a channel at a time.
struct StoredStatistics {
  /// The layer that has the parameters.
  let name: String
  let attributes: BatchNormalization

  /// 1 / sqrt(variance + epsilon)
  func deviations(_ parameters: LayerParameters) -> [Double] {
    (parameters.doubles("moving_variance") ?? []).map {
      1 / ($0 + Double(attributes.epsilon)).squareRoot()
    }
  }

  func scale(_ parameters: LayerParameters) -> [Double] {
    let inverse = deviations(parameters)
    return parameters.doubles("gamma").map { zip($0, inverse).map { $0 * $1 } } ?? inverse
  }

  func scaleAndOffset(_ parameters: LayerParameters) -> (scale: [Double], offset: [Double]) {
    let scale = scale(parameters)
    let mean = parameters.doubles("moving_mean") ?? []
    let beta = parameters.doubles("beta") ?? [Double](repeating: 0, count: scale.count)
    return (scale, zip(zip(mean, scale), beta).map { $1 - $0.0 * $0.1 })
  }
}

/// From the gradients with respect to a folded kernel to those with respect to what was folded.
///
/// With z = x W + b and y = s z + o, where s = gamma / sqrt(variance + epsilon), the kernel that is computed with is
/// s W. From its gradient D and the sums S of dy over pixels follow dW = s D, db = s S, dbeta = S, and
/// dgamma = (the sum of W D over rows + (b - mean) S) / sqrt(variance + epsilon), because the sum of dy z over pixels
/// is that of W D over rows, plus b S: no pixel has to be looked at again.
struct FoldedGradients {
  let rows: Int
  let columns: Int

  /// Columns that make a share, and rows that are summed in Float.
  private static let block = 64

  /// Floats that each worker needs.
  static let room = block

  /// Turns the gradient with respect to the folded kernel, which lies in `kernel`, into those with respect to what
  /// trains.
  func finish(
    _ statistics: StoredStatistics?, kernel: UnsafeMutablePointer<Float>?, weights: UnsafePointer<Float>?,
    sums: UnsafePointer<Float>, _ pass: BackwardPass
  ) {
    let parameters = pass.parameters
    guard let statistics else {
      if let bias = parameters.gradient("bias") { bias.update(from: sums, count: columns) }
      return
    }
    let normalization = parameters.sibling(statistics.name)
    let scale = statistics.scale(normalization)
    if let bias = parameters.gradient("bias") {
      for column in 0..<columns { bias[column] = Float(Double(sums[column]) * scale[column]) }
    }
    if let beta = normalization.gradient("beta") { beta.update(from: sums, count: columns) }
    guard let kernel, let weights else { return }
    let factors = scale.map(Float.init)
    let gamma = normalization.gradient("gamma")
    let inverse = gamma == nil ? [] : statistics.deviations(normalization)
    let mean = gamma == nil ? [] : normalization.doubles("moving_mean") ?? []
    let bias = parameters.values("bias")
    let columns = columns
    factors.withUnsafeBufferPointer { factors in
      guard let factors = factors.baseAddress else { return }
      nonisolated(unsafe) let factors2 = factors
      pass.scratch.forEach((columns + Self.block - 1) / Self.block) { share, worker in
        let first = share * Self.block
        let n = min(Self.block, columns - first)
        let sum = pass.scratch[worker]
        var totals = [Double](repeating: 0, count: n)
        for start in stride(from: 0, to: rows, by: Self.block) {
          if gamma != nil { sum.update(repeating: 0, count: n) }
          for row in start..<min(start + Self.block, rows) {
            let place = row * columns + first
            if gamma != nil { VectorLoops.addProduct(n, weights + place, kernel + place, to: sum) }
            VectorLoops.product(
              n, kernel + place, factors2 + first, into: kernel + place, accumulates: false)
          }
          if gamma != nil { for column in 0..<n { totals[column] += Double(sum[column]) } }
        }
        guard let gamma else { return }
        for column in 0..<n {
          let at = first + column
          let centre = Double(bias?[at] ?? 0) - mean[at]
          gamma[at] = Float((totals[column] + centre * Double(sums[at])) * inverse[at])
        }
      }
    }
  }
}
