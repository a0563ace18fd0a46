internal import Foundation

/// What one walk over the rows counts.
struct EvaluationTally {
  /// A row that was given a wrong class.
  struct Miss {
    var row: Int
    var predicted: Int
    var probability: Float
    var labelProbability: Float
  }

  private(set) var hits = 0
  let top: Int
  private(set) var topHits = 0
  /// The sum of -ln of the right class's probability.
  private(set) var loss = 0.0
  private(set) var confusion: [[Int]]
  private var misses: [Miss] = []

  init(probabilities: [Float], truth: [Int], width: Int) {
    precondition(
      probabilities.count == truth.count * width,
      "\(probabilities.count) probabilities for \(truth.count) rows and \(width) classes")
    top = min(5, width)
    confusion = [[Int]](repeating: [Int](repeating: 0, count: width), count: width)
    for (row, label) in truth.enumerated() {
      precondition((0..<width).contains(label), "row \(row) has class \(label) of \(width)")
      add(row, label, probabilities[row * width..<(row + 1) * width])
    }
  }

  private mutating func add(_ row: Int, _ label: Int, _ values: ArraySlice<Float>) {
    let own = values[values.startIndex + label]
    var best = 0
    var bestValue = values[values.startIndex]
    var rank = 0
    for (index, value) in values.enumerated() {
      if Prediction.precedes(value, index, bestValue, best) { (best, bestValue) = (index, value) }
      if Prediction.precedes(value, index, own, label) { rank += 1 }
    }
    confusion[label][best] += 1
    if rank < top { topHits += 1 }
    // scikit-learn limits probabilities by the precision of their type.
    loss -= log(Double(min(max(own, Float.ulpOfOne), 1 - Float.ulpOfOne)))
    if best == label {
      hits += 1
    } else {
      misses.append(Miss(row: row, predicted: best, probability: bestValue, labelProbability: own))
    }
  }

  /// The misses whose right class was thought least likely; among equals those whose given class was thought
  /// likeliest, then by row.
  func worst(_ limit: Int) -> [Miss] {
    let ranked = misses.sorted { a, b in
      if a.labelProbability != b.labelProbability {
        return Prediction.precedes(b.labelProbability, 1, a.labelProbability, 0)
      }
      return a.probability == b.probability ? a.row < b.row : a.probability > b.probability
    }
    return Array(ranked.prefix(max(limit, 0)))
  }
}
