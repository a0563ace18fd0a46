/// The lengths of an array's axes, outermost first.
///
/// Feature maps are height x width x channels, without a batch axis unless a function says so; kernels are
/// in Keras's layouts.
public struct Shape: Hashable, Sendable, Codable, ExpressibleByArrayLiteral {
  /// The length of each axis; empty for a single number.
  public let dimensions: [Int]

  /// A shape with the given axis lengths.
  ///
  /// - Precondition: no length is negative.
  public init(_ dimensions: [Int]) {
    precondition(dimensions.allSatisfy { $0 >= 0 }, "axis lengths cannot be negative: \(dimensions)")
    self.dimensions = dimensions
  }

  /// A shape with the given axis lengths.
  public init(arrayLiteral dimensions: Int...) { self.init(dimensions) }

  /// Reads the axis lengths, refusing negative ones.
  public init(from decoder: any Decoder) throws {
    let dimensions = try decoder.singleValueContainer().decode([Int].self)
    guard dimensions.allSatisfy({ $0 >= 0 }) else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "negative axis length in \(dimensions)"))
    }
    self.dimensions = dimensions
  }

  /// Writes the axis lengths as a plain list.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(dimensions)
  }

  /// The number of axes.
  public var rank: Int { dimensions.count }

  /// The number of elements: the product of all lengths, 1 for a single number.
  public var count: Int { dimensions.reduce(1, *) }

  /// The length of one axis.
  public subscript(axis: Int) -> Int { dimensions[axis] }

  /// The length of the innermost axis: the channels of a feature map; 1 for a single number.
  public var channels: Int { dimensions.last ?? 1 }
}

extension Shape: CustomStringConvertible {
  /// The lengths joined by a multiplication sign, for example "7×7×512".
  public var description: String {
    dimensions.isEmpty ? "scalar" : dimensions.map(String.init).joined(separator: "×")
  }
}
