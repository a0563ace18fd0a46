internal import GraftSupport

extension Tensor {
  /// An array in which every element is `value`.
  public init(repeating value: Float, shape: Shape) {
    self.init(shape: shape, scalars: [Float](repeating: value, count: shape.count))
  }

  /// An array whose elements are written by `body`; all are zero before.
  public init(shape: Shape, initializedWith body: (UnsafeMutableBufferPointer<Float>) throws -> Void) rethrows
  {
    self.init(repeating: 0, shape: shape)
    try withUnsafeMutableScalars(body)
  }

  /// Uniform random elements in `range`, the same for the same seed and stream.
  public init(
    uniform range: ClosedRange<Float>, shape: Shape, seed: UInt64, stream: String = ""
  ) {
    var generator = SeededGenerator(seed: seed, stream: stream)
    let width = Double(range.upperBound) - Double(range.lowerBound)
    self.init(
      shape: shape,
      scalars: (0..<shape.count).map { _ in
        Float(Double(range.lowerBound) + width * generator.unit())
      })
  }

  /// Normally distributed random elements with mean 0, the same for the same seed and stream.
  public init(normalWithDeviation deviation: Float, shape: Shape, seed: UInt64, stream: String = "") {
    var generator = SeededGenerator(seed: seed, stream: stream)
    self.init(
      shape: shape, scalars: (0..<shape.count).map { _ in Float(Double(deviation) * generator.normal()) })
  }
}
