internal import Foundation
internal import GraftSupport
internal import GraftTensor

/// What linear models minimise, and its gradient; knows no solver.
///
/// For standardized rows z_i with targets y_i it is
///
///     1/N sum_i loss(z_i W + b, y_i)  +  l2/2 ||W||^2
///
/// over W (D x C) and b (C), which is not penalised; the loss is that of `LinearTargets`. Classes are multinomial
/// logistic regression: all have weights of their own, two classes too; so at the minimum the weights of a feature add
/// up to 0, and the biases do when they start so. Marks are one logistic regression an output, values are ridge
/// regression (scikit-learn's `Ridge(alpha=N * l2)`). The parameters are the
/// rows of W, then b, in Double. Products over blocks of rows are made in `Scalar`, sums over blocks in Double.
package final class LinearObjective<Scalar: DenseScalar> {
  let rows: FeatureRows
  let targets: LinearTargets
  /// The number of outputs.
  let classes: Int
  /// The strength of the penalty.
  let l2: Double

  private let mean: [Double]
  private let inverseScale: [Double]
  private let blocks: RowBlocks
  /// Of every run: the sum for each parameter, then that of the losses.
  private let sums: UnsafeMutableBufferPointer<Double>
  private var sumCount: Int { parameterCount + 1 }

  /// The objective over rows with targets for `classes` outputs.
  package init(
    rows: FeatureRows, targets: LinearTargets, classes: Int, standardization: Standardization, l2: Double
  ) {
    precondition(
      targets.count(width: classes) == rows.count && standardization.width == rows.width,
      "\(rows.count) rows of \(rows.width), \(targets.count(width: classes)) targets, \(standardization.width) means"
    )
    self.rows = rows
    self.targets = targets
    self.classes = classes
    self.l2 = l2
    mean = standardization.mean
    inverseScale = standardization.scale.map { 1 / $0 }
    let parameters = (rows.width + 1) * classes
    blocks = RowBlocks(rows: rows.count, width: rows.width, sumBytes: parameters * 8)
    sums = .allocate(capacity: blocks.runs * (parameters + 1))
  }

  deinit { sums.deallocate() }

  /// (D + 1) x C.
  package var parameterCount: Int { (rows.width + 1) * classes }

  /// Writes the gradient and returns the value.
  package func callAsFunction(_ parameters: [Double], gradient: inout [Double]) -> Double {
    let weightCount = rows.width * classes
    let scaled = parameters.map { Scalar($0) }
    addUp(scaled)

    let count = Double(rows.count)
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
          gradient[place] = sum / count + (place < weightCount ? l2 * parameters[place] : 0)
        }
      }
    }
    var loss = 0.0
    for run in 0..<runs { loss += sums[run * sumCount + sumCount - 1] }
    return loss / count + l2 / 2 * Vectors.dot(parameters, parameters, count: weightCount)
  }

  /// Adds up, for every run, each parameter's share of the gradient and the losses.
  private func addUp(_ parameters: [Scalar]) {
    let (rows, targets, classes, blocks) = (rows, targets, classes, blocks)
    let (mean, inverseScale, sumCount) = (mean, inverseScale, sumCount)
    // Runs write to parts of their own.
    nonisolated(unsafe) let sums = sums
    ThreadPool.shared.forEach(blocks.runs) { run in
      let sums = UnsafeMutableBufferPointer(rebasing: sums[run * sumCount..<(run + 1) * sumCount])
      sums.update(repeating: 0)
      parameters.withUnsafeBufferPointer { parameters in
        let work = BlockWork<Scalar>(rows: rows, classes: classes, blockRows: blocks.blockRows)
        defer { work.deallocate() }
        for block in blocks.blocks(ofRun: run) {
          work.logits(block, parameters: parameters, mean: mean, inverseScale: inverseScale)
          sums[sumCount - 1] += work.residuals(block, targets)
          work.addGradient(block.count, to: sums)
        }
      }
    }
  }

  /// The logits of rows, row by row.
  static func logits(
    rows: FeatureRows, classes: Int, standardization: Standardization, parameters: [Double]
  ) -> [Double] {
    let blocks = RowBlocks(rows: rows.count, width: rows.width, sumBytes: 0)
    let (mean, inverseScale) = (standardization.mean, standardization.scale.map { 1 / $0 })
    let scaled = parameters.map { Scalar($0) }
    var result = [Double](repeating: 0, count: rows.count * classes)
    result.withUnsafeMutableBufferPointer { result in
      // Runs write to parts of their own.
      nonisolated(unsafe) let result = result
      ThreadPool.shared.forEach(blocks.runs) { run in
        scaled.withUnsafeBufferPointer { parameters in
          let work = BlockWork<Scalar>(rows: rows, classes: classes, blockRows: blocks.blockRows)
          defer { work.deallocate() }
          for block in blocks.blocks(ofRun: run) {
            work.logits(block, parameters: parameters, mean: mean, inverseScale: inverseScale)
            for place in 0..<block.count * classes {
              result[block.lowerBound * classes + place] = Double(work.scores[place])
            }
          }
        }
      }
    }
    return result
  }
}
