internal import GraftGraph
internal import GraftTensor

/// Convolution of a picture, in groups of channels.
struct ConvolutionStep: Step {
  private let kernels: KernelTable
  private let window: KernelWindow
  private let groups: [PackedWeights]
  private let activation: KernelActivation
  private let tiling: Tiling

  let scratchBytes: Int

  init(
    _ weights: LinearWeights, _ window: SlidingWindow, groups count: Int, from input: Shape, to output: Shape,
    _ activation: KernelActivation, _ kernels: KernelTable
  ) throws {
    self.kernels = kernels
    self.activation = activation
    let filters = output.channels / count
    groups = try (0..<count).map {
      try PackedWeights(weights, columns: $0 * filters..<($0 + 1) * filters, for: kernels)
    }
    var kernelWindow = KernelWindow(window, from: input, to: output)
    kernelWindow.channels = input.channels / count
    self.window = kernelWindow
    scratchBytes = kernels.convolutionScratch(kernelWindow)
    tiling = Tiling(
      rows: output[0] * output[1], depth: weights.depth, columns: filters, kernels: kernels)
  }

  var shares: Int { tiling.count * groups.count }

  var kind: String { "convolution" }

  var operations: Double {
    let pixels = window.outputHeight * window.outputWidth
    return groups.reduce(0) { $0 + 2 * Double(pixels) * Double($1.depth) * Double($1.columns) }
  }

  var mayOverwrite: (x: Bool, second: Bool) { (false, true) }

  func run(_ share: Int, _ o: Operands) {
    let group = share / tiling.count
    let (pixels, columns) = tiling[share % tiling.count]
    let weights = groups[group]
    let first = group * weights.columns
    kernels.convolution(
      window, pixels: pixels, o.x + group * window.channels, packed: weights.base, columns: weights.columns,
      range: columns, into: o.y + first,
      KernelEpilogue(
        bias: weights.bias, residual: o.second.map { $0 + first }, residualStride: window.outputStride,
        activation: activation),
      scratch: o.scratch)
  }
}

extension KernelWindow {
  /// A window over a whole picture of contiguous pixels.
  init(_ window: SlidingWindow, from input: Shape, to output: Shape) {
    self.init()
    (inputHeight, inputWidth, channels) = (input[0], input[1], input[2])
    (outputHeight, outputWidth) = (output[0], output[1])
    (inputStride, outputStride) = (input[2], output[2])
    (kernelHeight, kernelWidth) = (window.kernel.height, window.kernel.width)
    (strideY, strideX) = (window.stride.height, window.stride.width)
    (dilationY, dilationX) = (window.dilation.height, window.dilation.width)
    (padTop, padLeft) = (window.top, window.left)
  }
}
