internal import GraftSupport

/// Of each class the weighted sum of its standardized rows, classes x features, and of their weights.
struct ClassSums {
  let sums: [Double]
  let weights: [Double]

  /// Adds rows of exactly one class each up in one pass.
  ///
  /// - Throws: what reading rows from disk throws.
  init(_ set: TrainingSet) throws {
    let (width, classes) = (set.rows.width, set.classes)
    precondition(
      set.standardization.width == width, "\(set.standardization.width) means for rows of \(width)")
    let size = width * classes
    let blocks = RowBlocks(rows: set.rows.count, width: width, sumBytes: size * 8)
    var parts = [Double](repeating: 0, count: blocks.runs * size)
    try parts.withUnsafeMutableBufferPointer { parts in
      try blocks.forEachRun(width: width) { run, scratch in
        guard let base = parts.baseAddress else { return }
        for block in blocks.blocks(ofRun: run) {
          try set.rows.forEach(block, scratch: scratch) { index, row in
            let (target, weight) = (
              base + run * size + set.targets.classIndices[index] * width, set.weights[index]
            )
            for column in 0..<width { target[column] += weight * Double(row[column]) }
          }
        }
      }
    }
    var weights = [Double](repeating: 0, count: classes)
    for (row, label) in set.targets.classIndices.enumerated() { weights[label] += set.weights[row] }
    self.weights = weights
    sums = Self.standardized(parts, runs: blocks.runs, weights, set.standardization)
  }

  /// What runs have added up of rows as they are, together, as of standardized rows.
  private static func standardized(
    _ parts: [Double], runs: Int, _ weights: [Double], _ standardization: Standardization
  ) -> [Double] {
    let (width, size) = (standardization.width, weights.count * standardization.width)
    return [Double](unsafeUninitializedCapacity: size) { sums, count in
      // Classes write to parts of their own.
      nonisolated(unsafe) let sums = sums
      ThreadPool.shared.forEach(weights.count) { label in
        for column in 0..<width {
          let place = label * width + column
          var sum = -weights[label] * standardization.mean[column]
          for run in 0..<runs { sum += parts[run * size + place] }
          sums[place] = sum / standardization.scale[column]
        }
      }
      count = size
    }
  }
}
