internal import Foundation

extension LearningRate {
  /// The names that `init(named:peak:epochs:warmup:)` knows.
  public static let names = [
    "constant", "step", "exponential", "inverse-time", "cosine", "restarts", "one-cycle",
  ]

  /// A schedule with numbers that suit the length of the run: `step` divides by 10 after each third, `exponential` ends
  /// at a hundredth, `inverse-time` at a tenth, `restarts` has three cosines of equal length.
  ///
  /// - Parameters:
  ///   - name: one of `names`.
  ///   - peak: the largest rate.
  ///   - epochs: the number of epochs in all.
  ///   - warmup: epochs of warm-up, perhaps a fraction.
  /// - Throws: `TrainingError` with code `.input` if there is no schedule of this name; the text lists those that
  ///   there are.
  public init(named name: String, peak: Double, epochs: Int, warmup: Double = 0) throws {
    let rest = max(Double(epochs) - warmup, 1)
    switch name {
    case "constant": self = .constant(peak)
    case "step": self = .step(peak, factor: 0.1, every: rest / 3)
    case "exponential": self = .exponential(peak, factor: pow(0.01, 1 / rest))
    case "inverse-time": self = .inverseTime(peak, decay: 9 / rest)
    case "cosine": self = .cosine(peak: peak)
    case "restarts": self = .restarts(peak: peak, first: max(Int(rest / 3), 1))
    case "one-cycle": self = .oneCycle(peak: peak)
    default:
      throw TrainingError(
        .input, "there is no schedule “\(name)”; there are \(Self.names.joined(separator: ", "))")
    }
    self.warmup = warmup
  }
}
