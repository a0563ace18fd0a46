/// Of each class the weighted sum of its standardized rows, classes x features, and of their weights.
struct ClassSums {
  let sums: [Double]
  let weights: [Double]

  /// Adds rows of exactly one class each up in one pass.
  ///
  /// - Throws: what reading rows from disk throws.
  init(_ set: TrainingSet) throws {
    let (width, classes) = (set.rows.width, set.classes)
    let size = width * classes
    let blocks = RowBlocks(rows: set.rows.count, width: width, sumBytes: size * 8)
    let standardized = StandardizedRows<Double>(set.rows, set.standardization)
    var sums = [Double](repeating: 0, count: blocks.runs * size)
    try sums.withUnsafeMutableBufferPointer { sums in
      try blocks.forEachRun(width: width) { run, scratch in
        let rows = UnsafeMutablePointer<Double>.allocate(capacity: blocks.blockRows * width)
        defer { rows.deallocate() }
        for block in blocks.blocks(ofRun: run) {
          try standardized.write(block, to: rows, scratch: scratch)
          for (index, row) in block.enumerated() {
            let target = run * size + set.targets.classIndices[row] * width
            let weight = set.weights[row]
            for column in 0..<width { sums[target + column] += weight * rows[index * width + column] }
          }
        }
      }
    }
    var counts = [Double](repeating: 0, count: classes)
    for (row, label) in set.targets.classIndices.enumerated() { counts[label] += set.weights[row] }
    self.sums = (0..<size).map { place in (0..<blocks.runs).reduce(0) { $0 + sums[$1 * size + place] } }
    weights = counts
  }
}
