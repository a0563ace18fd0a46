internal import Foundation

/// A number by which a model's results are divided before softmax, so that its probabilities mean what they say.
///
/// It changes no prediction, only how sure the model is: above 1 less, below 1 more (Guo et al., 2017, arXiv 1706.04599,
/// section 4.2). It is the one that makes the log loss on pictures that are given for the purpose as small as possible,
/// which must be neither those that the model was trained on nor those that it is judged on afterwards.
public struct TemperatureScaling: Hashable, Sendable, Codable {
  /// The divisor.
  public let temperature: Double
  /// The mean log loss before, over the pictures it was fitted on.
  public let logLossBefore: Double
  /// The mean log loss afterwards, over the same pictures.
  public let logLossAfter: Double
  /// The number of pictures it was fitted on.
  public let count: Int

  /// Temperatures outside of these are not tried: with every answer right, the loss falls for ever as the temperature
  /// does.
  public static let range = 0.05...20.0

  /// Whether the temperature is at an end of `range`, so that the pictures do not tell it: all right, or no better than
  /// chance.
  public var isAtLimit: Bool {
    temperature <= Self.range.lowerBound || temperature >= Self.range.upperBound
  }

  /// Fits the temperature.
  ///
  /// The loss is convex in 1 / temperature; the zero of its derivative is found by Newton's method, kept within
  /// bounds that close in.
  ///
  /// - Parameters:
  ///   - logits: row by row, one number a class, as before softmax.
  ///   - truth: the index of each row's class.
  ///   - width: the number of classes.
  /// - Throws: `DataError` with code `.invalidValues` for no rows or for a number that is not finite.
  /// - Precondition: there are `truth.count * width` logits, and the indices exist.
  public init(logits: [Float], truth: [Int], width: Int) throws {
    precondition(
      logits.count == truth.count * width,
      "\(logits.count) logits for \(truth.count) rows and \(width) classes")
    precondition(truth.allSatisfy { (0..<width).contains($0) }, "a row has a class beyond \(width)")
    guard !truth.isEmpty else {
      throw DataError(.invalidValues, "there are no pictures to fit a temperature on")
    }
    guard logits.allSatisfy(\.isFinite) else {
      throw DataError(.invalidValues, "the model's results are not all finite; no temperature can mend that")
    }
    var (low, high) = (1 / Self.range.upperBound, 1 / Self.range.lowerBound)
    var scale = 1.0
    for _ in 0..<200 {
      let at = Self.loss(logits, truth, width, scale: scale)
      if at.slope > 0 { high = scale } else { low = scale }
      if at.slope == 0 || high - low <= 1e-13 * high { break }
      let newton = scale - at.slope / at.curvature
      let next = newton > low && newton < high ? newton : (low + high) / 2
      if abs(next - scale) <= 1e-14 * scale { break }
      scale = next
    }
    // Bisection closes in on an end without reaching it.
    if scale > (1 - 1e-9) / Self.range.lowerBound { scale = 1 / Self.range.lowerBound }
    if scale < (1 + 1e-9) / Self.range.upperBound { scale = 1 / Self.range.upperBound }
    temperature = 1 / scale
    logLossBefore = Self.loss(logits, truth, width, scale: 1).value
    logLossAfter = Self.loss(logits, truth, width, scale: scale).value
    count = truth.count
  }

  /// The mean log loss of logits times `scale`, with its first and second derivative.
  private static func loss(_ logits: [Float], _ truth: [Int], _ width: Int, scale: Double) -> (
    value: Double, slope: Double, curvature: Double
  ) {
    var (value, slope, curvature) = (0.0, 0.0, 0.0)
    for (row, label) in truth.enumerated() {
      let own = logits[row * width..<(row + 1) * width].map(Double.init)
      let top = own.max() ?? 0
      var (sum, first, second) = (0.0, 0.0, 0.0)
      // Relative to the largest, so that nothing overflows.
      for logit in own {
        let distance = logit - top
        let weight = exp(scale * distance)
        sum += weight
        first += weight * distance
        second += weight * distance * distance
      }
      let mean = first / sum
      let target = own[label] - top
      value += log(sum) - scale * target
      slope += mean - target
      curvature += second / sum - mean * mean
    }
    let count = Double(truth.count)
    return (value / count, slope / count, curvature / count)
  }
}
