internal import GraftGraph
internal import GraftSupport
internal import GraftTensor

/// The sum of two inputs.
struct AdditionTraining: TrainingOperation {
  let name: String
  let inputShapes: [Shape]
  let shape: Shape

  var gradientReads: (inputs: Bool, output: Bool) { (false, false) }
  var mayOverwrite: Bool { true }
  var passedInput: Int? { 0 }
  var appliesActivation: Bool { true }

  func inferenceLayer(_ parameters: LayerParameters, _ activation: KernelActivation) -> Layer? {
    layer(name, .add, activation)
  }

  func backward(_ pass: BackwardPass) {
    // The second first: the first may take over the gradient's place.
    for target in pass.targets.reversed() {
      guard let target else { continue }
      pass.scratch.forEachBlock(pass.pictures * shape.count) { range, _ in
        VectorLoops.put(
          range.count, pass.gradient + range.lowerBound, into: target.base + range.lowerBound,
          accumulates: target.accumulates)
      }
    }
  }
}

/// The product of two inputs of one shape, element by element.
struct MultiplicationTraining: TrainingOperation {
  let name: String
  let inputShapes: [Shape]
  let shape: Shape

  var gradientReads: (inputs: Bool, output: Bool) { (true, false) }

  func inferenceLayer(_ parameters: LayerParameters, _ activation: KernelActivation) -> Layer? {
    layer(name, .multiply)
  }

  func backward(_ pass: BackwardPass) {
    for (target, other) in zip(pass.targets.reversed(), pass.inputs) {
      guard let target else { continue }
      pass.scratch.forEachBlock(pass.pictures * shape.count) { range, _ in
        let first = range.lowerBound
        VectorLoops.product(
          range.count, pass.gradient + first, other + first, into: target.base + first,
          accumulates: target.accumulates)
      }
    }
  }
}

/// A picture (the first input) times one factor a channel (the second).
struct ChannelScalingTraining: TrainingOperation {
  let name: String
  let inputShapes: [Shape]
  let shape: Shape

  var gradientReads: (inputs: Bool, output: Bool) { (true, false) }

  func inferenceLayer(_ parameters: LayerParameters, _ activation: KernelActivation) -> Layer? {
    layer(name, .channelScaling)
  }

  func backward(_ pass: BackwardPass) {
    let (count, channels) = (shape.count, shape.channels)
    pass.scratch.forEach(pass.pictures) { picture, _ in
      let dy = pass.gradient + picture * count
      let factors = pass.inputs[1] + picture * channels
      if let target = pass.targets[1] {
        let result = target.base + picture * channels
        if !target.accumulates { result.update(repeating: 0, count: channels) }
        let x = pass.inputs[0] + picture * count
        for start in stride(from: 0, to: count, by: channels) {
          VectorLoops.addProduct(channels, dy + start, x + start, to: result)
        }
      }
      if let target = pass.targets[0] {
        let dx = target.base + picture * count
        for start in stride(from: 0, to: count, by: channels) {
          VectorLoops.product(
            channels, dy + start, factors, into: dx + start, accumulates: target.accumulates)
        }
      }
    }
  }
}

/// x times a constant, plus a constant.
struct RescalingTraining: TrainingOperation {
  let name: String
  let scale: Float
  let offset: Float
  let inputShapes: [Shape]
  let shape: Shape

  var gradientReads: (inputs: Bool, output: Bool) { (false, false) }
  var mayOverwrite: Bool { true }
  var passedInput: Int? { 0 }

  func inferenceLayer(_ parameters: LayerParameters, _ activation: KernelActivation) -> Layer? {
    layer(name, .rescaling(scale: scale, offset: offset))
  }

  func backward(_ pass: BackwardPass) {
    guard let target = pass.targets[0] else { return }
    pass.scratch.forEachBlock(pass.pictures * shape.count) { range, _ in
      VectorLoops.scale(
        range.count, pass.gradient + range.lowerBound, by: scale, into: target.base + range.lowerBound,
        accumulates: target.accumulates)
    }
  }
}

/// Drops elements at random and scales the others up, so that the expected result is the input.
struct DropoutTraining: TrainingOperation {
  let name: String
  let rate: Float
  let inputShapes: [Shape]
  let shape: Shape

  var gradientReads: (inputs: Bool, output: Bool) { (false, false) }
  var mayOverwrite: Bool { true }
  var passedInput: Int? { 0 }

  func forward(_ pass: ForwardPass) {
    apply(
      pass.inputs[0], into: pass.output, accumulates: false, pictures: pass.pictures, pass.draw, pass.scratch)
  }

  func backward(_ pass: BackwardPass) {
    guard let target = pass.targets[0] else { return }
    // The same numbers are drawn once more.
    apply(
      pass.gradient, into: target.base, accumulates: target.accumulates, pictures: pass.pictures, pass.draw,
      pass.scratch)
  }

  private func apply(
    _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, accumulates: Bool, pictures: Int,
    _ draw: TrainingDraw, _ scratch: TrainingScratch
  ) {
    let scale = rate < 1 ? 1 / (1 - rate) : 0
    scratch.forEach(pictures) { picture, _ in
      var generator = draw.generator(name, picture: picture)
      for i in picture * shape.count..<(picture + 1) * shape.count {
        let value = generator.unit() < Double(rate) ? 0 : x[i] * scale
        y[i] = accumulates ? y[i] + value : value
      }
    }
  }
}

/// Drops whole pictures at random and scales the others up, so that the expected result is the input.
struct StochasticDepthTraining: TrainingOperation {
  let name: String
  let rate: Float
  let inputShapes: [Shape]
  let shape: Shape

  var gradientReads: (inputs: Bool, output: Bool) { (false, false) }
  var mayOverwrite: Bool { true }
  var passedInput: Int? { 0 }

  func forward(_ pass: ForwardPass) {
    apply(
      pass.inputs[0], into: pass.output, accumulates: false, pictures: pass.pictures, pass.draw, pass.scratch)
  }

  func backward(_ pass: BackwardPass) {
    guard let target = pass.targets[0] else { return }
    // The same numbers are drawn once more.
    apply(
      pass.gradient, into: target.base, accumulates: target.accumulates, pictures: pass.pictures, pass.draw,
      pass.scratch)
  }

  private func apply(
    _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, accumulates: Bool, pictures: Int,
    _ draw: TrainingDraw, _ scratch: TrainingScratch
  ) {
    let kept = rate < 1 ? 1 / (1 - rate) : 0
    scratch.forEach(pictures) { picture, _ in
      var generator = draw.generator(name, picture: picture)
      let first = picture * shape.count
      VectorLoops.scale(
        shape.count, x + first, by: generator.unit() < Double(rate) ? 0 : kept, into: y + first,
        accumulates: accumulates)
    }
  }
}
