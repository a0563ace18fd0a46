internal import Foundation

/// How large a step of training is, from the first step to the last.
///
/// ```swift
/// trainer.learningRate = .cosine(peak: 1e-4, warmup: 3)
/// ```
public struct LearningRate: Hashable, Sendable, Codable {
  /// The course after the warm-up.
  enum Form: Hashable, Codable {
    case constant
    case cosine(floor: Double)
    case step(factor: Double, every: Double)
    case exponential(factor: Double)
    case inverseTime(decay: Double)
    case restarts(first: Int, growth: Int, peakFactor: Double, floor: Double)
    case oneCycle(rise: Double, startDivisor: Double, endDivisor: Double)
  }

  /// The largest rate of the schedule.
  public var peak: Double
  /// Epochs, perhaps a fraction, in which the rate grows from 0 to where the schedule begins, in equal steps (Goyal et
  /// al., 2017, arXiv 1706.02677). The schedule's own time begins after them.
  public var warmup = 0.0
  let form: Form

  private init(_ peak: Double, _ form: Form, warmup: Double = 0) {
    self.peak = peak
    self.form = form
    self.warmup = warmup
  }

  /// The same rate throughout.
  public static func constant(_ rate: Double) -> LearningRate { LearningRate(rate, .constant) }

  /// Half a cosine from `peak` down to `floor` times it at the end, after a warm-up (Loshchilov and Hutter, 2017, arXiv
  /// 1608.03983; `CosineDecay` in Keras).
  ///
  /// - Parameters:
  ///   - peak: the largest rate.
  ///   - warmup: epochs before the rate is at its peak; may be a fraction.
  ///   - floor: the last rate, as a fraction of the peak.
  public static func cosine(peak: Double, warmup: Double = 0, floor: Double = 0) -> LearningRate {
    LearningRate(peak, .cosine(floor: floor), warmup: warmup)
  }

  /// A rate that is multiplied by `factor` at the end of every `epochs` epochs (`ExponentialDecay` with `staircase` in
  /// Keras).
  public static func step(_ rate: Double, factor: Double = 0.1, every epochs: Double) -> LearningRate {
    LearningRate(rate, .step(factor: factor, every: epochs))
  }

  /// A rate that is `factor` times smaller after each epoch, at each step a little: rate x factor^t, with t in epochs
  /// (`ExponentialDecay` in Keras).
  public static func exponential(_ rate: Double, factor: Double) -> LearningRate {
    LearningRate(rate, .exponential(factor: factor))
  }

  /// A rate that goes down as one over time: rate / (1 + decay t), with t in epochs (`InverseTimeDecay` in Keras).
  public static func inverseTime(_ rate: Double, decay: Double = 1) -> LearningRate {
    LearningRate(rate, .inverseTime(decay: decay))
  }

  /// Half cosines after one another, each from the peak down to `floor` times it (Loshchilov and Hutter, 2017, arXiv
  /// 1608.03983; `CosineDecayRestarts` in Keras). The network at the end of each is a good one of its own kind:
  /// `snapshots(epochs:)` tells when (Huang et al., 2017, arXiv 1704.00109).
  ///
  /// - Parameters:
  ///   - peak: the largest rate.
  ///   - first: epochs of the first cosine, at least 1.
  ///   - growth: how many times longer each is than the one before, at least 1.
  ///   - peakFactor: how many times higher each begins than the one before.
  ///   - floor: the last rate of each, as a fraction of the peak.
  /// - Precondition: `first` and `growth` are at least 1.
  public static func restarts(
    peak: Double, first: Int, growth: Int = 1, peakFactor: Double = 1, floor: Double = 0
  ) -> LearningRate {
    precondition(first >= 1 && growth >= 1, "cosines of \(first) epochs that grow \(growth) times")
    return LearningRate(
      peak, .restarts(first: first, growth: growth, peakFactor: peakFactor, floor: floor))
  }

  /// Up to the peak and down to almost nothing, each along half a cosine (Smith and Topin, 2018, arXiv 1708.07120; with
  /// the defaults of PyTorch's `OneCycleLR`).
  ///
  /// - Parameters:
  ///   - peak: the largest rate.
  ///   - rise: the share of all steps in which the rate grows, above 0 and below 1.
  ///   - startDivisor: the peak over the first rate.
  ///   - endDivisor: the first rate over the last one.
  /// - Precondition: `rise` lies between 0 and 1, and neither divisor is below 1.
  public static func oneCycle(
    peak: Double, rise: Double = 0.3, startDivisor: Double = 25, endDivisor: Double = 1e4
  ) -> LearningRate {
    precondition(
      rise > 0 && rise < 1 && startDivisor >= 1 && endDivisor >= 1,
      "a cycle that rises for \(rise) of its steps, with divisors of \(startDivisor) and \(endDivisor)")
    return LearningRate(
      peak, .oneCycle(rise: rise, startDivisor: startDivisor, endDivisor: endDivisor))
  }

  /// Returns the same schedule after a warm-up of some epochs, perhaps a fraction.
  public func warmingUp(_ epochs: Double) -> LearningRate { LearningRate(peak, form, warmup: epochs) }

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
    let total = Double(stepsPerEpoch * epochs)
    let warm = min((warmup * Double(stepsPerEpoch)).rounded(), total)
    let length = Course(steps: total - warm, stepsPerEpoch: Double(stepsPerEpoch))
    if Double(step) < warm { return share(at: 0, of: length) * peak * Double(step) / warm }
    return share(at: Double(step) - warm, of: length) * peak
  }

  /// The steps after the warm-up.
  private struct Course {
    var steps: Double
    var stepsPerEpoch: Double
  }

  /// The rate as a share of the peak.
  private func share(at step: Double, of course: Course) -> Double {
    switch form {
    case .constant:
      return 1
    case .cosine(let floor):
      return halfCosine(from: 1, to: floor, at: min(step / max(course.steps, 1), 1))
    case .step(let factor, let every):
      let period = max((every * course.stepsPerEpoch).rounded(), 1)
      return pow(factor, (step / period).rounded(.down))
    case .exponential(let factor):
      return pow(factor, step / course.stepsPerEpoch)
    case .inverseTime(let decay):
      return 1 / (1 + decay * step / course.stepsPerEpoch)
    case .restarts(let first, let growth, let peakFactor, let floor):
      var (length, start, height) = (Double(first) * course.stepsPerEpoch, 0.0, 1.0)
      while step >= start + length {
        start += length
        length *= Double(growth)
        height *= peakFactor
      }
      return floor + (1 - floor) * height * halfCosine(from: 1, to: 0, at: (step - start) / length)
    case .oneCycle(let rise, let startDivisor, let endDivisor):
      // The last step has the last rate; so PyTorch counts.
      let top = rise * course.steps - 1
      let low = 1 / startDivisor
      if step <= top { return halfCosine(from: low, to: 1, at: step / max(top, 1)) }
      let fall = (step - max(top, 0)) / max(course.steps - 1 - max(top, 0), 1)
      return halfCosine(from: 1, to: low / endDivisor, at: min(fall, 1))
    }
  }
}

/// Half a cosine between two values.
private func halfCosine(from start: Double, to end: Double, at share: Double) -> Double {
  end + (start - end) * 0.5 * (1 + cos(.pi * share))
}
