internal import GraftGraph
internal import GraftTensor

/// Convolution of each channel by itself.
struct DepthwiseConvolutionStep: Step {
  private let kernels: KernelTable
  private let window: KernelWindow
  private let weights: PackedWeights
  private let activation: KernelActivation
  private let rows: Shares

  init(
    _ weights: LinearWeights, _ window: KernelWindow, _ activation: KernelActivation, _ kernels: KernelTable
  ) throws {
    self.kernels = kernels
    self.activation = activation
    self.weights = try PackedWeights(depthwise: weights)
    self.window = window
    rows = Shares(
      of: window.outputHeight, atLeast: elementsPerShare / (window.outputWidth * window.channels))
  }

  var shares: Int { rows.count }

  var kind: String { "depthwise" }

  var operations: Double {
    2 * Double(window.outputHeight * window.outputWidth) * Double(weights.depth * weights.columns)
  }

  var mayOverwrite: (x: Bool, second: Bool) { (false, false) }

  func run(_ share: Int, _ o: Operands) {
    kernels.depthwise(
      window, rows: rows[share], o.x, weights: weights.base, into: o.y,
      KernelEpilogue(bias: weights.bias, activation: activation))
  }
}
