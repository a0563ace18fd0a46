internal import GraftGraph
internal import GraftTensor

/// A picture times one factor a channel, which may train: layer scale.
struct LayerScaleTraining: TrainingOperation {
  let name: String
  let inputShapes: [Shape]
  let shape: Shape
  /// Whether the factors train, which takes the input to tell their gradient.
  let trainsGamma: Bool

  var gradientReads: (inputs: Bool, output: Bool) { (trainsGamma, false) }
  var mayOverwrite: Bool { true }
  var passedInput: Int? { 0 }
  var appliesActivation: Bool { true }

  private func sums(_ pictures: Int) -> ChannelSums {
    ChannelSums(rows: pictures * shape.count / max(shape.channels, 1), channels: shape.channels)
  }

  func room(pictures: Int, _ kernels: KernelTable) -> TrainingRoom {
    TrainingRoom(worker: 0, common: sums(pictures).room(terms: 1))
  }

  func inferenceLayer(_ parameters: LayerParameters, _ activation: KernelActivation) -> Layer? {
    let scale = parameters.doubles("gamma") ?? []
    return layer(name, .affine(scale: scale, offset: scale.map { _ in 0 }), activation)
  }

  func backward(_ pass: BackwardPass) {
    let channels = shape.channels
    let gradient = UnsafePointer(pass.gradient)
    if let gamma = pass.parameters.gradient("gamma") {
      let totals = sums(pass.pictures).sum(terms: 1, pass.scratch) { row, totals in
        VectorLoops.addProduct(
          channels, gradient + row * channels, pass.inputs[0] + row * channels, to: totals)
      }
      for channel in 0..<channels { gamma[channel] = Float(totals[0][channel]) }
    }
    if let target = pass.targets[0], let gamma = pass.parameters.values("gamma") {
      pass.forEachRow(of: shape) { row, _ in
        VectorLoops.product(
          channels, gradient + row * channels, gamma, into: target.base + row * channels,
          accumulates: target.accumulates)
      }
    }
  }
}

/// A normalization by known figures: a factor and a term a channel that never train.
struct NormalizationTraining: TrainingOperation {
  let name: String
  let attributes: Normalization
  let inputShapes: [Shape]
  let shape: Shape

  var gradientReads: (inputs: Bool, output: Bool) { (false, false) }
  var mayOverwrite: Bool { true }
  var passedInput: Int? { 0 }
  var appliesActivation: Bool { true }

  func room(pictures: Int, _ kernels: KernelTable) -> TrainingRoom {
    TrainingRoom(worker: 0, common: shape.channels)
  }

  private func figures(_ parameters: LayerParameters) -> (scale: [Double], offset: [Double]) {
    Normalization.scaleAndOffset(
      mean: attributes.figures?.mean.map(Double.init) ?? parameters.doubles("mean") ?? [],
      variance: attributes.figures?.variance.map(Double.init) ?? parameters.doubles("variance") ?? [])
  }

  func inferenceLayer(_ parameters: LayerParameters, _ activation: KernelActivation) -> Layer? {
    let (scale, offset) = figures(parameters)
    return layer(name, .affine(scale: scale, offset: offset), activation)
  }

  func backward(_ pass: BackwardPass) {
    guard let target = pass.targets[0] else { return }
    let channels = shape.channels
    let factors = pass.scratch.common
    for (channel, value) in figures(pass.parameters).scale.enumerated() { factors[channel] = Float(value) }
    pass.forEachRow(of: shape) { row, _ in
      VectorLoops.product(
        channels, pass.gradient + row * channels, factors, into: target.base + row * channels,
        accumulates: target.accumulates)
    }
  }
}
