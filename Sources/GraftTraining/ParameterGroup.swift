/// A run of weights that an optimizer treats alike.
public struct ParameterGroup: Hashable, Sendable {
  /// Their place in the vector of weights.
  public var range: Range<Int>
  /// What the learning rate is multiplied by; at 0 neither they nor what is remembered of them change by a bit.
  public var rateFactor: Double
  /// Whether weight decay and penalties hold for them.
  public var isDecayed: Bool

  /// A run of weights.
  public init(range: Range<Int>, rateFactor: Double = 1, isDecayed: Bool = true) {
    self.range = range
    self.rateFactor = rateFactor
    self.isDecayed = isDecayed
  }
}
