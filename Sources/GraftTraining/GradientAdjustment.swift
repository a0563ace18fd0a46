internal import GraftSupport

/// Gradients with penalties added and clipped, block by block.
struct GradientAdjustment {
  private let weights: UnsafeMutablePointer<Float>
  private let gradients: UnsafePointer<Float>
  private let groups: [ParameterGroup]
  private let l1: Float
  private let l2: Float
  /// What gradients are multiplied by.
  private var scale: Float = 1
  /// Where gradients are cut.
  private var bound = Float.infinity

  /// Looks at all gradients, where a bound on their length asks for it.
  init(
    _ optimizer: Optimizer, _ weights: UnsafeMutablePointer<Float>, _ gradients: UnsafePointer<Float>,
    groups: [ParameterGroup], count: Int
  ) {
    self.weights = weights
    self.gradients = gradients
    self.groups = groups
    l1 = Float(optimizer.l1)
    l2 = Float(optimizer.l2)
    switch optimizer.clipping {
    case nil: break
    case .value(let bound): self.bound = Float(bound)
    case .globalNorm(let bound):
      let length = squares(count).reduce(0, +).squareRoot()
      if length > bound { scale = Float(bound / length) }
    }
  }

  /// Weights that make a share; sums are over shares first, so that threads do not matter.
  private static let share = 1 << 14

  /// Sums of squares of all shares. Weights that stand still have no say.
  private func squares(_ count: Int) -> [Double] {
    let shares = (count + Self.share - 1) / Self.share
    return withUnsafeTemporaryAllocation(of: Double.self, capacity: max(shares, 1)) { sums in
      sums.initialize(repeating: 0)
      ThreadPool.shared.forEach(shares) { number in
        let range = number * Self.share..<min((number + 1) * Self.share, count)
        withGradients(of: range) { slopes in
          var sum = 0.0
          for group in groups where group.rateFactor != 0 && group.range.overlaps(range) {
            for i in group.range.clamped(to: range) {
              let slope = Double(slopes[i - range.lowerBound])
              sum += slope * slope
            }
          }
          sums[number] = sum
        }
      }
      return Array(sums[0..<shares])
    }
  }

  /// Calls `body` with the gradients of a range.
  func withGradients(of range: Range<Int>, _ body: (UnsafePointer<Float>) -> Void) {
    let slopes = gradients + range.lowerBound
    guard l1 != 0 || l2 != 0 || scale != 1 || bound != .infinity else { return body(slopes) }
    withUnsafeTemporaryAllocation(of: Float.self, capacity: range.count) { adjusted in
      guard let target = adjusted.baseAddress else { return }
      for i in 0..<range.count { target[i] = slopes[i] }
      if l1 != 0 || l2 != 0 {
        for group in groups where group.isDecayed && group.range.overlaps(range) {
          for i in group.range.clamped(to: range) {
            let weight = weights[i]
            let sign: Float = weight > 0 ? 1 : weight < 0 ? -1 : 0
            target[i - range.lowerBound] += 2 * l2 * weight + l1 * sign
          }
        }
      }
      if scale != 1 {
        for i in 0..<range.count { target[i] *= scale }
      }
      if bound != .infinity {
        for i in 0..<range.count { target[i] = min(max(target[i], -bound), bound) }
      }
      body(target)
    }
  }
}
