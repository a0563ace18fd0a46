internal import GraftGraph
internal import GraftTensor

/// Convolutions, one after the other, band of rows by band of rows.
///
/// Each number is computed as the separate steps compute it, so that bits do not depend on bands; only Strassen's
/// method goes by bands, and shares then begin where bands do. Shares compute the rows between the stages that two of
/// them need both.
struct BandedStep: Step {
  private struct Stage {
    let kind: BandedLayers.Stage.Kind
    let weights: PackedWeights
    let activation: KernelActivation
    /// Over whole pictures, with the distances of pixels in the bands.
    let window: KernelWindow
    /// Rows of results that a band holds at most, and where they lie in the scratch memory, in floats. The last
    /// stage has none there.
    let capacity: Int
    let offset: Int

    var row: Int { window.outputWidth * window.outputStride }

    /// The rows that some rows of results are made of.
    func inputRows(of band: Range<Int>) -> Range<Int> {
      let first = max(band.lowerBound * window.strideY - window.padTop, 0)
      let last = (band.upperBound - 1) * window.strideY - window.padTop + window.kernelHeight
      return first..<min(last, window.inputHeight)
    }
  }

  private let kernels: KernelTable
  private let stages: [Stage]
  /// Floats of scratch before the first convolution's own.
  private let bandCount: Int
  /// Rows of results in a band.
  private let bandRows: Int
  /// Of bands, or of rows of results where it does not matter where bands begin.
  private let parts: Shares
  private let partRows: Int
  /// Whether the last stage's products are made by Strassen's method, whose results depend on the bands.
  private let usesStrassen: Bool
  let scratchBytes: Int
  let kind: String
  let operations: Double

  /// Bytes between the stages of a band, if one row of results needs no more.
  private static let bandBytes = 512 << 10
  /// Rows of results that are worth the trouble of handing out a share: more where shares compute rows twice.
  private static let shareRows = (convolutionFirst: 14, depthwiseFirst: 4)
  /// Pixels in a band where Strassen's method is used.
  private static let strassenPixels = 200

  /// - Parameter strides: floats from one pixel to the next of what the first stage reads and of what the last gives,
  ///   or nil where there are no gaps.
  init(_ layers: BandedLayers, strides: (x: Int?, y: Int?), _ kernels: KernelTable) throws {
    self.kernels = kernels
    let last = layers.stages[layers.stages.count - 1].output
    var bandRows = 1
    while bandRows < last[0], layers.bytes(rows: bandRows + 1) <= Self.bandBytes { bandRows += 1 }
    let projection = layers.stages[layers.stages.count - 1].weights
    usesStrassen = Strassen.suits(
      rows: last[0] * last[1], depth: projection.depth, columns: projection.columns, kernels)
    if usesStrassen {
      // At least two bands, for two threads.
      bandRows = min(bandRows, max(Self.strassenPixels / last[1], 1), (last[0] + 1) / 2)
    }
    var stages: [Stage] = []
    var offset = 0
    for (number, (stage, capacity)) in zip(layers.stages, layers.rows(for: bandRows)).enumerated() {
      var window = KernelWindow(stage.window, from: stage.input, to: stage.output)
      window.inputStride = stages.last?.window.outputStride ?? strides.x ?? window.inputStride
      let isLast = number == layers.stages.count - 1
      window.outputStride = isLast ? strides.y ?? window.outputStride : stage.bandStride
      let weights =
        stage.kind == .depthwise
        ? try PackedWeights(depthwise: stage.weights)
        : isLast && usesStrassen
          ? try PackedWeights(strassen: stage.weights, for: kernels)
          : try PackedWeights(stage.weights, columns: 0..<stage.weights.columns, for: kernels)
      let made = Stage(
        kind: stage.kind, weights: weights, activation: stage.activation, window: window,
        capacity: capacity, offset: offset)
      if !isLast { offset += (capacity * made.row).roundedUp(to: 16) }
      stages.append(made)
    }
    self.stages = stages
    self.bandRows = bandRows
    bandCount = offset
    let shareRows = stages.count == 2 ? Self.shareRows.depthwiseFirst : Self.shareRows.convolutionFirst
    partRows = usesStrassen ? bandRows : 1
    parts = Shares(of: (last[0] + partRows - 1) / partRows, atLeast: max(shareRows / partRows, 1))
    let own = max(
      stages[0].kind == .convolution ? kernels.convolutionScratch(stages[0].window) : 0,
      usesStrassen ? kernels.strassenScratch(depth: projection.depth) : 0)
    scratchBytes = offset * MemoryLayout<Float>.stride + own
    kind = stages.map(\.kind.description).joined(separator: ", ") + (usesStrassen ? " (Strassen)" : "")
    operations = stages.reduce(0) {
      let pixels = Double($1.window.outputHeight * $1.window.outputWidth)
      return $0 + 2 * pixels * Double($1.weights.depth) * Double($1.weights.columns)
    }
  }

  var shares: Int { parts.count }

  var mayOverwrite: (x: Bool, second: Bool) { (false, true) }

  func run(_ share: Int, _ o: Operands) {
    let part = parts[share]
    let height = stages[stages.count - 1].window.outputHeight
    run(part.lowerBound * partRows..<min(part.upperBound * partRows, height), o)
  }

  func run(_ o: Operands) { run(0..<stages[stages.count - 1].window.outputHeight, o) }

  private func run(_ rows: Range<Int>, _ o: Operands) {
    let last = stages.count - 1
    let stage = stages[last]
    /// The rows of each stage's results that its band holds.
    withUnsafeTemporaryAllocation(of: Range<Int>.self, capacity: stages.count) { held in
      held.initialize(repeating: 0..<0)
      for first in Swift.stride(from: rows.lowerBound, to: rows.upperBound, by: bandRows) {
        let band = first..<min(first + bandRows, rows.upperBound)
        let offset = first * stage.row
        fill(last - 1, with: stage.inputRows(of: band), held, o)
        compute(
          last, band, into: o.y + offset, held, o,
          residual: o.second.map { ($0 + offset, stage.window.outputStride) })
      }
    }
  }

  /// Makes a stage's band hold some rows: those that it does not hold yet are computed, those no longer needed are
  /// dropped.
  private func fill(
    _ number: Int, with needed: Range<Int>, _ held: UnsafeMutableBufferPointer<Range<Int>>, _ o: Operands
  ) {
    guard number >= 0 else { return }
    let stage = stages[number]
    let band = o.scratch.assumingMemoryBound(to: Float.self) + stage.offset
    let kept = max(held[number].upperBound - needed.lowerBound, 0)
    if kept > 0 && needed.lowerBound > held[number].lowerBound {
      let dropped = needed.lowerBound - held[number].lowerBound
      band.update(from: band + dropped * stage.row, count: kept * stage.row)
    }
    let missing = needed.lowerBound + kept..<needed.upperBound
    if !missing.isEmpty {
      fill(number - 1, with: stage.inputRows(of: missing), held, o)
      compute(number, missing, into: band + kept * stage.row, held, o, residual: nil)
    }
    held[number] = needed
  }

  /// Computes rows of a stage's results from what the band before it holds.
  private func compute(
    _ number: Int, _ rows: Range<Int>, into y: UnsafeMutablePointer<Float>,
    _ held: UnsafeMutableBufferPointer<Range<Int>>, _ o: Operands,
    residual: (base: UnsafePointer<Float>, stride: Int)?
  ) {
    let stage = stages[number]
    let needed = stage.inputRows(of: rows)
    var x = o.x
    var first = 0
    if number > 0 {
      x = UnsafePointer(o.scratch.assumingMemoryBound(to: Float.self) + stages[number - 1].offset)
      first = held[number - 1].lowerBound
    }
    x += (needed.lowerBound - first) * stage.window.inputWidth * stage.window.inputStride
    let epilogue = KernelEpilogue(
      bias: stage.weights.bias, residual: residual?.base, residualStride: residual?.stride ?? 0,
      activation: stage.activation)
    let weights = stage.weights
    var window = stage.window
    window.inputHeight = needed.count
    window.outputHeight = rows.count
    window.padTop = max(stage.window.padTop - rows.lowerBound * window.strideY, 0)
    let own = UnsafeMutableRawPointer(o.scratch.assumingMemoryBound(to: Float.self) + bandCount)
    switch stage.kind {
    case .pointwise where number == stages.count - 1 && usesStrassen:
      let pixels = rows.count * window.outputWidth
      kernels.strassen(
        x, KernelRows(count: pixels, stride: window.inputStride),
        tiles: 0..<kernels.strassenTiles(rows: pixels), depth: weights.depth, packed: weights.base,
        range: 0..<weights.columns, into: y, stride: window.outputStride, epilogue, scratch: own)
    case .pointwise:
      kernels.product(
        rows: rows.count * window.outputWidth, depth: weights.depth, x, stride: window.inputStride,
        packed: weights.base, columns: weights.columns, range: 0..<weights.columns, into: y,
        stride: window.outputStride, epilogue)
    case .depthwise:
      kernels.depthwise(window, rows: 0..<rows.count, x, weights: weights.base, into: y, epilogue)
    case .convolution:
      kernels.convolution(
        window, pixels: 0..<rows.count * window.outputWidth, x, packed: weights.base,
        columns: weights.columns, range: 0..<weights.columns, into: y, epilogue, scratch: own)
    }
  }
}

extension BandedLayers.Stage.Kind: CustomStringConvertible {
  var description: String {
    switch self {
    case .pointwise: "1×1"
    case .convolution: "convolution"
    case .depthwise: "depthwise"
    }
  }
}
