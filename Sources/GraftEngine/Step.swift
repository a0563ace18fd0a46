/// The arrays of a step for one picture.
struct Operands {
  let x: UnsafePointer<Float>
  /// The residual of a convolution or product, or the second input of an element-wise step.
  let second: UnsafePointer<Float>?
  let y: UnsafeMutablePointer<Float>
  /// As large as the step's `scratchBytes`, aligned to 64, and used by no other share meanwhile.
  let scratch: UnsafeMutableRawPointer
}

/// The arrays of a step for many pictures: pointers to those of the first, and floats from one to the next.
struct BatchOperands {
  let x: UnsafePointer<Float>
  let stride: Int
  let second: UnsafePointer<Float>?
  let secondStride: Int
  let y: UnsafeMutablePointer<Float>
  let yStride: Int
  /// As large as the step's `scratchBytes`, aligned to 64, and used by no other share meanwhile.
  let scratch: UnsafeMutableRawPointer
}

/// One call of kernels for one picture, cut into shares that may run at the same time and in any order.
///
/// Shares follow from shapes and the kernel table alone, and no share changes what another computes.
protocol Step: Sendable {
  var shares: Int { get }
  var scratchBytes: Int { get }
  /// What it is, for profiles.
  var kind: String { get }
  /// Floating-point operations, for profiles.
  var operations: Double { get }
  /// Whether y may be the memory of x, and whether it may be that of the second input.
  var mayOverwrite: (x: Bool, second: Bool) { get }
  func run(_ share: Int, _ operands: Operands)
  /// Runs all shares on one thread.
  func run(_ operands: Operands)
}

extension Step {
  var scratchBytes: Int { 0 }
  func run(_ operands: Operands) { for share in 0..<shares { run(share, operands) } }
}

/// One call of kernels for all pictures at once, cut into shares as a `Step` is: layers with much larger weights
/// than pictures, which are better read once.
protocol BatchStep: Sendable {
  var shares: Int { get }
  /// What it is, for profiles.
  var kind: String { get }
  var operations: Double { get }
  var scratchBytes: Int { get }
  func run(_ share: Int, pictures: Int, _ operands: BatchOperands)
}

extension BatchStep {
  var scratchBytes: Int { 0 }
}

/// A range cut into shares of nearly the same size.
struct Shares: Sendable {
  let total: Int
  let count: Int

  /// Shares of at least `size`, unless the range itself is smaller.
  init(of total: Int, atLeast size: Int) {
    self.total = total
    count = max(total / max(size, 1), 1)
  }

  subscript(share: Int) -> Range<Int> { total * share / count..<total * (share + 1) / count }
}

/// How the result of a product is cut: into blocks of columns whose weights stay in the cache, and those into
/// tiles of rows.
struct Tiling: Sendable {
  private let rows: Int
  private let columns: Int
  private let rowUnit: Int
  private let columnUnit: Int
  private let columnBlocks: Int
  private let rowTiles: Int

  /// Bytes of weights that should stay in the second-level cache while rows pass by.
  private static let cachedWeights = 256 << 10
  /// Operations that are worth the trouble of handing out a share.
  private static let worthwhile = 2e6
  /// Shares that keep a handful of threads busy.
  private static let enough = 8

  /// Blocks of rows that kernels let pass over large weights together.
  private static let fewUnits = 6

  init(rows: Int, depth: Int, columns: Int, kernels: KernelTable) {
    self.rows = rows
    self.columns = columns
    rowUnit = kernels.rows
    columnUnit = kernels.panel
    let panels = max((columns + columnUnit - 1) / columnUnit, 1)
    let units = max((rows + rowUnit - 1) / rowUnit, 1)
    let panelBytes = max(depth * columnUnit * MemoryLayout<Float>.stride, 1)
    let cached = max(Self.cachedWeights / panelBytes, 1)
    var blocks = (panels + cached - 1) / cached
    // In Double: a file may describe layers whose operations no integer counts, though no memory holds them.
    let operations = 2 * Double(rows) * Double(depth) * Double(columns)
    let wanted = Int(min(max(operations / Self.worthwhile, 1), 1e9))
    var tiles = min(max(wanted / blocks, 1), units)
    // Large weights are read once if few rows stay together.
    if blocks >= Self.enough && units <= Self.fewUnits { tiles = 1 }
    if blocks * tiles < Self.enough {
      blocks = max(blocks, min(panels, wanted / tiles, Self.enough / tiles))
    }
    columnBlocks = blocks
    rowTiles = tiles
  }

  var count: Int { columnBlocks * rowTiles }

  subscript(share: Int) -> (rows: Range<Int>, columns: Range<Int>) {
    func cut(_ total: Int, unit: Int, _ part: Int, of parts: Int) -> Range<Int> {
      let units = (total + unit - 1) / unit
      return min(units * part / parts * unit, total)..<min(units * (part + 1) / parts * unit, total)
    }
    return (
      cut(rows, unit: rowUnit, share % rowTiles, of: rowTiles),
      cut(columns, unit: columnUnit, share / rowTiles, of: columnBlocks)
    )
  }
}
