internal import GraftGraph
internal import GraftTensor

/// Batch normalization on its stored statistics: a scale and an offset a channel, of which gamma and beta may train.
struct BatchNormalizationTraining: TrainingOperation {
  let name: String
  let attributes: BatchNormalization
  let inputShapes: [Shape]
  let shape: Shape
  /// Whether gamma trains, which takes the input to tell its gradient.
  let trainsGamma: Bool

  var gradientReads: (inputs: Bool, output: Bool) { (trainsGamma, false) }
  var mayOverwrite: Bool { true }
  var passedInput: Int? { 0 }
  var appliesActivation: Bool { true }

  private func sums(_ pictures: Int) -> ChannelSums {
    ChannelSums(rows: pictures * shape.count / max(shape.channels, 1), channels: shape.channels)
  }

  func room(pictures: Int, _ kernels: KernelTable) -> TrainingRoom {
    TrainingRoom(worker: 0, common: sums(pictures).room(terms: 2) + 2 * shape.channels)
  }

  var statistics: StoredStatistics { StoredStatistics(name: name, attributes: attributes) }

  func inferenceLayer(_ parameters: LayerParameters, _ activation: KernelActivation) -> Layer? {
    let (scale, offset) = statistics.scaleAndOffset(parameters)
    return layer(name, .affine(scale: scale, offset: offset), activation)
  }

  func backward(_ pass: BackwardPass) {
    let channels = shape.channels
    let sums = sums(pass.pictures)
    let gradient = UnsafePointer(pass.gradient)
    if let gamma = pass.parameters.gradient("gamma") {
      let inverse = statistics.deviations(pass.parameters)
      let mean = pass.parameters.doubles("moving_mean") ?? []
      let centre = pass.scratch.common + sums.room(terms: 2)
      for (channel, value) in mean.enumerated() { centre[channel] = Float(value) }
      let totals = sums.sum(terms: 2, pass.scratch) { row, totals in
        let (x, dy) = (pass.inputs[0] + row * channels, gradient + row * channels)
        VectorLoops.add(channels, dy, to: totals)
        for channel in 0..<channels {
          totals[channels + channel] += dy[channel] * (x[channel] - centre[channel])
        }
      }
      for channel in 0..<channels { gamma[channel] = Float(totals[1][channel] * inverse[channel]) }
      if let beta = pass.parameters.gradient("beta") {
        for channel in 0..<channels { beta[channel] = Float(totals[0][channel]) }
      }
    } else if let beta = pass.parameters.gradient("beta") {
      sums.bias(gradient, into: beta, pass.scratch)
    }
    if let target = pass.targets[0] {
      let factors = pass.scratch.common
      for (channel, value) in statistics.scale(pass.parameters).enumerated() {
        factors[channel] = Float(value)
      }
      pass.forEachRow(of: shape) { row, _ in
        VectorLoops.product(
          channels, gradient + row * channels, factors, into: target.base + row * channels,
          accumulates: target.accumulates)
      }
    }
  }
}

/// Batch normalization on the statistics of the batch, which also move the stored ones.
///
/// With N pixels in the batch and x' = (x - mean) / sqrt(variance + epsilon), the gradient with respect to x is
/// gamma / sqrt(variance + epsilon) (dy - mean of dy - x' mean of dy x') (Ioffe and Szegedy, 2015,
/// arXiv 1502.03167). The stored statistics move by Keras 3's rule: the variance is that of the batch itself, without
/// Bessel's correction.
final class BatchStatisticsTraining: TrainingOperation {
  let name: String
  let attributes: BatchNormalization
  let inputShapes: [Shape]
  let shape: Shape
  private var mean: [Float] = []
  private var inverse: [Float] = []

  init(_ name: String, _ attributes: BatchNormalization, shape: Shape) {
    self.name = name
    self.attributes = attributes
    inputShapes = [shape]
    self.shape = shape
  }

  var gradientReads: (inputs: Bool, output: Bool) { (true, false) }
  var passedInput: Int? { 0 }

  private func sums(_ pictures: Int) -> ChannelSums {
    ChannelSums(rows: pictures * shape.count / max(shape.channels, 1), channels: shape.channels)
  }

  func room(pictures: Int, _ kernels: KernelTable) -> TrainingRoom {
    TrainingRoom(worker: 0, common: sums(pictures).room(terms: 2))
  }

  func forward(_ pass: ForwardPass) {
    let channels = shape.channels
    let sums = sums(pass.pictures)
    let x = pass.inputs[0]
    let count = Double(sums.rows)
    let means = sums.sum(terms: 1, pass.scratch) { row, totals in
      VectorLoops.add(channels, x + row * channels, to: totals)
    }[0].map { $0 / count }
    mean = means.map(Float.init)
    // Deviations from the rounded mean, so that nothing cancels.
    let variances = mean.withUnsafeBufferPointer { mean in
      sums.sum(terms: 1, pass.scratch) { row, totals in
        for channel in 0..<channels {
          let deviation = x[row * channels + channel] - mean[channel]
          totals[channel] += deviation * deviation
        }
      }[0].map { $0 / count }
    }
    inverse = variances.map { Float(1 / ($0 + Double(attributes.epsilon)).squareRoot()) }

    let (gamma, beta) = (pass.parameters.values("gamma"), pass.parameters.values("beta"))
    let scale = (0..<channels).map { inverse[$0] * (gamma?[$0] ?? 1) }
    let offset = (0..<channels).map { (beta?[$0] ?? 0) - mean[$0] * scale[$0] }
    scale.withUnsafeBufferPointer { scale in
      offset.withUnsafeBufferPointer { offset in
        pass.forEachRow(of: shape) { row, _ in
          let (from, to) = (x + row * channels, pass.output + row * channels)
          for channel in 0..<channels { to[channel] = from[channel] * scale[channel] + offset[channel] }
        }
      }
    }

    let momentum = Double(attributes.momentum)
    func move(_ name: String, to values: [Double]) {
      guard let stored = pass.parameters.values(name) else { return }
      for (channel, value) in values.enumerated() {
        stored[channel] = Float(Double(stored[channel]) * momentum + value * (1 - momentum))
      }
    }
    move("moving_mean", to: means)
    move("moving_variance", to: variances)
  }

  func backward(_ pass: BackwardPass) {
    let channels = shape.channels
    let sums = sums(pass.pictures)
    let (x, gradient) = (pass.inputs[0], UnsafePointer(pass.gradient))
    let gamma = pass.parameters.values("gamma")
    mean.withUnsafeBufferPointer { mean in
      let totals = sums.sum(terms: 2, pass.scratch) { row, totals in
        let (x, dy) = (x + row * channels, gradient + row * channels)
        VectorLoops.add(channels, dy, to: totals)
        for channel in 0..<channels {
          totals[channels + channel] += dy[channel] * (x[channel] - mean[channel])
        }
      }
      if let result = pass.parameters.gradient("beta") {
        for channel in 0..<channels { result[channel] = Float(totals[0][channel]) }
      }
      if let result = pass.parameters.gradient("gamma") {
        for channel in 0..<channels {
          result[channel] = Float(totals[1][channel] * Double(inverse[channel]))
        }
      }
      guard let target = pass.targets[0] else { return }
      let count = Double(sums.rows)
      // dx = a dy + b x + c, a channel at a time.
      var (a, b, c) = ([Float](), [Float](), [Float]())
      for channel in 0..<channels {
        let deviation = Double(inverse[channel])
        let scale = Double(gamma?[channel] ?? 1) * deviation
        let slope = -scale * deviation * deviation * totals[1][channel] / count
        a.append(Float(scale))
        b.append(Float(slope))
        c.append(Float(-scale * totals[0][channel] / count - slope * Double(mean[channel])))
      }
      pass.forEachRow(of: shape) { row, _ in
        let (x, dy, dx) = (x + row * channels, gradient + row * channels, target.base + row * channels)
        for channel in 0..<channels {
          let value = a[channel] * dy[channel] + b[channel] * x[channel] + c[channel]
          dx[channel] = target.accumulates ? dx[channel] + value : value
        }
      }
    }
  }
}
