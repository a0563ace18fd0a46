internal import GraftTensor

/// Product of each row, or each pixel, of a picture with a matrix.
struct ProductStep: Step {
  private let kernels: KernelTable
  private let weights: PackedWeights
  private let activation: KernelActivation
  private let rows: Int
  /// Floats from one row to the next.
  private let strides: (x: Int, y: Int)
  private let tiling: Tiling

  init(
    _ weights: LinearWeights, rows: Int, _ strides: (x: Int, y: Int), _ activation: KernelActivation,
    _ kernels: KernelTable
  ) throws {
    self.kernels = kernels
    self.activation = activation
    self.rows = rows
    self.strides = strides
    self.weights = try PackedWeights(weights, columns: 0..<weights.columns, for: kernels)
    tiling = Tiling(rows: rows, depth: weights.depth, columns: weights.columns, kernels: kernels)
  }

  var shares: Int { tiling.count }

  var kind: String { rows == 1 ? "dense" : "1×1 convolution" }

  var operations: Double { 2 * Double(rows) * Double(weights.depth) * Double(weights.columns) }

  var mayOverwrite: (x: Bool, second: Bool) { (false, true) }

  func run(_ share: Int, _ o: Operands) {
    let (rows, columns) = tiling[share]
    kernels.product(
      rows: rows.count, depth: weights.depth, o.x + rows.lowerBound * strides.x, stride: strides.x,
      packed: weights.base, columns: weights.columns, range: columns, into: o.y + rows.lowerBound * strides.y,
      stride: strides.y,
      KernelEpilogue(
        bias: weights.bias, residual: o.second.map { $0 + rows.lowerBound * weights.columns },
        residualStride: weights.columns, activation: activation))
  }
}

/// Product of one row a picture with a matrix, for many pictures at once.
struct DenseStep: BatchStep {
  private let kernels: KernelTable
  private let weights: PackedWeights
  private let activation: KernelActivation
  private let panels: Shares

  /// Bytes of weights from which on they outweigh a picture.
  static let largeWeights = 1 << 20

  init(_ weights: LinearWeights, _ activation: KernelActivation, _ kernels: KernelTable) throws {
    self.kernels = kernels
    self.activation = activation
    self.weights = try PackedWeights(weights, columns: 0..<weights.columns, for: kernels)
    let panelBytes = max(weights.depth * kernels.panel * MemoryLayout<Float>.stride, 1)
    panels = Shares(
      of: (weights.columns + kernels.panel - 1) / kernels.panel, atLeast: (128 << 10) / panelBytes)
  }

  var shares: Int { panels.count }

  var kind: String { "dense" }

  var operations: Double { 2 * Double(weights.depth) * Double(weights.columns) }

  func run(_ share: Int, pictures: Int, _ o: BatchOperands) {
    let columns = panels[share]
    kernels.product(
      rows: pictures, depth: weights.depth, o.x, stride: o.stride, packed: weights.base,
      columns: weights.columns,
      range: columns.lowerBound * kernels.panel..<min(columns.upperBound * kernels.panel, weights.columns),
      into: o.y, stride: o.yStride,
      KernelEpilogue(
        bias: weights.bias, residual: o.second, residualStride: o.secondStride, activation: activation))
  }
}
