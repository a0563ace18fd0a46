/// The last steps of a quasi-Newton method with the changes of the gradient along them, and the direction that
/// they make of a gradient (the two-loop recursion of Nocedal, 1980).
struct CurvatureMemory {
  private struct Pair {
    var step: [Double]
    var change: [Double]
    /// step · change, positive.
    var curvature: Double
    /// What the preconditioner makes of the change; nil where there is none, or the pair is not the newest.
    var conditionedChange: [Double]?
  }

  private let size: Int
  private var pairs: [Pair] = []

  init(size: Int) {
    precondition(size > 0, "at least one step must be remembered, not \(size)")
    self.size = size
  }

  var isEmpty: Bool { pairs.isEmpty }

  mutating func forget() { pairs = [] }

  /// Remembers a step, unless the function is not convex along it.
  mutating func remember(step: [Double], change: [Double], _ preconditioner: Preconditioner? = nil) {
    let curvature = Vectors.dot(step, change)
    guard curvature > Double.ulpOfOne * Vectors.dot(change, change) else { return }
    if pairs.count == size { pairs.removeFirst() }
    if let last = pairs.indices.last { pairs[last].conditionedChange = nil }
    pairs.append(
      Pair(
        step: step, change: change, curvature: curvature,
        conditionedChange: preconditioner?.applied(to: change)))
  }

  /// The quasi-Newton direction downhill. Between the loops stands the preconditioner, or where there is none the
  /// identity, scaled to the curvature of the last step.
  func direction(_ gradient: [Double], _ preconditioner: Preconditioner? = nil) -> [Double] {
    var direction = gradient.map { -$0 }
    var shares = [Double](repeating: 0, count: pairs.count)
    for index in pairs.indices.reversed() {
      shares[index] = Vectors.dot(pairs[index].step, direction) / pairs[index].curvature
      Vectors.add(-shares[index], pairs[index].change, to: &direction)
    }
    if let preconditioner { direction = preconditioner.applied(to: direction) }
    if let newest = pairs.last {
      let change = newest.conditionedChange ?? newest.change
      let factor = newest.curvature / Vectors.dot(newest.change, change)
      for index in direction.indices { direction[index] *= factor }
    }
    for index in pairs.indices {
      let share = Vectors.dot(pairs[index].change, direction) / pairs[index].curvature
      Vectors.add(shares[index] - share, pairs[index].step, to: &direction)
    }
    return direction
  }
}
