internal import GraftSupport

/// The mean of each class's rows. The class with the nearest one has the largest score z·c - ||c||^2 / 2, which is half
/// of what ||z - c||^2 is less than ||z||^2.
struct CentroidSolver: PenalizedFit {
  private let solution: LinearSolution

  init(_ rows: TrainingSet) throws {
    let (width, classes) = (rows.rows.width, rows.classes)
    let (sums, counts) = try Self.addUp(rows)
    var parameters = [Double](repeating: 0, count: (width + 1) * classes)
    for label in 0..<classes where counts[label] > 0 {
      var square = 0.0
      for feature in 0..<width {
        let mean = sums[label * width + feature] / counts[label]
        parameters[feature * classes + label] = mean
        square += mean * mean
      }
      parameters[width * classes + label] = -square / 2
    }
    // A class without rows, in cross-validation, is far away from everything.
    let furthest = parameters[(width * classes)...].min() ?? 0
    for label in 0..<classes where counts[label] == 0 { parameters[width * classes + label] = 100 * furthest }
    solution = LinearSolution(parameters: parameters, value: 0, loss: 0)
  }

  func solve(
    _ penalty: Penalty, _ limits: SolverLimits, progress: (Int, Double, Double) throws -> Void
  ) throws -> LinearSolution { solution }

  /// Of each class the weighted sum of its rows, and of their weights.
  private static func addUp(_ set: TrainingSet) throws -> (sums: [Double], counts: [Double]) {
    let (width, classes) = (set.rows.width, set.classes)
    let size = width * classes
    let blocks = RowBlocks(rows: set.rows.count, width: width, sumBytes: size * 8)
    let standardized = StandardizedRows<Double>(set.rows, set.standardization)
    var sums = [Double](repeating: 0, count: blocks.runs * size)
    let failure = FirstFailure()
    sums.withUnsafeMutableBufferPointer { sums in
      guard let base = sums.baseAddress else { return }
      // Runs write to parts of their own.
      nonisolated(unsafe) let first = base
      ThreadPool.shared.forEach(blocks.runs) { run in
        let rows = UnsafeMutablePointer<Double>.allocate(capacity: blocks.blockRows * width)
        let scratch = UnsafeMutablePointer<Float>.allocate(capacity: blocks.blockRows * width)
        defer {
          rows.deallocate()
          scratch.deallocate()
        }
        failure.record {
          for block in blocks.blocks(ofRun: run) {
            try standardized.write(block, to: rows, scratch: scratch)
            for (index, row) in block.enumerated() {
              let target = first + run * size + set.targets.classIndices[row] * width
              let weight = set.weights[row]
              for column in 0..<width { target[column] += weight * rows[index * width + column] }
            }
          }
        }
      }
    }
    try failure.rethrow()
    var counts = [Double](repeating: 0, count: classes)
    for (row, label) in set.targets.classIndices.enumerated() { counts[label] += set.weights[row] }
    let all = (0..<size).map { place in (0..<blocks.runs).reduce(0) { $0 + sums[$1 * size + place] } }
    return (all, counts)
  }
}
