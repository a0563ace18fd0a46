internal import GraftGraph
internal import GraftTensor

/// Convolution of each channel by itself, into one or more channels; into one, with the batch normalization that
/// follows it, if there is one.
struct DepthwiseConvolutionTraining: TrainingOperation {
  let name: String
  let attributes: DepthwiseConvolution
  private(set) var inputShapes: [Shape]
  let shape: Shape
  private var window: SlidingWindow
  /// A batch normalization whose scale and offset are folded into the weights.
  var normalization: StoredStatistics?

  /// Partial sums of weights at most.
  private static let largestParts = 16
  /// Bytes of results, and as many of inputs or more, that stay in the second-level cache.
  private static let bandBytes = 256 << 10

  init(_ name: String, _ attributes: DepthwiseConvolution, from input: Shape, to output: Shape) {
    self.name = name
    self.attributes = attributes
    inputShapes = [input]
    shape = output
    window = SlidingWindow(
      Window(
        attributes.kernel, stride: attributes.stride, dilation: attributes.dilation,
        padding: attributes.padding), over: input)
  }

  var gradientReads: (inputs: Bool, output: Bool) { (true, false) }
  var appliesActivation: Bool { true }
  var gatesInput: Bool { isSingle }

  /// Whether each channel gives one.
  var isSingle: Bool { attributes.multiplier == 1 }

  private var filters: Int { shape.channels }
  private var taps: Int { window.kernel.height * window.kernel.width }
  private var weightCount: Int { taps * filters }
  private func parts(_ pictures: Int) -> Int { min(pictures, Self.largestParts) }

  private func sums(_ pictures: Int) -> ChannelSums {
    ChannelSums(rows: pictures * shape[0] * shape[1], channels: filters)
  }

  /// Reads the picture inside a zero padding.
  mutating func absorb(_ insets: EdgeInsets, over input: Shape) {
    window = window.padded(by: insets)
    inputShapes[0] = input
  }

  func room(pictures: Int, _ kernels: KernelTable) -> TrainingRoom {
    TrainingRoom(
      worker: FoldedGradients.room,
      common: 2 * weightCount
        + max(parts(pictures) * (weightCount + filters), sums(pictures).room(terms: 1)))
  }

  func inferenceLayer(_ parameters: LayerParameters, _ activation: KernelActivation) -> Layer? {
    var weights = LinearWeights(
      layer: name, matrix: parameters.tensor("depthwise_kernel"), columns: filters,
      offset: parameters.doubles("bias"))
    if let normalization {
      let (scale, offset) = normalization.scaleAndOffset(parameters.sibling(normalization.name))
      weights.follow(scale: scale, offset: offset)
    }
    return layer(
      name,
      isSingle
        ? .depthwise(weights, window) : .convolution(weights, window, groups: inputShapes[0].channels),
      activation)
  }

  func backward(_ pass: BackwardPass) {
    guard isSingle else { return backwardInMany(pass) }
    let normalization = normalization.map { pass.parameters.sibling($0.name) }
    let kernel = pass.parameters.gradient("depthwise_kernel")
    let needsSums =
      kernel != nil || pass.parameters.trains("bias") || normalization?.trains("beta") == true
    let common = pass.scratch.common
    // The folded weights, as they are and rotated by half a turn; then the parts' sums.
    let (weights, rotated, partials) = (common, common + weightCount, common + 2 * weightCount)
    prepare(weights, rotated, pass)
    let (parts, partSize) = (parts(pass.pictures), weightCount + filters)
    pass.scratch.forEach(parts) { part, _ in
      let to = partials + part * partSize
      if needsSums { to.update(repeating: 0, count: partSize) }
      for picture in pass.pictures * part / parts..<pass.pictures * (part + 1) / parts {
        backward(picture, weights, rotated, sums: needsSums ? to : nil, pass)
      }
    }
    guard needsSums else { return }
    PartialSums.add(
      parts, count: filters, stride: partSize, partials + weightCount, into: common, pass.scratch)
    if let kernel {
      PartialSums.add(parts, count: weightCount, stride: partSize, partials, into: kernel, pass.scratch)
    }
    FoldedGradients(rows: taps, columns: filters).finish(
      self.normalization, kernel: kernel,
      weights: pass.parameters.values("depthwise_kernel").map { UnsafePointer($0) }, sums: common, pass)
  }

  private func prepare(
    _ weights: UnsafeMutablePointer<Float>, _ rotated: UnsafeMutablePointer<Float>, _ pass: BackwardPass
  ) {
    guard let values = pass.parameters.values("depthwise_kernel") else { return }
    let scale = normalization.map { $0.scale(pass.parameters.sibling($0.name)) }
    for tap in 0..<taps {
      for filter in 0..<filters {
        let value = values[tap * filters + filter] * Float(scale?[filter] ?? 1)
        weights[tap * filters + filter] = value
        rotated[(taps - 1 - tap) * filters + filter] = value
      }
    }
  }

  /// One picture, a band of rows at a time.
  private func backward(
    _ picture: Int, _ weights: UnsafePointer<Float>, _ rotated: UnsafePointer<Float>,
    sums: UnsafeMutablePointer<Float>?, _ pass: BackwardPass
  ) {
    let input = inputShapes[0]
    let kernelWindow = KernelWindow(window, from: input, to: shape)
    let (x, dy) = (
      pass.inputs[0] + picture * input.count, UnsafePointer(pass.gradient + picture * shape.count)
    )
    let target = pass.targets[0]
    var back = window
    back.top = (window.kernel.height - 1) * window.dilation.height - window.top
    back.left = (window.kernel.width - 1) * window.dilation.width - window.left
    let isConvolution = window.stride == 1 && back.top >= 0 && back.left >= 0 && target?.accumulates == false
    let backWindow = KernelWindow(back, from: shape, to: input)
    let bandRows = max(Self.bandBytes / (shape[1] * filters * MemoryLayout<Float>.stride), 1)
    let bands = Shares(of: shape[0], atLeast: bandRows)
    for number in 0..<bands.count {
      let rows = bands[number]
      if let sums {
        pass.kernels.depthwiseWeightGradient(
          kernelWindow, rows: rows, x, dy, into: sums, sums: sums + weightCount)
      }
      guard let target else { continue }
      let dx = target.base + picture * input.count
      // Rows of the input that belong to the band.
      let first = number == 0 ? 0 : rows.lowerBound * window.stride.height
      let last = number == bands.count - 1 ? input[0] : rows.upperBound * window.stride.height
      let inputRows = min(first, input[0])..<max(min(last, input[0]), min(first, input[0]))
      if isConvolution {
        pass.kernels.depthwise(
          backWindow, rows: inputRows, dy, weights: rotated, into: dx, KernelEpilogue())
      } else {
        pass.kernels.depthwiseInputGradient(
          kernelWindow, rows: inputRows, dy, weights: weights, into: dx, accumulates: target.accumulates)
      }
      if let gate = pass.gate {
        let place = inputRows.lowerBound * input[1] * filters
        pass.kernels.gate(
          rows: inputRows.count, columns: input[1] * filters, x + place, stride: input[1] * filters,
          above: gate.low, below: gate.high, dx + place, stride: input[1] * filters)
      }
    }
  }
}

extension DepthwiseConvolutionTraining {
  /// The gradients where each channel gives several.
  private func backwardInMany(_ pass: BackwardPass) {
    let (inputCount, outputCount) = (inputShapes[0].count, shape.count)
    if let bias = pass.parameters.gradient("bias") {
      sums(pass.pictures).bias(pass.gradient, into: bias, pass.scratch)
    }
    if let kernel = pass.parameters.gradient("depthwise_kernel") {
      let common = pass.scratch.common
      let parts = parts(pass.pictures)
      pass.scratch.forEach(parts) { part, _ in
        let sum = common + part * weightCount
        sum.update(repeating: 0, count: weightCount)
        for picture in pass.pictures * part / parts..<pass.pictures * (part + 1) / parts {
          let (x, dy) = (pass.inputs[0] + picture * inputCount, pass.gradient + picture * outputCount)
          forEachTap { tap, input, output in
            for filter in 0..<filters {
              sum[tap + filter] += x[input + filter / attributes.multiplier] * dy[output + filter]
            }
          }
        }
      }
      PartialSums.add(parts, count: weightCount, stride: weightCount, common, into: kernel, pass.scratch)
    }
    if let target = pass.targets[0], let kernel = pass.parameters.values("depthwise_kernel") {
      pass.scratch.forEach(pass.pictures) { picture, _ in
        let (dx, dy) = (target.base + picture * inputCount, pass.gradient + picture * outputCount)
        if !target.accumulates { dx.update(repeating: 0, count: inputCount) }
        forEachTap { tap, input, output in
          for filter in 0..<filters {
            dx[input + filter / attributes.multiplier] += kernel[tap + filter] * dy[output + filter]
          }
        }
      }
    }
  }

  /// Calls `body` with the places of a tap's weights, of the input pixel and of the output pixel, for each tap of
  /// each window that lies in the picture.
  @inline(__always)
  private func forEachTap(_ body: (_ tap: Int, _ input: Int, _ output: Int) -> Void) {
    let (height, width, channels) = (inputShapes[0][0], inputShapes[0][1], inputShapes[0][2])
    for outputRow in 0..<shape[0] {
      for line in 0..<window.kernel.height {
        let row = outputRow * window.stride.height + line * window.dilation.height - window.top
        guard 0 <= row, row < height else { continue }
        for outputColumn in 0..<shape[1] {
          let output = (outputRow * shape[1] + outputColumn) * filters
          for place in 0..<window.kernel.width {
            let column = outputColumn * window.stride.width + place * window.dilation.width - window.left
            guard 0 <= column, column < width else { continue }
            body(
              (line * window.kernel.width + place) * filters, (row * width + column) * channels, output)
          }
        }
      }
    }
  }
}
