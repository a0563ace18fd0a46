internal import Foundation

/// Chooses layers by held-out predictions, and says how good the way of choosing is.
///
/// An ensemble is grown greedily (Caruana et al., 2004): the layer with the smallest log loss, then whichever lowers the
/// loss of the averaged probabilities most, as long as one does. To judge a choice by the rows it was made by would
/// flatter it, so it is made anew for the rows of each fold, by those of the others.
package struct StageSelection {
  /// The held-out probabilities of each layer, rows x classes.
  let predictions: [[Double]]
  /// The fold of each row.
  let folds: [Int]
  let statistics: ProbeStatistics
  /// Layers in an ensemble at most.
  let mostMembers: Int

  /// Of a probability of 0 the logarithm would outweigh everything.
  private static let floor = 1e-300

  /// Chooses by these predictions.
  package init(predictions: [[Double]], folds: [Int], statistics: ProbeStatistics, mostMembers: Int) {
    self.predictions = predictions
    self.folds = folds
    self.statistics = statistics
    self.mostMembers = mostMembers
  }

  /// The layers of the ensemble, the best first.
  package func ensemble(excluding fold: Int? = nil) -> [Int] {
    let rows = rows(excluding: fold)
    var chosen: [Int] = []
    var sums = [Double](repeating: 0, count: rows.count * statistics.classes)
    var loss = Double.infinity
    while chosen.count < mostMembers {
      var best: (layer: Int, loss: Double)?
      for layer in predictions.indices where !chosen.contains(layer) {
        let value = self.loss(adding: layer, to: sums, of: rows, members: chosen.count + 1)
        if value < best?.loss ?? .infinity { best = (layer, value) }
      }
      guard let best, best.loss < loss else { break }
      loss = best.loss
      chosen.append(best.layer)
      for (place, row) in rows.enumerated() {
        for label in 0..<statistics.classes {
          sums[place * statistics.classes + label] +=
            predictions[best.layer][row * statistics.classes + label]
        }
      }
    }
    return chosen
  }

  /// The layer with the smallest log loss.
  package func single(excluding fold: Int? = nil) -> Int {
    let rows = rows(excluding: fold)
    let zeros = [Double](repeating: 0, count: rows.count * statistics.classes)
    let losses = predictions.indices.map { loss(adding: $0, to: zeros, of: rows, members: 1) }
    return losses.indices.dropFirst().reduce(0) { losses[$1] < losses[$0] ? $1 : $0 }
  }

  /// The held-out predictions of a way of choosing: for the rows of each fold by the layers chosen without it.
  package func heldOut(by choose: (_ excluding: Int) -> [Int]) -> [Double] {
    var result = [Double](repeating: 0, count: predictions.first?.count ?? 0)
    for fold in Set(folds).sorted() {
      let mean = mean(of: choose(fold))
      for (row, own) in folds.enumerated() where own == fold {
        for place in row * statistics.classes..<(row + 1) * statistics.classes { result[place] = mean[place] }
      }
    }
    return result
  }

  /// The averaged probabilities of some layers.
  func mean(of layers: [Int]) -> [Double] {
    var sums = [Double](repeating: 0, count: predictions.first?.count ?? 0)
    for layer in layers {
      for place in sums.indices { sums[place] += predictions[layer][place] / Double(layers.count) }
    }
    return sums
  }

  private func rows(excluding fold: Int?) -> [Int] { folds.indices.filter { folds[$0] != fold } }

  private func loss(adding layer: Int, to sums: [Double], of rows: [Int], members: Int) -> Double {
    let classes = statistics.classes
    var loss = 0.0
    for (place, row) in rows.enumerated() {
      let label = statistics.truth[row]
      let sum = sums[place * classes + label] + predictions[layer][row * classes + label]
      loss -= log(max(sum / Double(members), Self.floor))
    }
    return loss / Double(rows.count)
  }
}
