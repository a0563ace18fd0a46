internal import GraftTensor

/// Where products are made by Strassen's method: an eighth of the multiplications less, for some additions and weights
/// that take 7/4 of the memory.
enum Strassen {
  /// The shortest sums, and the fewest columns, for which the additions take less than what they save.
  private static let (depth, columns) = (192, 96)
  /// Rows, in vectors, from which on the larger weights come faster than they are used, even from memory.
  private static let rowsALane = 6

  static func suits(rows: Int, depth: Int, columns: Int, _ kernels: KernelTable) -> Bool {
    depth >= Self.depth && depth % 2 == 0 && columns >= Self.columns && columns % (2 * kernels.panel) == 0
      && rows >= Self.rowsALane * kernels.lanes
  }
}

/// Product of each pixel of a picture, or each that a stride leaves, with a matrix, by Strassen's method.
struct StrassenStep: Step {
  private let kernels: KernelTable
  private let weights: PackedWeights
  private let activation: KernelActivation
  private let rows: KernelRows
  /// Floats from one row of results to the next.
  private let stride: Int
  private let tiles: Int
  /// Blocks of pairs of panels. The sums of a tile's rows are made for each.
  private let blocks: Shares
  let scratchBytes: Int

  /// Shares that keep threads busy.
  private static let enough = 4

  init(
    _ weights: LinearWeights, _ rows: KernelRows, stride: Int, _ activation: KernelActivation,
    _ kernels: KernelTable
  ) throws {
    self.kernels = kernels
    self.activation = activation
    self.rows = rows
    self.stride = stride
    self.weights = try PackedWeights(strassen: weights, for: kernels)
    tiles = kernels.strassenTiles(rows: rows.count)
    let pairs = weights.columns / (2 * kernels.panel)
    blocks = Shares(of: pairs, atLeast: (pairs * tiles + Self.enough - 1) / Self.enough)
    scratchBytes = kernels.strassenScratch(depth: weights.depth)
  }

  var shares: Int { tiles * blocks.count }

  var kind: String { "1×1 convolution (Strassen)" }

  var operations: Double { 2 * Double(rows.count) * Double(weights.depth) * Double(weights.columns) }

  var mayOverwrite: (x: Bool, second: Bool) { (false, true) }

  func run(_ share: Int, _ o: Operands) {
    let tile = share % tiles
    let pairs = blocks[share / tiles]
    let pair = 2 * kernels.panel
    run(tiles: tile..<tile + 1, columns: pairs.lowerBound * pair..<pairs.upperBound * pair, o)
  }

  func run(_ o: Operands) { run(tiles: 0..<tiles, columns: 0..<weights.columns, o) }

  private func run(tiles: Range<Int>, columns: Range<Int>, _ o: Operands) {
    kernels.strassen(
      o.x, rows, tiles: tiles, depth: weights.depth, packed: weights.base, range: columns, into: o.y,
      stride: stride,
      KernelEpilogue(
        bias: weights.bias, residual: o.second, residualStride: weights.columns, activation: activation),
      scratch: o.scratch)
  }
}
