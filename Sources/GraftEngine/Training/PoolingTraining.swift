internal import GraftGraph
internal import GraftTensor

/// The maximum or mean of each window. Of equal maxima the first gets the gradient, as in Keras.
struct PoolingTraining: TrainingOperation {
  let name: String
  let takesMax: Bool
  private(set) var inputShapes: [Shape]
  let shape: Shape
  private var window: SlidingWindow
  /// Whether padding takes part as zeros.
  private var paddingCounts = false

  init(_ name: String, _ attributes: Pooling, takesMax: Bool, from input: Shape, to output: Shape) {
    self.name = name
    self.takesMax = takesMax
    inputShapes = [input]
    shape = output
    window = SlidingWindow(
      Window(attributes.window, stride: attributes.stride, dilation: 1, padding: attributes.padding),
      over: input)
  }

  var gradientReads: (inputs: Bool, output: Bool) { (takesMax, false) }

  /// Whether it may read a picture inside a zero padding.
  var absorbsPadding: Bool { takesMax && !window.isPadded }

  /// Reads the picture inside a zero padding, whose zeros take part, other than the layer's own padding.
  mutating func absorb(_ insets: EdgeInsets, over input: Shape) {
    window = window.padded(by: insets)
    inputShapes[0] = input
    paddingCounts = true
  }

  func inferenceLayer(_ parameters: LayerParameters, _ activation: KernelActivation) -> Layer? {
    layer(name, .pooling(window, takesMax: takesMax, paddingCounts: paddingCounts))
  }

  func backward(_ pass: BackwardPass) {
    guard let target = pass.targets[0] else { return }
    let inputCount = inputShapes[0].count
    pass.scratch.forEach(pass.pictures) { picture, _ in
      let dx = target.base + picture * inputCount
      if !target.accumulates { dx.update(repeating: 0, count: inputCount) }
      let dy = UnsafePointer(pass.gradient + picture * shape.count)
      if takesMax {
        pass.kernels.poolMaxGradient(
          KernelWindow(window, from: inputShapes[0], to: shape), pass.inputs[0] + picture * inputCount, dy,
          addingTo: dx, paddingCounts: paddingCounts)
      } else {
        spread(dy, over: dx)
      }
    }
  }

  private func spread(_ dy: UnsafePointer<Float>, over dx: UnsafeMutablePointer<Float>) {
    let (height, width, channels) = (inputShapes[0][0], inputShapes[0][1], inputShapes[0][2])
    for outputRow in 0..<shape[0] {
      let y = outputRow * window.stride.height - window.top
      let rows = max(y, 0)..<max(min(y + window.kernel.height, height), max(y, 0))
      for outputColumn in 0..<shape[1] {
        let start = outputColumn * window.stride.width - window.left
        let columns = max(start, 0)..<max(min(start + window.kernel.width, width), max(start, 0))
        let dy = dy + (outputRow * shape[1] + outputColumn) * channels
        let share = 1 / Float(max(rows.count * columns.count, 1))
        for row in rows {
          for column in columns {
            VectorLoops.scale(
              channels, dy, by: share, into: dx + (row * width + column) * channels, accumulates: true)
          }
        }
      }
    }
  }
}

/// The maximum or mean of each channel over the whole picture.
struct GlobalPoolingTraining: TrainingOperation {
  let name: String
  let kind: GlobalPooling.Kind
  let inputShapes: [Shape]
  let shape: Shape

  var gradientReads: (inputs: Bool, output: Bool) { (kind == .max, false) }

  func inferenceLayer(_ parameters: LayerParameters, _ activation: KernelActivation) -> Layer? {
    layer(name, .globalPooling(kind))
  }

  func backward(_ pass: BackwardPass) {
    guard let target = pass.targets[0] else { return }
    let (inputCount, channels) = (inputShapes[0].count, inputShapes[0].channels)
    let pixels = inputCount / max(channels, 1)
    pass.scratch.forEach(pass.pictures) { picture, _ in
      let (dx, dy) = (target.base + picture * inputCount, pass.gradient + picture * channels)
      switch kind {
      case .average:
        for pixel in 0..<pixels {
          VectorLoops.scale(
            channels, dy, by: 1 / Float(pixels), into: dx + pixel * channels,
            accumulates: target.accumulates)
        }
      case .max:
        if !target.accumulates { dx.update(repeating: 0, count: inputCount) }
        let x = pass.inputs[0] + picture * inputCount
        for channel in 0..<channels {
          var best = channel
          for place in stride(from: channel, to: inputCount, by: channels) where x[place] > x[best] {
            best = place
          }
          dx[best] += dy[channel]
        }
      }
    }
  }
}
