internal import GraftTensor

/// The weights of a layer whose outputs are sums over a depth, before they are packed: a matrix of depth x
/// columns, and a scale and an offset a column that are still to be multiplied in.
///
/// A depthwise convolution has one row a tap and one column a channel.
struct LinearWeights {
  /// The layer that the matrix belongs to, for errors.
  var layer: String
  var matrix: Tensor
  var columns: Int
  /// One a column, or nil for 1.
  var scale: [Double]?
  /// One a column, added after the scale, or nil for 0.
  var offset: [Double]?

  var depth: Int { matrix.count / max(columns, 1) }

  /// Follows the sum with a scale and an offset a column.
  mutating func follow(scale factors: [Double], offset terms: [Double]) {
    scale = scale.map { zip($0, factors).map { $0 * $1 } } ?? factors
    offset = offset.map { zip(zip($0, factors), terms).map { $0.0 * $0.1 + $1 } } ?? terms
  }

  /// The offsets, rounded once; nil if there are none.
  func bias() -> [Float]? { offset.map { $0.map(Float.init) } }

  /// Calls `body` with the matrix, scaled in Double and rounded once, for columns in a range. The rows lie
  /// `stride` floats apart.
  func withFolded<Result>(
    columns range: Range<Int>,
    _ body: (_ matrix: UnsafePointer<Float>, _ stride: Int) throws -> Result
  ) throws -> Result {
    guard let scale else {
      return try matrix.withUnsafeScalars { scalars in
        guard let base = scalars.baseAddress else {
          return try body(try AlignedBuffer(count: 0, for: "nothing").base, columns)
        }
        return try body(base + range.lowerBound, columns)
      }
    }
    let folded = try AlignedBuffer(
      count: depth * range.count, recycles: true, for: "the weights of layer \(layer)")
    matrix.withUnsafeScalars { scalars in
      scale.withUnsafeBufferPointer { scale in
        for row in 0..<depth {
          let from = row * columns
          let to = folded.base + row * range.count - range.lowerBound
          for column in range { to[column] = Float(Double(scalars[from + column]) * scale[column]) }
        }
      }
    }
    return try withExtendedLifetime(folded) { try body(folded.base, range.count) }
  }
}

/// Weights in the layout of a kernel table, with their biases.
struct PackedWeights: Sendable {
  let depth: Int
  let columns: Int
  private let panels: AlignedBuffer
  private let biases: AlignedBuffer?

  var base: UnsafePointer<Float> { UnsafePointer(panels.base) }
  var bias: UnsafePointer<Float>? { biases.map { UnsafePointer($0.base) } }

  /// Packs a range of columns for products and convolutions.
  ///
  /// - Throws: `EngineError` with code `.outOfMemory`.
  init(_ weights: LinearWeights, columns range: Range<Int>, for kernels: KernelTable) throws {
    depth = weights.depth
    columns = range.count
    let (depth, count) = (depth, columns)
    let packed = try AlignedBuffer(
      count: kernels.packedSize(depth: depth, columns: count), recycles: true,
      for: "the weights of layer \(weights.layer)")
    try weights.withFolded(columns: range) { matrix, stride in
      kernels.packProduct(depth: depth, columns: count, matrix, stride: stride, into: packed.base)
    }
    panels = packed
    biases = try Self.copy(weights.bias().map { Array($0[range]) })
  }

  /// Packs all columns for products by Strassen's method.
  ///
  /// - Throws: `EngineError` with code `.outOfMemory`.
  init(strassen weights: LinearWeights, for kernels: KernelTable) throws {
    depth = weights.depth
    columns = weights.columns
    let (depth, count) = (depth, columns)
    let packed = try AlignedBuffer(
      count: kernels.strassenPackedSize(depth: depth, columns: count), recycles: true,
      for: "the weights of layer \(weights.layer)")
    try weights.withFolded(columns: 0..<columns) { matrix, stride in
      kernels.packStrassen(depth: depth, columns: count, matrix, stride: stride, into: packed.base)
    }
    panels = packed
    biases = try Self.copy(weights.bias())
  }

  /// Transforms and packs a kernel of 3 x 3 for Winograd's convolution with tiles of `side` x `side` results.
  ///
  /// - Throws: `EngineError` with code `.outOfMemory`.
  init(winograd weights: LinearWeights, side: Int, channels: Int, for kernels: KernelTable) throws {
    depth = weights.depth
    columns = weights.columns
    let count = columns
    let packed = try AlignedBuffer(
      count: kernels.winogradPackedSize(side: side, channels: channels, columns: count), recycles: true,
      for: "the transformed weights of layer \(weights.layer)")
    try weights.withFolded(columns: 0..<columns) { matrix, stride in
      kernels.packWinograd(
        side: side, channels: channels, columns: count, matrix, stride: stride, into: packed.base)
    }
    panels = packed
    biases = try Self.copy(weights.bias())
  }

  /// Weights of a depthwise convolution, which are used as they are.
  ///
  /// - Throws: `EngineError` with code `.outOfMemory`.
  init(depthwise weights: LinearWeights) throws {
    depth = weights.depth
    columns = weights.columns
    let count = depth * columns
    let copy = try AlignedBuffer(count: count, for: "the weights of layer \(weights.layer)")
    try weights.withFolded(columns: 0..<columns) { matrix, _ in
      copy.base.update(from: matrix, count: count)
    }
    panels = copy
    biases = try Self.copy(weights.bias())
  }

  private static func copy(_ values: [Float]?) throws -> AlignedBuffer? {
    guard let values else { return nil }
    let buffer = try AlignedBuffer(count: values.count, for: "biases")
    for (index, value) in values.enumerated() { buffer.base[index] = value }
    return buffer
  }
}
