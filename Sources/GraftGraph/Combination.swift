package import GraftTensor

/// Arithmetic on the elements of several inputs, where these are of one shape or axes of length 1 are repeated.
public enum Combination: String, Hashable, Sendable, Codable, CaseIterable {
  /// The sum.
  case sum
  /// The first minus the second.
  case difference
  /// The product.
  case product
  /// The first over the second.
  case quotient
  /// The largest.
  case maximum
  /// The smallest.
  case minimum
  /// The mean.
  case average
}

extension Combination {
  /// Whether there must be two inputs.
  var isBinary: Bool { self == .difference || self == .quotient }

  /// The shape that axes of length 1, repeated, give; nil where the shapes do not fit.
  package static func shape(of inputs: [Shape]) -> Shape? {
    guard let first = inputs.first, inputs.allSatisfy({ $0.rank == first.rank }) else { return nil }
    var lengths = first.dimensions
    for input in inputs.dropFirst() {
      for (axis, length) in input.dimensions.enumerated() where length != lengths[axis] {
        guard length == 1 || lengths[axis] == 1 else { return nil }
        lengths[axis] = max(length, lengths[axis])
      }
    }
    return Shape(lengths)
  }
}
