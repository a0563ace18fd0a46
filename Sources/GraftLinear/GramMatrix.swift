internal import GraftSupport
internal import GraftTensor

/// Z'Z/N for standardized rows Z, estimated from some of the rows, in Float.
struct GramMatrix: Sendable {
  let width: Int
  /// Row by row; complete, not only a triangle.
  private let values: [Float]

  private static let tile = 256
  /// Memory for the rows that are looked at together.
  private static let blockBytes = 64 << 20
  /// Beyond that many features the matrix takes too much memory.
  private static let largestWidth = 4096

  /// Whether the matrix will save more than it costs: about S D^2 + D^3 operations to make, and in each step a share
  /// D/N of what a pass over N rows costs, 4 N D C, to use.
  static func isWorthwhile(rows: FeatureRows, outputs: Int) -> Bool {
    let width = Double(rows.width)
    guard rows.width > 0, rows.width <= largestWidth, 16 * rows.width <= rows.count else { return false }
    let passes = 20.0
    let making = Double(sample(rows)) * width * width + width * width * width
    return making <= passes * 4 * Double(rows.count) * width * Double(outputs)
  }

  /// How many rows are looked at: sixteen for each feature.
  private static func sample(_ rows: FeatureRows) -> Int { min(rows.count, max(16 * rows.width, 4096)) }

  /// Estimates the matrix from rows spread evenly over all.
  ///
  /// - Throws: what reading rows from disk throws.
  init(_ rows: FeatureRows, _ standardization: Standardization) throws {
    let count = Self.sample(rows)
    let chosen = rows.chosen((0..<count).map { $0 * rows.count / count })
    width = rows.width
    var sums = try Self.product(StandardizedRows<Float>(chosen, standardization))
    if count < rows.count {
      // What few rows say of rare features is not to be trusted; that all deviations are 1 is known.
      let share = Float(count) / Float(count + width)
      for place in sums.indices { sums[place] *= share }
      for place in 0..<width { sums[place * width + place] = max(sums[place * width + place], 1) }
    }
    values = sums
  }

  private static func product(_ rows: StandardizedRows<Float>) throws -> [Float] {
    let (count, width) = (rows.rows.count, rows.rows.width)
    let blockRows = max(min(blockBytes / (4 * width), count), 1)
    let block = UnsafeMutablePointer<Float>.allocate(capacity: blockRows * width)
    defer { block.deallocate() }
    var values = [Float](repeating: 0, count: width * width)
    for start in stride(from: 0, to: count, by: blockRows) {
      let range = start..<min(start + blockRows, count)
      try fill(block, rows, range)
      values.withUnsafeMutableBufferPointer { values in
        guard let base = values.baseAddress else { return }
        add(block, range.count, share: 1 / Float(count), to: base, width)
      }
    }
    for row in 0..<width {
      for column in row + 1..<max(width, row + 1) {
        values[row * width + column] = values[column * width + row]
      }
    }
    return values
  }

  /// Adds a share of rows' products with each other to the lower triangle.
  private static func add(
    _ rows: UnsafePointer<Float>, _ count: Int, share: Float, to values: UnsafeMutablePointer<Float>,
    _ width: Int
  ) {
    let tiles = (width + tile - 1) / tile
    // Tiles are written by one thread each.
    nonisolated(unsafe) let (rows, values) = (rows, values)
    ThreadPool.shared.forEach(tiles * tiles) { index in
      let (row, column) = (index / tiles * tile, index % tiles * tile)
      guard column <= row else { return }
      let (height, breadth) = (min(tile, width - row), min(tile, width - column))
      BLAS.multiply(
        m: height, n: breadth, k: count, alpha: share,
        BLAS.Matrix(rows + row, stride: width, transposed: true), BLAS.Matrix(rows + column, stride: width),
        beta: 1, into: values + row * width + column, stride: width)
    }
  }

  private static func fill(
    _ block: UnsafeMutablePointer<Float>, _ rows: StandardizedRows<Float>, _ all: Range<Int>
  ) throws {
    let (width, share, failure) = (rows.rows.width, 64, FirstFailure())
    // Shares write to parts of their own.
    nonisolated(unsafe) let block = block
    ThreadPool.shared.forEach((all.count + share - 1) / share) { index in
      failure.record {
        let first = all.lowerBound + index * share
        let range = first..<min(first + share, all.upperBound)
        let scratch = UnsafeMutablePointer<Float>.allocate(capacity: range.count * width)
        defer { scratch.deallocate() }
        try rows.write(range, to: block + index * share * width, scratch: scratch)
      }
    }
    try failure.rethrow()
  }

  /// factor G + diagonal I, in Double.
  func scaled(by factor: Double, addingToDiagonal diagonal: Double) -> [Double] {
    var result = values.map { factor * Double($0) }
    for place in 0..<width { result[place * width + place] += diagonal }
    return result
  }
}
