/// A dense array of 32-bit floats in row-major order.
///
/// A value: copies share storage until one is changed.
public struct Tensor: Hashable, Sendable {
  /// The lengths of the axes.
  public let shape: Shape

  /// The elements, innermost axis fastest. Always `shape.count` of them.
  public private(set) var scalars: [Float]

  /// An array with the given elements.
  ///
  /// - Precondition: there are `shape.count` of them.
  public init(shape: Shape, scalars: [Float]) {
    precondition(
      scalars.count == shape.count, "\(scalars.count) elements do not fill a shape of \(shape)")
    self.shape = shape
    self.scalars = scalars
  }

  /// The number of elements.
  public var count: Int { scalars.count }

  /// Lets `body` change the elements in place.
  public mutating func withUnsafeMutableScalars<Result>(
    _ body: (UnsafeMutableBufferPointer<Float>) throws -> Result
  ) rethrows -> Result {
    try scalars.withUnsafeMutableBufferPointer { try body($0) }
  }

  /// Lets `body` read the elements in place.
  public func withUnsafeScalars<Result>(_ body: (UnsafeBufferPointer<Float>) throws -> Result) rethrows
    -> Result
  {
    try scalars.withUnsafeBufferPointer { try body($0) }
  }

  /// The same elements under another shape.
  ///
  /// - Precondition: the number of elements stays the same.
  public func reshaped(to shape: Shape) -> Tensor { Tensor(shape: shape, scalars: scalars) }
}
