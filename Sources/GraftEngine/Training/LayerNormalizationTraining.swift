internal import GraftGraph
internal import GraftTensor

/// Layer normalization: each pixel by its own mean and variance.
///
/// With x' = (x - mean) / sqrt(variance + epsilon) and dx' = gamma dy, the gradient with respect to x is
/// (dx' - mean of dx' - x' mean of dx' x') / sqrt(variance + epsilon), with means over the channels of the pixel.
struct LayerNormalizationTraining: TrainingOperation {
  let name: String
  let attributes: LayerNormalization
  let inputShapes: [Shape]
  let shape: Shape

  var gradientReads: (inputs: Bool, output: Bool) { (true, false) }
  var passedInput: Int? { 0 }

  private func sums(_ pictures: Int) -> ChannelSums {
    ChannelSums(rows: pictures * shape.count / max(shape.channels, 1), channels: shape.channels)
  }

  func room(pictures: Int, _ kernels: KernelTable) -> TrainingRoom {
    let sums = sums(pictures)
    return TrainingRoom(worker: 0, common: sums.room(terms: 2) + 2 * sums.rows)
  }

  func inferenceLayer(_ parameters: LayerParameters, _ activation: KernelActivation) -> Layer? {
    func scalars(_ name: String) -> [Float]? {
      parameters.values(name) == nil ? nil : parameters.tensor(name).scalars
    }
    return layer(
      name,
      .layerNormalization(gamma: scalars("gamma"), beta: scalars("beta"), epsilon: attributes.epsilon))
  }

  func backward(_ pass: BackwardPass) {
    let channels = shape.channels
    let sums = sums(pass.pictures)
    let (x, gradient) = (pass.inputs[0], UnsafePointer(pass.gradient))
    // The mean of each row, and one over its deviation.
    let figures = pass.scratch.common + sums.room(terms: 2)
    pass.forEachRow(of: shape) { row, _ in
      let x = x + row * channels
      var (mean, power) = (0.0, 0.0)
      for channel in 0..<channels { mean += Double(x[channel]) }
      mean /= Double(channels)
      for channel in 0..<channels {
        let deviation = Double(x[channel]) - mean
        power += deviation * deviation
      }
      figures[2 * row] = Float(mean)
      figures[2 * row + 1] = Float(
        1 / (power / Double(channels) + Double(attributes.epsilon)).squareRoot())
    }
    if let gamma = pass.parameters.gradient("gamma") {
      let totals = sums.sum(terms: 2, pass.scratch) { row, totals in
        let (x, dy) = (x + row * channels, gradient + row * channels)
        let (mean, inverse) = (figures[2 * row], figures[2 * row + 1])
        VectorLoops.add(channels, dy, to: totals)
        for channel in 0..<channels {
          totals[channels + channel] += dy[channel] * (x[channel] - mean) * inverse
        }
      }
      for channel in 0..<channels { gamma[channel] = Float(totals[1][channel]) }
      if let beta = pass.parameters.gradient("beta") {
        for channel in 0..<channels { beta[channel] = Float(totals[0][channel]) }
      }
    } else if let beta = pass.parameters.gradient("beta") {
      sums.bias(gradient, into: beta, pass.scratch)
    }
    if let target = pass.targets[0] {
      let gamma = pass.parameters.values("gamma")
      pass.forEachRow(of: shape) { row, _ in
        let (x, dy, dx) = (x + row * channels, gradient + row * channels, target.base + row * channels)
        let (mean, inverse) = (figures[2 * row], figures[2 * row + 1])
        var (first, second) = (Float(0), Float(0))
        for channel in 0..<channels {
          let d = dy[channel] * (gamma?[channel] ?? 1)
          first += d
          second += d * (x[channel] - mean) * inverse
        }
        first /= Float(channels)
        second /= Float(channels)
        for channel in 0..<channels {
          let unit = (x[channel] - mean) * inverse
          let value = inverse * (dy[channel] * (gamma?[channel] ?? 1) - first - unit * second)
          dx[channel] = target.accumulates ? dx[channel] + value : value
        }
      }
    }
  }
}
