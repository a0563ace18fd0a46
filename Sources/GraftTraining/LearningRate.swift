internal import Foundation

/// How large a step of training is, from the first step to the last.
///
/// ```swift
/// trainer.learningRate = .cosine(peak: 1e-4, warmup: 1)
/// ```
public struct LearningRate: Hashable, Sendable, Codable {
  private enum Form: Hashable, Codable {
    case constant
    case cosine(warmup: Double, floor: Double)
    case step(factor: Double, every: Double)
  }

  /// The largest rate of the schedule.
  public var peak: Double
  private var form: Form

  private init(_ peak: Double, _ form: Form) {
    self.peak = peak
    self.form = form
  }

  /// The same rate throughout.
  public static func constant(_ rate: Double) -> LearningRate { LearningRate(rate, .constant) }

  /// Half a cosine from `peak` down to `floor` times it at the end, after a warm-up in which the rate grows from 0
  /// in equal steps (Loshchilov and Hutter, 2017, arXiv 1608.03983; `CosineDecay` in Keras).
  ///
  /// - Parameters:
  ///   - peak: the largest rate.
  ///   - warmup: epochs before the rate is at its peak; may be a fraction.
  ///   - floor: the last rate, as a fraction of the peak.
  public static func cosine(peak: Double, warmup: Double = 0, floor: Double = 0) -> LearningRate {
    LearningRate(peak, .cosine(warmup: warmup, floor: floor))
  }

  /// A rate that is multiplied by `factor` at the end of every `epochs` epochs.
  public static func step(_ rate: Double, factor: Double = 0.1, every epochs: Double) -> LearningRate {
    LearningRate(rate, .step(factor: factor, every: epochs))
  }

  /// The rate of a step.
  ///
  /// - Parameters:
  ///   - step: the number of the step, from 0 on.
  ///   - stepsPerEpoch: the number of steps in an epoch.
  ///   - epochs: the number of epochs in all.
  /// - Precondition: `step` is not negative, `stepsPerEpoch` and `epochs` are positive.
  public func rate(at step: Int, stepsPerEpoch: Int, epochs: Int) -> Double {
    precondition(
      step >= 0 && stepsPerEpoch > 0 && epochs > 0,
      "step \(step) of \(epochs) epochs of \(stepsPerEpoch) steps does not exist")
    switch form {
    case .constant:
      return peak
    case .cosine(let warmup, let floor):
      let total = Double(stepsPerEpoch * epochs)
      let warm = min((warmup * Double(stepsPerEpoch)).rounded(), total)
      if Double(step) < warm { return peak * Double(step) / warm }
      let done = min((Double(step) - warm) / max(total - warm, 1), 1)
      return peak * ((1 - floor) * 0.5 * (1 + cos(.pi * done)) + floor)
    case .step(let factor, let every):
      let period = max((every * Double(stepsPerEpoch)).rounded(), 1)
      return peak * pow(factor, (Double(step) / period).rounded(.down))
    }
  }
}
