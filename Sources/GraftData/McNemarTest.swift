internal import Foundation

/// Whether two models differ by more than chance on the same pictures (McNemar, 1947, Psychometrika 12).
///
/// Only pictures that one of them gets right and the other does not count; if both were equally good, each of these would
/// be as likely to go to either. With fewer than 25 of them the probability is that of the binomial distribution (exact,
/// two-sided), otherwise that of chi-square with one degree of freedom, corrected for continuity (Edwards, 1948,
/// Psychometrika 13): (|b - c| - 1)^2 / (b + c).
public struct McNemarTest: Hashable, Sendable, Codable {
  /// How the probability was computed.
  public enum Method: String, Hashable, Sendable, Codable {
    /// By the binomial distribution.
    case exact = "exact binomial"
    /// By chi-square with a correction for continuity.
    case chiSquare = "chi-square with continuity correction"
  }

  /// Fewer differing pictures than this are judged exactly.
  public static let exactBelow = 25

  /// Pictures that only the first model gets right.
  public let onlyFirst: Int
  /// Pictures that only the second model gets right.
  public let onlySecond: Int
  /// How the probability was computed.
  public let method: Method
  /// The value of chi-square; nil for an exact test.
  public let statistic: Double?
  /// How likely so large a difference would be if both were equally good, from 0 to 1.
  public let pValue: Double

  /// Tests counts.
  ///
  /// - Precondition: no count is negative.
  public init(onlyFirst: Int, onlySecond: Int) {
    precondition(onlyFirst >= 0 && onlySecond >= 0, "counts are negative: \(onlyFirst), \(onlySecond)")
    self.onlyFirst = onlyFirst
    self.onlySecond = onlySecond
    let count = onlyFirst + onlySecond
    if count < Self.exactBelow {
      method = .exact
      statistic = nil
      var term = pow(0.5, Double(count))
      var tail = term
      for k in 0..<min(onlyFirst, onlySecond) {
        term *= Double(count - k) / Double(k + 1)
        tail += term
      }
      pValue = min(1, 2 * tail)
    } else {
      method = .chiSquare
      let excess = max(Double(abs(onlyFirst - onlySecond)) - 1, 0)
      let value = excess * excess / Double(count)
      statistic = value
      // The tail of chi-square with one degree of freedom is that of the normal distribution on both sides.
      pValue = erfc((value / 2).squareRoot())
    }
  }
}
