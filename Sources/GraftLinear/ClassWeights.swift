/// How much the rows of each class count.
public enum ClassWeights: Hashable, Sendable, Codable {
  /// All rows count alike.
  case uniform
  /// Every class counts alike, however many rows it has: N / (C n_c) for a row of a class of n_c rows, as
  /// scikit-learn's `class_weight="balanced"`.
  case balanced
  /// A factor above 0 for each class, in the order of the labels.
  case factors([Double])
}

/// How much each row counts in a sum of losses.
package struct RowWeights: Sendable, Hashable {
  /// The weight of each row; nil where all are 1.
  let values: [Double]?
  /// The sum of all weights.
  let total: Double

  /// All rows count alike.
  package init(uniform count: Int) {
    values = nil
    total = Double(count)
  }

  /// Takes weights as they are.
  package init(_ values: [Double]) {
    self.values = values.allSatisfy { $0 == 1 } ? nil : values
    total = values.reduce(0, +)
  }

  /// The weight of a row.
  subscript(row: Int) -> Double { values?[row] ?? 1 }

  /// The weights of some rows.
  func chosen(_ rows: [Int]) -> RowWeights {
    guard let values else { return RowWeights(uniform: rows.count) }
    return RowWeights(rows.map { values[$0] })
  }
}

extension ClassWeights {
  /// The weight of every row: that of its class times its own.
  ///
  /// - Throws: `LinearError` with the code `.invalidOption` for weights that are not above 0 or do not fit.
  func rows(classIndices: [Int], counts: [Int], sampleWeights: [Double]?) throws -> RowWeights {
    let factors: [Double]
    switch self {
    case .uniform: factors = [Double](repeating: 1, count: counts.count)
    case .balanced:
      factors = counts.map { Double(classIndices.count) / Double(counts.count * max($0, 1)) }
    case .factors(let given):
      guard given.count == counts.count, given.allSatisfy({ $0 > 0 && $0.isFinite }) else {
        throw LinearError(
          .invalidOption,
          "weights of classes must be \(counts.count) numbers above 0, one a class; they are \(given)")
      }
      factors = given
    }
    if let sampleWeights { try Self.check(sampleWeights, rows: classIndices.count) }
    guard self != .uniform || sampleWeights != nil else { return RowWeights(uniform: classIndices.count) }
    return RowWeights(
      classIndices.enumerated().map { row, label in factors[label] * (sampleWeights?[row] ?? 1) })
  }

  /// Checks the weights of rows.
  static func check(_ weights: [Double], rows: Int) throws {
    guard weights.count == rows else {
      throw LinearError(.widthMismatch, "there are \(weights.count) weights for \(rows) rows")
    }
    if let row = weights.firstIndex(where: { !($0 >= 0 && $0.isFinite) }) {
      throw LinearError(
        .invalidOption, "the weight of row \(row) is \(weights[row]); weights are numbers from 0 up")
    }
    guard weights.contains(where: { $0 > 0 }) else {
      throw LinearError(.invalidOption, "all rows have the weight 0; there is nothing to learn from")
    }
  }
}
