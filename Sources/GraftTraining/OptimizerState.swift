internal import GraftSupport

/// What an optimizer remembers between steps, laid out like the weights that it changes.
public struct OptimizerState: Hashable, Sendable {
  /// The optimizer's options.
  public let optimizer: Optimizer
  /// Steps made.
  public private(set) var steps = 0
  /// Running means and the like, each as long as the weights.
  public private(set) var slots: [[Float]]

  /// Weights that make a share.
  private static let block = 1 << 14

  /// Nothing remembered yet of `count` weights.
  public init(_ optimizer: Optimizer, count: Int) {
    self.optimizer = optimizer
    let rule = optimizer.update
    slots = [[Float]](repeating: [Float](repeating: rule.initial, count: count), count: rule.slots)
    if optimizer.averaging != 0 { slots.append([Float](repeating: 0, count: count)) }
  }

  /// The moving average of the weights; nil before the first step, and where the optimizer keeps none.
  public var average: [Float]? { optimizer.averaging == 0 || steps == 0 ? nil : slots.last }

  /// What was remembered after `steps` steps.
  ///
  /// - Throws: `TrainingError` with code `.checkpoint` if it is not what this optimizer remembers of `count` weights.
  package init(_ optimizer: Optimizer, steps: Int, slots: [[Float]], count: Int) throws {
    guard slots.count == optimizer.slots, slots.allSatisfy({ $0.count == count }) else {
      throw TrainingError(
        .checkpoint,
        "\(slots.map(\.count)) numbers are not what the optimizer remembers of \(count) weights")
    }
    self.optimizer = optimizer
    self.steps = steps
    self.slots = slots
  }

  /// Changes weights by one step.
  ///
  /// - Parameters:
  ///   - values: the weights.
  ///   - gradients: the gradients of the loss with respect to them.
  ///   - rate: the learning rate.
  ///   - groups: how runs of weights are treated, in ascending order; weights in none of them change at the full rate
  ///     and decay.
  /// - Precondition: there are as many gradients as weights, and as at the start; groups do not overlap.
  public mutating func update(
    _ values: UnsafeMutableBufferPointer<Float>, _ gradients: UnsafeBufferPointer<Float>, rate: Double,
    groups: [ParameterGroup] = []
  ) {
    let count = values.count
    precondition(
      gradients.count == count && slots.allSatisfy { $0.count == count },
      "\(gradients.count) gradients for \(count) weights, and memory for \(slots.map(\.count))")
    let groups = Self.completed(groups, count: count)
    steps += 1
    guard let weights = values.baseAddress, let slopes = gradients.baseAddress else { return }
    let adjustment = GradientAdjustment(optimizer, weights, slopes, groups: groups, count: count)
    let (rule, step, decay) = (optimizer.update, steps, Float(optimizer.weightDecay))
    // In Float, as Keras has it; the first step starts the average.
    let keep = steps == 1 ? 0 : Float(optimizer.averaging)
    let averages = optimizer.averaging != 0
    Self.withPointers(to: &slots) { slots in
      let memory = averages ? Array(slots.dropLast()) : slots
      ThreadPool.shared.forEach((count + Self.block - 1) / Self.block) { number in
        let range = number * Self.block..<min((number + 1) * Self.block, count)
        adjustment.withGradients(of: range) { slopes in
          for group in groups where group.rateFactor != 0 && group.range.overlaps(range) {
            let part = group.range.clamped(to: range)
            let block = WeightBlock(
              count: part.count, values: weights + part.lowerBound,
              gradients: slopes + (part.lowerBound - range.lowerBound),
              slots: memory.map { $0 + part.lowerBound })
            let rate = Float(rate * group.rateFactor)
            if decay != 0 && group.isDecayed {
              for i in 0..<block.count { block.values[i] -= block.values[i] * decay * rate }
            }
            rule.update(block, rate: rate, step: step)
          }
        }
        if averages, let average = slots.last {
          for i in range { average[i] = keep * average[i] + (1 - keep) * weights[i] }
        }
      }
    }
  }

  /// The groups with all weights between them as groups of their own.
  private static func completed(_ groups: [ParameterGroup], count: Int) -> [ParameterGroup] {
    var result: [ParameterGroup] = []
    var end = 0
    for group in groups where !group.range.isEmpty {
      precondition(
        group.range.lowerBound >= end && group.range.upperBound <= count,
        "a group of weights \(group.range) does not follow \(end) within \(count)")
      if group.range.lowerBound > end { result.append(ParameterGroup(range: end..<group.range.lowerBound)) }
      result.append(group)
      end = group.range.upperBound
    }
    if end < count { result.append(ParameterGroup(range: end..<count)) }
    return result
  }

  private static func withPointers(
    to arrays: inout [[Float]], _ body: ([UnsafeMutablePointer<Float>]) -> Void
  ) {
    /// Takes the arrays out one by one, so that all are open at once and none is copied.
    func open(_ index: Int, _ pointers: [UnsafeMutablePointer<Float>], _ arrays: inout [[Float]]) {
      guard index < arrays.count else { return body(pointers) }
      var array: [Float] = []
      swap(&array, &arrays[index])
      defer { swap(&array, &arrays[index]) }
      array.withUnsafeMutableBufferPointer { buffer in
        guard let base = buffer.baseAddress else { return }
        open(index + 1, pointers + [base], &arrays)
      }
    }
    open(0, [], &arrays)
  }
}
