internal import GraftGraph
internal import GraftTensor

/// Convolution of each channel by itself, into one or more channels.
struct DepthwiseConvolutionTraining: TrainingOperation {
  let name: String
  let attributes: DepthwiseConvolution
  let inputShapes: [Shape]
  let shape: Shape
  private let window: SlidingWindow

  /// Partial sums of weights at most.
  private static let largestParts = 16

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

  private var filters: Int { shape.channels }
  private var weightCount: Int { window.kernel.height * window.kernel.width * filters }
  private func parts(_ pictures: Int) -> Int { min(pictures, Self.largestParts) }

  private func sums(_ pictures: Int) -> ChannelSums {
    ChannelSums(rows: pictures * shape[0] * shape[1], channels: filters)
  }

  func room(pictures: Int) -> TrainingRoom {
    TrainingRoom(
      worker: 0, common: max(parts(pictures) * weightCount, sums(pictures).room(terms: 1)))
  }

  func inferenceLayer(_ parameters: LayerParameters, _ activation: KernelActivation) -> Layer? {
    let weights = LinearWeights(
      layer: name, matrix: parameters.tensor("depthwise_kernel"), columns: filters,
      offset: parameters.doubles("bias"))
    return layer(
      name,
      attributes.multiplier == 1
        ? .depthwise(weights, window) : .convolution(weights, window, groups: inputShapes[0].channels),
      activation)
  }

  func backward(_ pass: BackwardPass) {
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
            if attributes.multiplier == 1 {
              VectorLoops.addProduct(filters, x + input, dy + output, to: sum + tap)
            } else {
              for filter in 0..<filters {
                sum[tap + filter] += x[input + filter / attributes.multiplier] * dy[output + filter]
              }
            }
          }
        }
      }
      PartialSums.add(parts, count: weightCount, common, into: kernel, pass.scratch)
    }
    if let target = pass.targets[0], let kernel = pass.parameters.values("depthwise_kernel") {
      pass.scratch.forEach(pass.pictures) { picture, _ in
        let (dx, dy) = (target.base + picture * inputCount, pass.gradient + picture * outputCount)
        if !target.accumulates { dx.update(repeating: 0, count: inputCount) }
        forEachTap { tap, input, output in
          if attributes.multiplier == 1 {
            VectorLoops.addProduct(filters, kernel + tap, dy + output, to: dx + input)
          } else {
            for filter in 0..<filters {
              dx[input + filter / attributes.multiplier] += kernel[tap + filter] * dy[output + filter]
            }
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
