internal import GraftGraph
internal import GraftTensor

/// Layers that run together over bands of rows: a depthwise convolution and the 1 x 1 convolution after it, and
/// the 1 x 1 convolution before it, if there is one. What lies between them never leaves the second-level cache.
struct BandedLayers {
  /// A 1 x 1 convolution.
  struct Pointwise {
    var weights: LinearWeights
    var activation: KernelActivation
  }

  var expansion: Pointwise?
  var depthwise: LinearWeights
  var window: SlidingWindow
  var depthwiseActivation: KernelActivation
  var projection: Pointwise
  /// What the depthwise convolution reads and gives.
  var wide: Shape
  var narrow: Shape

  /// Floats of the wide array from which on it would not stay in the cache by itself.
  static let worthwhile = 1 << 17
}

/// A 1 x 1 convolution, if there is one, a depthwise and another 1 x 1 convolution, band by band.
///
/// Each number is computed as the separate steps compute it, so that bits do not depend on bands. Shares compute
/// the rows of the first convolution that two of them need both.
struct BandedStep: Step {
  private let kernels: KernelTable
  private let expansion: (weights: PackedWeights, activation: KernelActivation)?
  private let depthwise: PackedWeights
  private let window: KernelWindow
  private let depthwiseActivation: KernelActivation
  private let projection: (weights: PackedWeights, activation: KernelActivation)
  /// Floats from one pixel to the next in the bands.
  private let stride: Int
  /// Rows of results in a band.
  private let bandRows: Int
  private let rows: Shares

  /// Bytes of both bands together, without the rows that windows share.
  private static let bandBytes = 320 << 10
  /// Rows of results that are worth the trouble of handing out a share.
  private static let shareRows = 14

  init(_ layers: BandedLayers, _ kernels: KernelTable) throws {
    self.kernels = kernels
    func packed(_ weights: LinearWeights) throws -> PackedWeights {
      try PackedWeights(weights, columns: 0..<weights.columns, for: kernels)
    }
    expansion = try layers.expansion.map { (try packed($0.weights), $0.activation) }
    depthwise = try PackedWeights(depthwise: layers.depthwise)
    depthwiseActivation = layers.depthwiseActivation
    projection = (try packed(layers.projection.weights), layers.projection.activation)
    var window = KernelWindow(layers.window, from: layers.wide, to: layers.narrow)
    // Pixels a multiple of 512 bytes apart would meet in few sets of the cache.
    let channels = window.channels.roundedUp(to: 16)
    stride = channels % 128 == 0 ? channels + 16 : channels
    if expansion != nil { window.inputStride = stride }
    window.outputStride = stride
    self.window = window
    let inputBytes = expansion == nil ? 0 : window.strideY * window.inputWidth * stride * 4
    bandRows = min(
      max(Self.bandBytes / (inputBytes + window.outputWidth * stride * 4), 1), window.outputHeight)
    rows = Shares(of: window.outputHeight, atLeast: Self.shareRows)
  }

  var shares: Int { rows.count }

  /// Rows of the wide array that a band reads at most.
  private var wideRows: Int {
    min((bandRows - 1) * window.strideY + window.kernelHeight, window.inputHeight)
  }

  private var wideCount: Int { expansion == nil ? 0 : wideRows * window.inputWidth * stride }

  var scratchBytes: Int { (wideCount + bandRows * window.outputWidth * stride) * MemoryLayout<Float>.stride }

  var kind: String { expansion == nil ? "depthwise, 1×1" : "1×1, depthwise, 1×1" }

  var operations: Double {
    let inputs = Double(window.inputHeight * window.inputWidth)
    let outputs = Double(window.outputHeight * window.outputWidth)
    func size(_ weights: PackedWeights) -> Double { Double(weights.depth) * Double(weights.columns) }
    return 2 * inputs * (expansion.map { size($0.weights) } ?? 0)
      + 2 * outputs * (size(depthwise) + size(projection.weights))
  }

  var mayOverwrite: (x: Bool, second: Bool) { (false, true) }

  func run(_ share: Int, _ o: Operands) { run(rows[share], o) }

  func run(_ o: Operands) { run(0..<window.outputHeight, o) }

  private func run(_ rows: Range<Int>, _ o: Operands) {
    let wide = o.scratch.assumingMemoryBound(to: Float.self)
    let narrow = wide + wideCount
    /// The rows of the wide array that are in the band.
    var held = 0..<0
    for first in Swift.stride(from: rows.lowerBound, to: rows.upperBound, by: bandRows) {
      let band = first..<min(first + bandRows, rows.upperBound)
      let needed = inputRows(of: band)
      if let expansion {
        fill(wide, with: needed, held: &held, expansion.weights, expansion.activation, o.x)
      }
      var window = window
      window.inputHeight = needed.count
      window.outputHeight = band.count
      window.padTop = max(self.window.padTop - band.lowerBound * window.strideY, 0)
      let from =
        expansion == nil
        ? o.x + needed.lowerBound * window.inputWidth * window.inputStride : UnsafePointer(wide)
      kernels.depthwise(
        window, rows: 0..<band.count, from, weights: depthwise.base, into: narrow,
        KernelEpilogue(bias: depthwise.bias, activation: depthwiseActivation))
      let columns = projection.weights.columns
      let offset = band.lowerBound * window.outputWidth * columns
      kernels.product(
        rows: band.count * window.outputWidth, depth: projection.weights.depth, narrow, stride: stride,
        packed: projection.weights.base, columns: columns, range: 0..<columns, into: o.y + offset,
        stride: columns,
        KernelEpilogue(
          bias: projection.weights.bias, residual: o.second.map { $0 + offset }, residualStride: columns,
          activation: projection.activation))
    }
  }

  /// The rows of the wide array that rows of results read.
  private func inputRows(of band: Range<Int>) -> Range<Int> {
    let first = max(band.lowerBound * window.strideY - window.padTop, 0)
    let last = (band.upperBound - 1) * window.strideY - window.padTop + window.kernelHeight
    return first..<min(last, window.inputHeight)
  }

  /// Computes the rows of the wide array that the band does not hold yet, and drops those no longer needed.
  private func fill(
    _ wide: UnsafeMutablePointer<Float>, with needed: Range<Int>, held: inout Range<Int>,
    _ weights: PackedWeights, _ activation: KernelActivation, _ x: UnsafePointer<Float>
  ) {
    let row = window.inputWidth * stride
    let kept = max(held.upperBound - needed.lowerBound, 0)
    if kept > 0 && needed.lowerBound > held.lowerBound {
      wide.update(from: wide + (needed.lowerBound - held.lowerBound) * row, count: kept * row)
    }
    let count = needed.count - kept
    let pixels = (needed.lowerBound + kept) * window.inputWidth
    kernels.product(
      rows: count * window.inputWidth, depth: weights.depth, x + pixels * weights.depth,
      stride: weights.depth, packed: weights.base, columns: weights.columns, range: 0..<weights.columns,
      into: wide + kept * row, stride: stride, KernelEpilogue(bias: weights.bias, activation: activation))
    held = needed
  }
}
