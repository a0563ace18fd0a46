extension Optimizer {
  /// The names that `init(named:)` knows.
  public static let names = ["sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam", "adamw"]

  /// An optimizer with its usual numbers: `momentum` and `nesterov` are stochastic gradient descent with a momentum of
  /// 0.9.
  ///
  /// - Parameters:
  ///   - name: one of `names`.
  ///   - weightDecay: the decay of weights for a rate of 1; nil for the usual one, which is 0 for all but `adamw`.
  /// - Throws: `TrainingError` with code `.input` if there is no optimizer of this name; the text lists those that
  ///   there are.
  public init(named name: String, weightDecay: Double? = nil) throws {
    switch name {
    case "sgd": self = .sgd()
    case "momentum": self = .sgd(momentum: 0.9)
    case "nesterov": self = .sgd(momentum: 0.9, nesterov: true)
    case "adagrad": self = .adaGrad()
    case "rmsprop": self = .rmsProp()
    case "adam": self = .adam()
    case "adamw": self = .adamW()
    default:
      throw TrainingError(
        .input, "there is no optimizer “\(name)”; there are \(Self.names.joined(separator: ", "))")
    }
    if let weightDecay { self.weightDecay = weightDecay }
  }
}

extension Optimizer {
  /// Learning rates among which a good one for going on with a trained network lies: steps that are divided by the size
  /// of gradients need smaller ones than others.
  public var usualRates: ClosedRange<Double> {
    switch rule {
    case .sgd, .adaGrad: 1e-4...1e-1
    case .rmsProp, .adam: 1e-5...1e-2
    }
  }
}
