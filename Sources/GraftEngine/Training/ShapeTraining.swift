internal import GraftGraph
internal import GraftTensor

/// Inputs joined along their channels: each gets the gradient of its own.
struct ConcatenationTraining: TrainingOperation {
  let name: String
  let inputShapes: [Shape]
  let shape: Shape

  var gradientReads: (inputs: Bool, output: Bool) { (false, false) }

  func inferenceLayer(_ parameters: LayerParameters, _ activation: KernelActivation) -> Layer? {
    layer(name, .concatenation)
  }

  func backward(_ pass: BackwardPass) {
    var first = shape.channels
    for (target, input) in Array(zip(pass.targets, inputShapes)).reversed() {
      let channels = input.channels
      first -= channels
      if let target {
        pass.forEachRow(of: input) { row, _ in
          VectorLoops.put(
            channels, pass.gradient + row * shape.channels + first, into: target.base + row * channels,
            accumulates: target.accumulates)
        }
      }
    }
  }
}

/// Zeros around a picture, which take their share of the gradient with them.
struct ZeroPaddingTraining: TrainingOperation {
  let name: String
  let insets: EdgeInsets
  let inputShapes: [Shape]
  let shape: Shape

  var gradientReads: (inputs: Bool, output: Bool) { (false, false) }

  func inferenceLayer(_ parameters: LayerParameters, _ activation: KernelActivation) -> Layer? {
    layer(name, .zeroPadding(insets))
  }

  func backward(_ pass: BackwardPass) {
    guard let target = pass.targets[0] else { return }
    let input = inputShapes[0]
    let (length, width) = (input[1] * input[2], shape[1] * shape[2])
    pass.scratch.forEach(pass.pictures) { picture, _ in
      for row in 0..<input[0] {
        VectorLoops.put(
          length,
          pass.gradient + picture * shape.count + (row + insets.top) * width + insets.left * input[2],
          into: target.base + picture * input.count + row * length, accumulates: target.accumulates)
      }
    }
  }
}

/// Rows and columns taken off a picture, which get no gradient.
struct CroppingTraining: TrainingOperation {
  let name: String
  let insets: EdgeInsets
  let inputShapes: [Shape]
  let shape: Shape

  var gradientReads: (inputs: Bool, output: Bool) { (false, false) }

  func inferenceLayer(_ parameters: LayerParameters, _ activation: KernelActivation) -> Layer? {
    layer(name, .cropping(insets))
  }

  func backward(_ pass: BackwardPass) {
    guard let target = pass.targets[0] else { return }
    let input = inputShapes[0]
    let (length, width) = (input[1] * input[2], shape[1] * shape[2])
    pass.scratch.forEach(pass.pictures) { picture, _ in
      let dx = target.base + picture * input.count
      if !target.accumulates { dx.update(repeating: 0, count: input.count) }
      for row in 0..<shape[0] {
        VectorLoops.add(
          width, pass.gradient + picture * shape.count + row * width,
          to: dx + (row + insets.top) * length + insets.left * input[2])
      }
    }
  }
}
