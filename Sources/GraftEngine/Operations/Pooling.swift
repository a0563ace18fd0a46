internal import GraftGraph
internal import GraftTensor

/// The maximum or mean of each window.
struct PoolingStep: Step {
  private let kernels: KernelTable
  private let window: KernelWindow
  private let takesMax: Bool
  private let paddingCounts: Bool
  private let rows: Shares

  init(
    _ window: SlidingWindow, takesMax: Bool, paddingCounts: Bool, from input: Shape, to output: Shape,
    _ kernels: KernelTable
  ) {
    self.kernels = kernels
    self.takesMax = takesMax
    self.paddingCounts = paddingCounts
    self.window = KernelWindow(window, from: input, to: output)
    rows = Shares(of: output[0], atLeast: elementsPerShare / (output[1] * output[2]))
  }

  var shares: Int { rows.count }

  var kind: String { "pooling" }

  var operations: Double {
    Double(window.outputHeight * window.outputWidth * window.channels)
      * Double(window.kernelHeight * window.kernelWidth)
  }

  var mayOverwrite: (x: Bool, second: Bool) { (false, false) }

  func run(_ share: Int, _ o: Operands) {
    if takesMax {
      kernels.poolMax(window, rows: rows[share], o.x, into: o.y, paddingCounts: paddingCounts)
    } else {
      kernels.poolAverage(window, rows: rows[share], o.x, into: o.y, paddingCounts: paddingCounts)
    }
  }
}

/// The maximum or mean of each channel over the whole picture.
struct GlobalPoolingStep: Step {
  private let kernels: KernelTable
  private let pooling: GlobalPooling.Kind
  private let pixels: Int
  private let channels: Int
  private let groups: Shares

  /// Channels that shares begin at multiples of.
  private static let unit = 64

  init(_ kind: GlobalPooling.Kind, over input: Shape, _ kernels: KernelTable) {
    self.kernels = kernels
    pooling = kind
    channels = input.channels
    pixels = input.count / channels
    groups = Shares(
      of: (channels + Self.unit - 1) / Self.unit, atLeast: elementsPerShare / (pixels * Self.unit))
  }

  var shares: Int { groups.count }

  var kind: String { "global pooling" }

  var operations: Double { Double(pixels * channels) }

  var mayOverwrite: (x: Bool, second: Bool) { (false, false) }

  func run(_ share: Int, _ o: Operands) {
    let first = groups[share].lowerBound * Self.unit
    let count = min(groups[share].upperBound * Self.unit, channels) - first
    switch pooling {
    case .average:
      kernels.globalAverage(
        pixels: pixels, channels: count, o.x + first, stride: channels, into: o.y + first)
    case .max:
      kernels.globalMax(pixels: pixels, channels: count, o.x + first, stride: channels, into: o.y + first)
    }
  }
}
