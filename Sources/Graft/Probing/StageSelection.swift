internal import GraftLinear
internal import GraftSupport

/// Chooses layers by held-out predictions, and says how good the way of choosing is.
///
/// An ensemble weights the classifiers of all layers, many of them with 0 (see `LogarithmicPool`). To judge a choice by the
/// rows it was made by would flatter it, so it is made anew for the rows of each fold, by the predictions of the others.
package struct StageSelection {
  /// The fold of each row.
  private let folds: [Int]
  private let statistics: ProbeStatistics
  private let pool: LogarithmicPool

  /// Layers with their weights, and the predictions of rows by such as were chosen without them, rows x classes.
  package struct Choice: Sendable {
    /// One a layer.
    package var weights: [Double]
    package var heldOut: [Double]

    /// Layers that count, the weightiest first.
    package var members: [Int] {
      weights.indices.filter { weights[$0] > 0 }.sorted { (weights[$0], $1) > (weights[$1], $0) }
    }
  }

  /// Chooses by the held-out probabilities of each layer, rows x classes.
  package init(predictions: [[Double]], folds: [Int], statistics: ProbeStatistics) {
    self.folds = folds
    self.statistics = statistics
    pool = LogarithmicPool(
      probabilities: predictions, truth: statistics.truth, classes: statistics.classes)
  }

  /// All layers, weighted.
  package var ensemble: Choice { choice { pool.weights(rows: $0) } }

  /// The layer with the smallest log loss.
  package var single: Choice { choice { pool.single(rows: $0) } }

  private func choice(_ weights: @Sendable ([Int]) -> [Double]) -> Choice {
    let parts: [Int?] = [nil] + Set(folds).sorted()
    var found = [[Double]](repeating: [], count: parts.count)
    withoutActuallyEscaping(weights) { weights in
      found.withUnsafeMutableBufferPointer { found in
        // Calls write to elements of their own.
        nonisolated(unsafe) let found = found
        ThreadPool.shared.forEach(parts.count) { part in
          found[part] = weights(folds.indices.filter { folds[$0] != parts[part] })
        }
      }
    }
    let classes = statistics.classes
    var heldOut = [Double](repeating: 0, count: folds.count * classes)
    for (part, fold) in parts.enumerated() where fold != nil {
      let rows = folds.indices.filter { folds[$0] == fold }
      let values = pool.probabilities(found[part], rows: rows)
      for (place, row) in rows.enumerated() {
        for label in 0..<classes { heldOut[row * classes + label] = values[place * classes + label] }
      }
    }
    return Choice(weights: found[0], heldOut: heldOut)
  }
}
