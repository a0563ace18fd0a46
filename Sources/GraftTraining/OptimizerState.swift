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
    slots = [[Float]](repeating: [Float](repeating: 0, count: count), count: optimizer.update.slots)
  }

  /// Changes weights by one step.
  ///
  /// - Parameters:
  ///   - values: the weights.
  ///   - gradients: the gradients of the loss with respect to them.
  ///   - rate: the learning rate.
  /// - Precondition: there are as many gradients as weights, and as at the start.
  public mutating func update(
    _ values: UnsafeMutableBufferPointer<Float>, _ gradients: UnsafeBufferPointer<Float>, rate: Double
  ) {
    let count = values.count
    precondition(
      gradients.count == count && slots.allSatisfy { $0.count == count },
      "\(gradients.count) gradients for \(count) weights, and memory for \(slots.map(\.count))")
    steps += 1
    guard let weights = values.baseAddress, let slopes = gradients.baseAddress else { return }
    let (rule, step, rate32) = (optimizer.update, steps, Float(rate))
    let decay = Float(optimizer.weightDecay)
    Self.withPointers(to: &slots) { slots in
      ThreadPool.shared.forEach((count + Self.block - 1) / Self.block) { number in
        let first = number * Self.block
        let block = WeightBlock(
          count: min(Self.block, count - first), values: weights + first, gradients: slopes + first,
          slots: slots.map { $0 + first })
        if decay != 0 {
          for i in 0..<block.count { block.values[i] -= block.values[i] * decay * rate32 }
        }
        rule.update(block, rate: rate32, step: step)
      }
    }
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
