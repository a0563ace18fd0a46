/// Newton's method for a piecewise quadratic loss with an l2 penalty on weights and biases (Keerthi and DeCoste, 2005,
/// "A modified finite Newton method for fast solution of large scale linear SVMs"; Chapelle, 2007, "Training a support
/// vector machine in the primal"), on rows in memory. Steps are as long as lowers the objective most.
///
/// Once the rows within the margin no longer change, a step ends at the minimum; a quasi-Newton method has to learn the
/// curvature anew at each kink. Where the loss separates classes, each has a length of step of its own, and its system
/// is solved by factoring; otherwise that of all classes is solved by conjugate gradients.
struct FiniteNewton<Loss: PiecewiseQuadraticLoss> {
  /// Weights of the rows' numbers, `width` x `outputs`.
  private(set) var point: [Double]
  private(set) var value = Double.infinity
  private(set) var gradient: [Double]
  private(set) var iterations = 0

  private let rows: DenseRows
  private let weights: RowWeights
  private let loss: Loss
  private let l2: Double
  private let outputs: Int
  /// Problems that do not touch each other: parameter i belongs to the one of number i % columns.
  private let columns: Int

  /// Steps of conjugate gradients within one of Newton's.
  private static var longestSolve: Int { 1000 }
  /// Steps in a row that may fail to lower the value.
  private static var patience: Int { 3 }
  /// The share of the first slope that may be left at the end of a search along a direction.
  private static var flatness: Double { 0.01 }

  init(start: [Double], rows: DenseRows, weights: RowWeights, loss: Loss, l2: Double, outputs: Int) {
    point = start
    gradient = [Double](repeating: 0, count: start.count)
    (self.rows, self.weights, self.loss, self.l2, self.outputs) = (rows, weights, loss, l2, outputs)
    columns = Loss.separatesClasses ? outputs : 1
  }

  /// Whether it is worth its while: a step's multiply-adds, some ten times over, are few enough.
  static func suits(_ rows: TrainingSet) -> Bool {
    let (count, outputs) = (Double(rows.rows.count), Double(rows.classes))
    let width = Double(DenseRows.width(rows: rows.rows.count, features: rows.rows.width))
    guard count * max(width, Double(rows.rows.width)) <= 2e7 else { return false }
    return Loss.separatesClasses
      ? outputs * width * width * (count + width / 3) <= 1e10 : count * width * outputs <= 1e7
  }

  var gradientNorm: Double { Vectors.largestMagnitude(gradient) }

  /// Walks downhill until `isConverged` says so, the steps are used up, or none leads further down.
  mutating func minimize(
    steps: Int, until isConverged: (borrowing FiniteNewton) -> Bool,
    afterEachStep progress: (borrowing FiniteNewton) throws -> Void
  ) throws -> LBFGS.Outcome {
    var scores = rows.scores(point, outputs: outputs)
    evaluate(scores)
    let firstNorm = Vectors.dot(gradient, gradient).squareRoot()
    var (lowest, failures) = (value, 0)
    while true {
      if isConverged(self) { return .converged }
      if iterations >= steps { return .iterationLimit }
      guard value.isFinite, failures < Self.patience else { return .stalled }
      let factors = factors(scores)
      let norm = Vectors.dot(gradient, gradient).squareRoot()
      let direction =
        Loss.separatesClasses
        ? exactDirection(factors) : direction(factors, accuracy: min(0.1, norm / firstNorm))
      let lengths = lengths(scores, direction)
      for index in point.indices { point[index] += lengths[index % columns] * direction[index] }
      scores = rows.scores(point, outputs: outputs)
      evaluate(scores)
      iterations += 1
      try progress(self)
      failures = value < lowest - 1e-14 * abs(value) ? 0 : failures + 1
      lowest = min(lowest, value)
    }
  }

  /// The value and the gradient at scores.
  private mutating func evaluate(_ scores: [Double]) {
    var (residuals, sum) = (scores, 0.0)
    residuals.withUnsafeMutableBufferPointer { residuals in
      guard let base = residuals.baseAddress else { return }
      for row in 0..<rows.count {
        let own = base + row * outputs
        sum += weights[row] * loss.residual(row, own, outputs: outputs)
        for place in 0..<outputs { own[place] *= weights[row] / weights.total }
      }
    }
    gradient = rows.transposedProduct(residuals, outputs: outputs)
    Vectors.add(l2, point, to: &gradient)
    value = sum / weights.total + l2 / 2 * Vectors.dot(point, point)
  }

  /// From which the second derivatives follow, for each row and class.
  private func factors(_ scores: [Double]) -> [Double] {
    var factors = [Double](repeating: 0, count: scores.count)
    factors.withUnsafeMutableBufferPointer { factors in
      scores.withUnsafeBufferPointer { scores in
        guard let factors = factors.baseAddress, let scores = scores.baseAddress else { return }
        for row in 0..<rows.count {
          loss.writeCurvature(row, scores + row * outputs, outputs: outputs, to: factors + row * outputs)
        }
      }
    }
    return factors
  }

  /// Solves H d = -g for each class by factoring its Hessian.
  private func exactDirection(_ factors: [Double]) -> [Double] {
    var result = gradient.map { -$0 }
    for column in 0..<outputs {
      let own = (0..<rows.count).map { weights[$0] / weights.total * factors[$0 * outputs + column] }
      let hessian = rows.curvature(own, l2: l2)
      var side = stride(from: column, to: result.count, by: outputs).map { result[$0] }
      guard let factor = Cholesky(hessian, size: rows.width) else { continue }
      side.withUnsafeMutableBufferPointer { side in
        if let base = side.baseAddress { factor.solve(base, columns: 1) }
      }
      for (place, index) in stride(from: column, to: result.count, by: outputs).enumerated() {
        result[index] = side[place]
      }
    }
    return result
  }

  /// H times a direction.
  private func product(_ factors: [Double], _ direction: [Double]) -> [Double] {
    var changes = rows.scores(direction, outputs: outputs)
    changes.withUnsafeMutableBufferPointer { changes in
      factors.withUnsafeBufferPointer { factors in
        guard let changes = changes.baseAddress, let factors = factors.baseAddress else { return }
        for row in 0..<rows.count {
          let own = changes + row * outputs
          loss.curve(row, own, by: factors + row * outputs, outputs: outputs)
          for place in 0..<outputs { own[place] *= weights[row] / weights.total }
        }
      }
    }
    var result = rows.transposedProduct(changes, outputs: outputs)
    Vectors.add(l2, direction, to: &result)
    return result
  }

  /// Solves H d = -g by conjugate gradients until what is left is `accuracy` times the gradient.
  private func direction(_ factors: [Double], accuracy: Double) -> [Double] {
    var result = [Double](repeating: 0, count: point.count)
    var residual = gradient.map { -$0 }
    var step = residual
    var square = Vectors.dot(residual, residual)
    let wanted = square * accuracy * accuracy
    for _ in 0..<Self.longestSolve where square > wanted {
      let product = product(factors, step)
      let curvature = Vectors.dot(step, product)
      guard curvature > 0 else { break }
      Vectors.add(square / curvature, step, to: &result)
      Vectors.add(-square / curvature, product, to: &residual)
      let next = Vectors.dot(residual, residual)
      let share = next / square
      for index in step.indices { step[index] = residual[index] + share * step[index] }
      square = next
    }
    return result
  }

  /// The scalar product of each problem's parameters.
  private func dots(_ a: [Double], _ b: [Double]) -> [Double] {
    var sums = [Double](repeating: 0, count: columns)
    for start in stride(from: 0, to: a.count, by: columns) {
      for column in 0..<columns { sums[column] += a[start + column] * b[start + column] }
    }
    return sums
  }

  /// How far along the direction each problem's objective falls: its slope there is zero or nearly so. The slope of a
  /// convex piecewise quadratic function rises along a line, in straight pieces.
  private func lengths(_ scores: [Double], _ direction: [Double]) -> [Double] {
    let changes = rows.scores(direction, outputs: outputs)
    let (linear, square) = (dots(point, direction), dots(direction, direction))
    func slopes(_ lengths: [Double]) -> [Double] {
      let rising = risingLoss(scores, changes, lengths)
      return lengths.indices.map { rising[$0] + l2 * (linear[$0] + lengths[$0] * square[$0]) }
    }
    var low = (lengths: [Double](repeating: 0, count: columns), slopes: [Double]())
    low.slopes = slopes(low.lengths)
    let first = low.slopes
    var high = (lengths: [Double](repeating: 1, count: columns), slopes: [Double]())
    high.slopes = slopes(high.lengths)
    // A direction of length zero, or uphill by rounding, is not taken.
    func isFlat(_ slope: Double, _ column: Int) -> Bool {
      first[column] >= 0 || abs(slope) <= -Self.flatness * first[column]
    }
    var result = high.lengths.indices.map { first[$0] < 0 ? high.lengths[$0] : 0 }
    var found = high.slopes
    for _ in 0..<40 {
      if result.indices.allSatisfy({ isFlat(found[$0], $0) }) { break }
      for column in result.indices where !isFlat(found[column], column) {
        if found[column] < 0 {
          (low.lengths[column], low.slopes[column]) = (result[column], found[column])
        } else {
          (high.lengths[column], high.slopes[column]) = (result[column], found[column])
        }
        if high.slopes[column] < 0 {
          // The lowest point lies beyond; a doubled length becomes the upper end.
          high.lengths[column] = max(high.lengths[column], result[column]) * 2
          result[column] = high.lengths[column]
        } else {
          let (a, b) = (low.slopes[column], high.slopes[column])
          let secant = low.lengths[column] + (high.lengths[column] - low.lengths[column]) * a / (a - b)
          let middle = (low.lengths[column] + high.lengths[column]) / 2
          // The mean of both neither creeps nor misses a straight piece by much.
          result[column] = (secant + middle) / 2
        }
      }
      found = slopes(result)
      for column in result.indices where result[column] >= high.lengths[column] && first[column] < 0 {
        high.slopes[column] = found[column]
      }
    }
    return result
  }

  /// How fast the mean loss grows along the changes of scores, for each problem.
  private func risingLoss(_ scores: [Double], _ changes: [Double], _ lengths: [Double]) -> [Double] {
    var sums = [Double](repeating: 0, count: columns)
    withUnsafeTemporaryAllocation(of: Double.self, capacity: outputs) { moved in
      guard let moved = moved.baseAddress else { return }
      for row in 0..<rows.count {
        let first = row * outputs
        for place in 0..<outputs {
          moved[place] = scores[first + place] + lengths[place % columns] * changes[first + place]
        }
        _ = loss.residual(row, moved, outputs: outputs)
        let weight = weights[row]
        for place in 0..<outputs { sums[place % columns] += weight * moved[place] * changes[first + place] }
      }
    }
    return sums.map { $0 / weights.total }
  }
}
