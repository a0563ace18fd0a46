internal import GraftGraph
internal import GraftTensor

/// A convolution computed by Winograd's F(4x4, 3x3) or F(2x2, 3x3), and what it needs of shapes.
struct Winograd: Sendable {
  let kernels: KernelTable
  let window: KernelWindow
  let weights: PackedWeights
  let activation: KernelActivation
  /// Whether only the largest of each 2 x 2 results are kept.
  let pools: Bool
  /// The side of a tile of results, 4 or 2.
  let side: Int
  /// Tiles in a picture.
  let tiles: Int
  /// Whether reading the transformed weights once a picture takes longer than the products: with 16 x 16 results at
  /// most, and weights beyond the second-level cache by far. Pictures are then better computed together.
  let isBoundByWeights: Bool
  /// Columns that shares begin at multiples of.
  static let columnUnit = 128

  /// Whether it beats the plain sum, on every instruction set that was measured (portable, AVX2, AVX-512).
  ///
  /// Below 16 channels moving tiles about takes longer than the products; very small pictures lose to the tiles'
  /// overhang what the method gains.
  static func suits(
    _ window: SlidingWindow, groups: Int, from input: Shape, to output: Shape, trains: Bool = false
  ) -> Bool {
    let side = side(of: output, from: input, trains: trains)
    return groups == 1 && tiles(output, side) >= 4 && suits(window, side: side, from: input, to: output)
  }

  /// Whether the shapes are such that tiles of this side save more products than they stick out for.
  static func suits(_ window: SlidingWindow, side: Int, from input: Shape, to output: Shape) -> Bool {
    window.kernel == 3 && window.stride == 1 && window.dilation == 1 && input.channels >= 16
      && output.channels >= 16 && saves(side, output)
  }

  /// Whether tiles of this side save more products than they stick out for.
  private static func saves(_ side: Int, _ output: Shape) -> Bool {
    (side == 4 ? 20 : 8) * tiles(output, side) <= 3 * output[0] * output[1]
  }

  /// Tiles of 4 x 4 take the fewest products, but four times the weights of the kernel. Where a picture has only four
  /// of them, or fewer, they stick out of it far, and reading the weights takes longer than the products. Where it has
  /// up to 16 that stick out still, they are not worth the memory for the largest kernels: VGG16's last three layers
  /// take a quarter longer with tiles of 2 x 2, the network 3 %, and 63 MB less. In training, where time counts for more,
  /// tiles stay large.
  private static func side(of output: Shape, from input: Shape, trains: Bool) -> Int {
    let tiles = tiles(output, 4)
    if tiles <= 4 { return trains && tiles == 4 && saves(4, output) ? 4 : 2 }
    let sticksOut = tiles <= 16 && 16 * tiles > output[0] * output[1]
    return !trains && sticksOut && input.channels * output.channels >= largeKernel ? 2 : 4
  }

  /// Pairs of channels: of 512 and 512, for which transformed weights take 36 MB for tiles of 4 x 4.
  private static let largeKernel = 512 * 512

  /// Tiles that outputs are cut into.
  static func tiles(_ output: Shape, _ side: Int) -> Int {
    ((output[0] + side - 1) / side) * ((output[1] + side - 1) / side)
  }

  init(
    _ weights: LinearWeights, _ window: SlidingWindow, from input: Shape, to output: Shape, pools: Bool,
    trains: Bool, _ activation: KernelActivation, _ kernels: KernelTable
  ) throws {
    self.kernels = kernels
    self.activation = activation
    self.pools = pools
    self.window = KernelWindow(window, from: input, to: output)
    side = Self.side(of: output, from: input, trains: trains)
    tiles = Self.tiles(output, side)
    isBoundByWeights = tiles * side * side <= 256 && input.channels * weights.columns >= 1 << 16
    self.weights = try PackedWeights(
      winograd: weights, side: side, channels: input.channels, for: kernels)
  }

  var columnBlocks: Int { (weights.columns + Self.columnUnit - 1) / Self.columnUnit }

  var scratchBytes: Int { kernels.winogradScratch(side: side, window) }

  var kind: String { pools ? "Winograd and pooling" : "Winograd" }

  var operations: Double {
    2 * Double(window.outputHeight * window.outputWidth) * Double(9 * window.channels * weights.columns)
  }

  /// The columns of some of the blocks.
  func columns(_ blocks: Range<Int>) -> Range<Int> {
    blocks.lowerBound * Self.columnUnit..<min(blocks.upperBound * Self.columnUnit, weights.columns)
  }

  func run(
    tiles: Range<Int>, columns: Range<Int>, x: UnsafePointer<Float>, stride: Int,
    second: UnsafePointer<Float>?, secondStride: Int, into y: UnsafeMutablePointer<Float>,
    stride yStride: Int,
    scratch: UnsafeMutableRawPointer
  ) {
    kernels.winograd(
      side: side, window, tiles: tiles, x, stride: stride, packed: weights.base,
      columns: weights.columns,
      range: columns,
      into: y, stride: yStride,
      KernelEpilogue(
        bias: weights.bias, residual: second, residualStride: window.outputStride, activation: activation),
      residualStride: secondStride, pools: pools, scratch: scratch)
  }
}

/// Winograd's convolution of a picture.
struct WinogradStep: Step {
  private let winograd: Winograd
  private let tiles: Shares
  private let columnBlocks: Shares

  /// Tiles whose products are worth the trouble of handing out a share, and shares that keep threads busy.
  private static let worthwhile = 24
  private static let enough = 8

  init(_ winograd: Winograd) {
    self.winograd = winograd
    tiles = Shares(of: winograd.tiles, atLeast: Self.worthwhile)
    // Each share of columns transforms the picture again, so they are only cut where tiles are few.
    columnBlocks = Shares(
      of: winograd.columnBlocks,
      atLeast: (winograd.columnBlocks * tiles.count + Self.enough - 1) / Self.enough)
  }

  var shares: Int { tiles.count * columnBlocks.count }

  var scratchBytes: Int { winograd.scratchBytes }

  var kind: String { winograd.kind }

  var operations: Double { winograd.operations }

  // Tiles overlap in x; the residual is read where the result goes.
  var mayOverwrite: (x: Bool, second: Bool) { (false, true) }

  func run(_ share: Int, _ o: Operands) {
    run(tiles[share % tiles.count], winograd.columns(columnBlocks[share / tiles.count]), o)
  }

  func run(_ o: Operands) { run(0..<winograd.tiles, 0..<winograd.weights.columns, o) }

  private func run(_ tiles: Range<Int>, _ columns: Range<Int>, _ o: Operands) {
    winograd.run(
      tiles: tiles, columns: columns, x: o.x, stride: 0, second: o.second, secondStride: 0, into: o.y,
      stride: 0, scratch: o.scratch)
  }
}

/// Winograd's convolution of many pictures at once, so that each weight is read once for all of them.
struct WinogradBatchStep: BatchStep {
  private let winograd: Winograd

  init(_ winograd: Winograd) { self.winograd = winograd }

  var shares: Int { winograd.columnBlocks }

  var scratchBytes: Int { winograd.scratchBytes }

  var kind: String { winograd.kind }

  var operations: Double { winograd.operations }

  func run(_ share: Int, pictures: Int, _ o: BatchOperands) {
    winograd.run(
      tiles: 0..<pictures * winograd.tiles, columns: winograd.columns(share..<share + 1), x: o.x,
      stride: o.stride, second: o.second, secondStride: o.secondStride, into: o.y, stride: o.yStride,
      scratch: o.scratch)
  }
}
