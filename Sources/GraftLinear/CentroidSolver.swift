/// The mean of each class's rows. The class with the nearest one has the largest score z·c - ||c||^2 / 2, which is half
/// of what ||z - c||^2 is less than ||z||^2.
struct CentroidSolver: PenalizedFit {
  private let solution: LinearSolution

  init(_ rows: TrainingSet) throws {
    let (width, classes) = (rows.rows.width, rows.classes)
    let all = try ClassSums(rows)
    var parameters = [Double](repeating: 0, count: (width + 1) * classes)
    for label in 0..<classes where all.weights[label] > 0 {
      var square = 0.0
      for feature in 0..<width {
        let mean = all.sums[label * width + feature] / all.weights[label]
        parameters[feature * classes + label] = mean
        square += mean * mean
      }
      parameters[width * classes + label] = -square / 2
    }
    // A class without rows, in cross-validation, is far away from everything.
    let furthest = parameters[(width * classes)...].min() ?? 0
    for label in 0..<classes where all.weights[label] == 0 {
      parameters[width * classes + label] = 100 * furthest
    }
    solution = LinearSolution(parameters: parameters, value: 0, loss: 0)
  }

  func solve(
    _ penalty: Penalty, _ limits: SolverLimits, progress: (Int, Double, Double) throws -> Void
  ) throws -> LinearSolution { solution }
}
