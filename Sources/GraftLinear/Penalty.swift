/// A penalty on weights W: l1 ||W||_1 + l2/2 ||W||^2.
struct Penalty: Hashable, Sendable {
  var l1 = 0.0
  var l2 = 0.0

  /// How strong it is, to sort by.
  var strength: Double { l1 + l2 }
}

/// The strength of a penalty: given, or to be found.
public enum PenaltyStrength: Hashable, Sendable, ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral {
  /// A factor of 0 or more.
  case fixed(Double)
  /// Chosen by cross-validation on the training rows.
  case auto

  /// A fixed strength.
  public init(floatLiteral value: Double) { self = .fixed(value) }

  /// A fixed strength.
  public init(integerLiteral value: Int) { self = .fixed(Double(value)) }

  /// The factor, where it is given.
  var value: Double? {
    if case .fixed(let value) = self { value } else { nil }
  }

  func check() throws {
    if let value, !(value >= 0 && value.isFinite) {
      throw LinearError(
        .invalidOption, "the strength of the penalty must be a number from 0 up; it is \(value)")
    }
  }
}
