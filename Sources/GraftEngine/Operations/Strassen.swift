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

/// How the result of a product by Strassen's method is cut: into the tiles of rows that the kernel works by, and, where
/// these are few, into blocks of pairs of panels. The sums of a tile's rows are made for each block.
struct StrassenTiling: Sendable {
  let tiles: Int
  private let rows: Int
  private let blocks: Shares
  /// Columns of a pair of panels.
  private let pair: Int

  /// Shares that keep threads busy.
  private static let enough = 4

  init(rows: Int, columns: Int, _ kernels: KernelTable) {
    self.rows = rows
    tiles = kernels.strassenTiles(rows: rows)
    pair = 2 * kernels.panel
    let pairs = columns / pair
    blocks = Shares(of: pairs, atLeast: (pairs * tiles + Self.enough - 1) / Self.enough)
  }

  var count: Int { tiles * blocks.count }

  subscript(share: Int) -> (tile: Int, columns: Range<Int>) {
    let pairs = blocks[share / tiles]
    return (share % tiles, pairs.lowerBound * pair..<pairs.upperBound * pair)
  }

  /// The rows of a tile: the first tiles have one more, where rows are left over.
  func rows(of tile: Int) -> Range<Int> {
    let (size, rest) = rows.quotientAndRemainder(dividingBy: tiles)
    let first = tile * size + min(tile, rest)
    return first..<first + size + (tile < rest ? 1 : 0)
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
  private let tiling: StrassenTiling
  let scratchBytes: Int

  init(
    _ weights: LinearWeights, _ rows: KernelRows, stride: Int, _ activation: KernelActivation,
    _ kernels: KernelTable
  ) throws {
    self.kernels = kernels
    self.activation = activation
    self.rows = rows
    self.stride = stride
    self.weights = try PackedWeights(strassen: weights, for: kernels)
    tiling = StrassenTiling(rows: rows.count, columns: weights.columns, kernels)
    scratchBytes = kernels.strassenScratch(depth: weights.depth)
  }

  var shares: Int { tiling.count }

  var kind: String { "1×1 convolution (Strassen)" }

  var operations: Double { 2 * Double(rows.count) * Double(weights.depth) * Double(weights.columns) }

  var mayOverwrite: (x: Bool, second: Bool) { (false, true) }

  func run(_ share: Int, _ o: Operands) {
    let (tile, columns) = tiling[share]
    run(tiles: tile..<tile + 1, columns: columns, o)
  }

  func run(_ o: Operands) { run(tiles: 0..<tiling.tiles, columns: 0..<weights.columns, o) }

  private func run(tiles: Range<Int>, columns: Range<Int>, _ o: Operands) {
    kernels.strassen(
      o.x, rows, tiles: tiles, depth: weights.depth, packed: weights.base, range: columns, into: o.y,
      stride: stride,
      KernelEpilogue(
        bias: weights.bias, residual: o.second, residualStride: weights.columns, activation: activation),
      scratch: o.scratch)
  }
}
