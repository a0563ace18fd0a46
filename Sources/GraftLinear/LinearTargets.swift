internal import GraftTensor

/// What a linear model should say of rows, and with it how it is judged.
package enum LinearTargets: Sendable {
  /// One class a row, judged by -ln of its probability, the softmax of the scores.
  case classes([Int])
  /// For each row and output whether a label holds, 1 or 0, judged by -ln of the probability of that, the sigmoid of
  /// the score, added up over the outputs: so many logistic regressions, each by itself.
  case marks([Float])
  /// For each row and output a number, judged by half the square of the difference, added up over the outputs.
  case values([Float])

  /// The targets of some rows.
  ///
  /// - Parameter width: the number of outputs.
  func selecting(_ rows: [Int], width: Int) -> LinearTargets {
    func chosen(_ values: [Float]) -> [Float] {
      rows.flatMap { values[$0 * width..<($0 + 1) * width] }
    }
    return switch self {
    case .classes(let classes): .classes(rows.map { classes[$0] })
    case .marks(let marks): .marks(chosen(marks))
    case .values(let values): .values(chosen(values))
    }
  }

  /// The number of rows.
  func count(width: Int) -> Int {
    switch self {
    case .classes(let classes): classes.count
    case .marks(let values), .values(let values): values.count / width
    }
  }
}
