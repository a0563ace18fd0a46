internal import GraftFeatures

/// The mean of each column, and the sum of the squares of what its values differ from it.
///
/// Blocks of rows are measured in two passes while they are in the cache, and their figures merged (Chan, Golub and
/// LeVeque, 1983), so that rows on disk are read once.
struct ColumnMoments {
  private(set) var mean: [Double]
  private(set) var squares: [Double]
  private var count = 0.0

  /// Measures rows.
  ///
  /// - Throws: what reading rows from disk throws.
  init(_ rows: FeatureRows) throws {
    let width = rows.width
    let blocks = RowBlocks(rows: rows.count, width: width, sumBytes: width * 16)
    var parts = [ColumnMoments](repeating: ColumnMoments(width: width), count: blocks.runs)
    try parts.withUnsafeMutableBufferPointer { parts in
      try blocks.forEachRun(width: width) { run, scratch in
        for block in blocks.blocks(ofRun: run) {
          parts[run].merge(try ColumnMoments(rows, block, scratch: scratch))
        }
      }
    }
    self.init(width: width)
    for part in parts { merge(part) }
  }

  /// Whether all figures are finite; then all values are.
  var areFinite: Bool { mean.allSatisfy(\.isFinite) && squares.allSatisfy(\.isFinite) }

  private init(width: Int) {
    mean = [Double](repeating: 0, count: width)
    squares = mean
  }

  private init(_ rows: FeatureRows, _ block: Range<Int>, scratch: UnsafeMutablePointer<Float>) throws {
    let (width, count) = (rows.width, Double(block.count))
    var mean = [Double](repeating: 0, count: width)
    var squares = mean
    try mean.withUnsafeMutableBufferPointer { mean in
      try rows.forEach(block, scratch: scratch) { _, row in
        for column in 0..<width { mean[column] += Double(row[column]) }
      }
      for column in 0..<width { mean[column] /= count }
      try squares.withUnsafeMutableBufferPointer { squares in
        func add(_ row: UnsafePointer<Float>) {
          for column in 0..<width {
            let difference = Double(row[column]) - mean[column]
            squares[column] += difference * difference
          }
        }
        if rows.features.tensor != nil {
          try rows.forEach(block, scratch: scratch) { _, row in add(row) }
        } else {
          // They are there from the first pass.
          for index in 0..<block.count { add(UnsafePointer(scratch + index * width)) }
        }
      }
    }
    (self.mean, self.squares, self.count) = (mean, squares, count)
  }

  private mutating func merge(_ other: ColumnMoments) {
    let total = count + other.count
    guard total > 0 else { return }
    for column in mean.indices {
      let difference = other.mean[column] - mean[column]
      mean[column] += difference * (other.count / total)
      squares[column] += other.squares[column] + difference * difference * (count * other.count / total)
    }
    count = total
  }
}
