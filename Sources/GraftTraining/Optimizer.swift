/// How gradients change weights, as Keras 3 computes it: options only; what an optimizer remembers is an
/// `OptimizerState`.
///
/// Weight decay is decoupled from the gradient in all of them, as in Keras: before each step, each weight is
/// multiplied by 1 - rate times decay (Loshchilov and Hutter, 2019, arXiv 1711.05101). Penalties, `l1` and `l2`, are
/// part of the gradient, and so of what an optimizer remembers; both at once are the elastic net.
///
/// The order of a step: penalties are added to the gradients, these are clipped, weights decay, the rule changes them,
/// their average follows.
///
/// ```swift
/// trainer.optimizer = .sgd(momentum: 0.9, weightDecay: 1e-4)
/// trainer.optimizer.clipping = .globalNorm(1)
/// trainer.optimizer.averaging = 0.99
/// ```
public struct Optimizer: Hashable, Sendable, Codable {
  /// The rule, with its numbers.
  enum Rule: Hashable, Codable {
    case sgd(SGD)
    case adaGrad(AdaGrad)
    case rmsProp(RMSProp)
    case adam(Adam)
  }

  let rule: Rule
  /// The decay of weights for a rate of 1.
  public var weightDecay: Double
  /// The weight of the sum of absolute values that is added to the loss: `l1` times the weight's sign is added to each
  /// gradient, as by Keras's `L1`. The loss that is reported leaves it out.
  public var l1 = 0.0
  /// The weight of the sum of squares that is added to the loss: 2 `l2` times the weight is added to each gradient, as
  /// by Keras's `L2`. The loss that is reported leaves it out.
  public var l2 = 0.0
  /// A bound on gradients.
  public var clipping: GradientClipping?
  /// Keeps an exponential moving average of the weights if not 0: after each step, average = `averaging` x average +
  /// (1 - `averaging`) x weight, beginning with the weights after the first step (Polyak and Juditsky, 1992; Keras's
  /// `use_ema` and `ema_momentum`). In 0..<1.
  public var averaging = 0.0

  /// The `averaging` that looks back over about an epoch: 1 less a batch's share of the pictures, at most 0.999. Where
  /// steps are large beside the noise of few pictures, the average is a better network than the weights at any step
  /// (Polyak and Juditsky, 1992).
  public static func averaging(overEpochOf pictures: Int, batchSize: Int) -> Double {
    min(max(1 - Double(batchSize) / Double(max(pictures, 1)), 0), 0.999)
  }

  private init(rule: Rule, weightDecay: Double) {
    self.rule = rule
    self.weightDecay = weightDecay
  }

  /// Stochastic gradient descent, with a momentum if it is not 0 (Sutskever et al., 2013).
  ///
  /// - Parameters:
  ///   - momentum: the share of the last step that is taken again, in 0...1.
  ///   - nesterov: whether the momentum is taken before the gradient.
  ///   - weightDecay: the decay of weights for a rate of 1.
  public static func sgd(momentum: Double = 0, nesterov: Bool = false, weightDecay: Double = 0) -> Optimizer {
    Optimizer(rule: .sgd(SGD(momentum: momentum, nesterov: nesterov)), weightDecay: weightDecay)
  }

  /// AdaGrad: steps over the root of the sum of all squared gradients (Duchi et al., 2011). The epsilon is added under
  /// the root, as in Keras 3.
  ///
  /// - Parameters:
  ///   - initialAccumulator: where the sum starts.
  ///   - epsilon: keeps the divisor from zero.
  ///   - weightDecay: the decay of weights for a rate of 1.
  public static func adaGrad(
    initialAccumulator: Double = 0.1, epsilon: Double = 1e-7, weightDecay: Double = 0
  ) -> Optimizer {
    Optimizer(
      rule: .adaGrad(AdaGrad(initialAccumulator: initialAccumulator, epsilon: epsilon)),
      weightDecay: weightDecay)
  }

  /// RMSProp: steps over the root of a running mean of squared gradients (Tieleman and Hinton, 2012). The epsilon is
  /// added under the root, as in Keras 3.
  ///
  /// - Parameters:
  ///   - rho: the weight of the old mean.
  ///   - momentum: the share of the last step that is taken again.
  ///   - epsilon: keeps the divisor from zero.
  ///   - centered: whether the squared running mean of gradients is subtracted under the root.
  ///   - weightDecay: the decay of weights for a rate of 1.
  public static func rmsProp(
    rho: Double = 0.9, momentum: Double = 0, epsilon: Double = 1e-7, centered: Bool = false,
    weightDecay: Double = 0
  ) -> Optimizer {
    Optimizer(
      rule: .rmsProp(RMSProp(rho: rho, momentum: momentum, epsilon: epsilon, centered: centered)),
      weightDecay: weightDecay)
  }

  /// Adam: running means of gradients and of their squares, corrected for their start at zero (Kingma and Ba, 2015,
  /// arXiv 1412.6980, in the order of computation before its section 2.1, as in Keras: epsilon is added to the root
  /// of the mean that is not corrected).
  ///
  /// - Parameters:
  ///   - beta1: the weight of the old mean of gradients.
  ///   - beta2: the weight of the old mean of squares.
  ///   - epsilon: keeps the divisor from zero.
  ///   - weightDecay: the decay of weights for a rate of 1.
  public static func adam(
    beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-7, weightDecay: Double = 0
  ) -> Optimizer {
    Optimizer(
      rule: .adam(Adam(beta1: beta1, beta2: beta2, epsilon: epsilon)), weightDecay: weightDecay)
  }

  /// Adam with Keras's default weight decay.
  ///
  /// - Parameters:
  ///   - weightDecay: the decay of weights for a rate of 1.
  ///   - beta1: the weight of the old mean of gradients.
  ///   - beta2: the weight of the old mean of squares.
  ///   - epsilon: keeps the divisor from zero.
  public static func adamW(
    weightDecay: Double = 0.004, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-7
  ) -> Optimizer {
    .adam(beta1: beta1, beta2: beta2, epsilon: epsilon, weightDecay: weightDecay)
  }
}

/// One rule: how a block of weights changes.
protocol UpdateRule: Sendable {
  /// The number of arrays, as long as the weights, that it remembers.
  var slots: Int { get }
  /// What these arrays hold at first.
  var initial: Float { get }
  /// Changes some weights and what is remembered of them.
  ///
  /// - Parameter step: the number of the step, from 1 on.
  func update(_ block: WeightBlock, rate: Float, step: Int)
}

extension UpdateRule {
  var initial: Float { 0 }
}

/// Some weights, their gradients, and what is remembered of them.
struct WeightBlock {
  let count: Int
  let values: UnsafeMutablePointer<Float>
  let gradients: UnsafePointer<Float>
  let slots: [UnsafeMutablePointer<Float>]
}

extension Optimizer {
  var update: any UpdateRule {
    switch rule {
    case .sgd(let rule): rule
    case .adaGrad(let rule): rule
    case .rmsProp(let rule): rule
    case .adam(let rule): rule
    }
  }

  /// The number of arrays that it remembers, the average of the weights included.
  package var slots: Int { update.slots + (averaging == 0 ? 0 : 1) }
}
