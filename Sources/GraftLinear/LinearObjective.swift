internal import GraftSupport
internal import GraftTensor

/// What a linear classifier minimises, and its gradient; knows no solver.
///
/// For standardized rows z_i with weights w_i it is
///
///     1/sum(w) sum_i w_i loss_i(z_i W + b)  +  l2/2 ||W||^2
///
/// over W (D x C) and b (C), which is not penalised unless that is asked for. The parameters are the rows of W,
/// then b, in Double. Products over blocks of rows are made in `Scalar`, sums over blocks in Double.
package final class LinearObjective<Scalar: DenseScalar, Loss: RowLoss> {
  /// The strength of the penalty.
  var l2: Double
  /// The loss of a row.
  var loss: Loss

  private let rows: StandardizedRows<Scalar>
  private let outputs: Int
  private let weights: RowWeights
  private let penalizesBias: Bool
  private let blocks: RowBlocks
  /// Of every run: the sum for each parameter, then that of the losses.
  private let sums: UnsafeMutableBufferPointer<Double>
  private var sumCount: Int { parameterCount + 1 }

  /// The objective over rows, for scores of `outputs` classes. Without weights all rows count alike.
  package init(
    rows: FeatureRows, loss: Loss, outputs: Int, standardization: Standardization, l2: Double,
    weights: RowWeights? = nil, penalizesBias: Bool = false
  ) {
    self.rows = StandardizedRows(rows, standardization)
    self.loss = loss
    self.outputs = outputs
    self.l2 = l2
    self.weights = weights ?? RowWeights(uniform: rows.count)
    self.penalizesBias = penalizesBias
    let parameters = (rows.width + 1) * outputs
    blocks = RowBlocks(rows: rows.count, width: rows.width, sumBytes: parameters * 8)
    sums = .allocate(capacity: blocks.runs * (parameters + 1))
  }

  deinit { sums.deallocate() }

  /// (D + 1) x C.
  package var parameterCount: Int { (rows.rows.width + 1) * outputs }

  /// How many parameters, from the first on, the penalty is on.
  private var penalizedCount: Int { penalizesBias ? parameterCount : rows.rows.width * outputs }

  /// Writes the gradient and returns the value; `scores`, where they are known, are those of all rows, row by row, and
  /// save half of the work.
  ///
  /// - Throws: what reading rows from disk throws.
  package func callAsFunction(
    _ parameters: [Double], scores: [Scalar]? = nil, gradient: inout [Double]
  ) throws -> Double {
    try addUp(parameters.map { Scalar($0) }, scores)
    let (total, penalizedCount) = (weights.total, penalizedCount)
    let (runs, sumCount, l2, sums) = (blocks.runs, sumCount, l2, sums)
    let share = 1 << 14
    gradient.withUnsafeMutableBufferPointer { gradient in
      // Shares write to parts of their own.
      nonisolated(unsafe) let gradient = gradient
      nonisolated(unsafe) let sums = sums
      ThreadPool.shared.forEach((sumCount - 1 + share - 1) / share) { index in
        for place in index * share..<min((index + 1) * share, sumCount - 1) {
          var sum = 0.0
          for run in 0..<runs { sum += sums[run * sumCount + place] }
          gradient[place] = sum / total + (place < penalizedCount ? l2 * parameters[place] : 0)
        }
      }
    }
    var loss = 0.0
    for run in 0..<runs { loss += sums[run * sumCount + sumCount - 1] }
    return loss / total + penalty(parameters)
  }

  /// l2/2 times the squared norm of what is penalised.
  func penalty(_ parameters: [Double]) -> Double {
    l2 / 2 * Vectors.dot(parameters, parameters, count: penalizedCount)
  }

  /// Adds up, for every run, each parameter's share of the gradient and the losses.
  private func addUp(_ parameters: [Scalar], _ scores: [Scalar]?) throws {
    try blocks.forEachRun { run in
      let sums = UnsafeMutableBufferPointer(rebasing: sums[run * sumCount..<(run + 1) * sumCount])
      sums.update(repeating: 0)
      try parameters.withUnsafeBufferPointer { parameters in
        let work = BlockWork<Scalar>(rows: rows, outputs: outputs, blockRows: blocks.blockRows)
        defer { work.deallocate() }
        for block in blocks.blocks(ofRun: run) {
          if let scores {
            try work.take(block, scores: scores)
          } else {
            try work.score(block, parameters: parameters)
          }
          var sum = 0.0
          for (index, row) in block.enumerated() {
            let scores = work.scores + index * outputs
            let own = loss.residual(row, scores, outputs: outputs)
            guard weights.values != nil else {
              sum += own
              continue
            }
            let weight = weights[row]
            sum += weight * own
            for place in 0..<outputs { scores[place] *= Scalar(weight) }
          }
          sums[sumCount - 1] += sum
          work.addGradient(block.count, to: sums)
        }
      }
    }
  }
}

/// One pass over rows for their scores alone.
enum ScorePass {
  /// Calls `body` with the scores of every row, on several threads at once, in no particular order.
  ///
  /// - Throws: what reading rows from disk throws.
  static func run<Scalar: DenseScalar>(
    _: Scalar.Type, rows: FeatureRows, outputs: Int, standardization: Standardization,
    parameters: [Double], _ body: (_ row: Int, _ scores: UnsafePointer<Scalar>) -> Void
  ) throws {
    let blocks = RowBlocks(rows: rows.count, width: rows.width, sumBytes: 0)
    let standardized = StandardizedRows<Scalar>(rows, standardization)
    let scaled = parameters.map { Scalar($0) }
    try blocks.forEachRun { run in
      try scaled.withUnsafeBufferPointer { parameters in
        let work = BlockWork<Scalar>(rows: standardized, outputs: outputs, blockRows: blocks.blockRows)
        defer { work.deallocate() }
        for block in blocks.blocks(ofRun: run) {
          try work.score(block, parameters: parameters)
          for (index, row) in block.enumerated() { body(row, work.scores + index * outputs) }
        }
      }
    }
  }

  /// The scores of rows, row by row.
  static func scores<Scalar: DenseScalar>(
    _: Scalar.Type, rows: FeatureRows, outputs: Int, standardization: Standardization, parameters: [Double]
  ) throws -> [Scalar] {
    var result = [Scalar](repeating: 0, count: rows.count * outputs)
    try result.withUnsafeMutableBufferPointer { result in
      try run(
        Scalar.self, rows: rows, outputs: outputs, standardization: standardization, parameters: parameters
      ) { row, scores in
        for place in 0..<outputs { result[row * outputs + place] = scores[place] }
      }
    }
    return result
  }
}
