internal import GraftTensor

/// One scale and offset a channel: a batch normalization that could not be folded, or channel weights that the
/// network computes, which are then the second input.
struct AffineStep: Step {
  private let kernels: KernelTable
  private let constants: (scale: AlignedBuffer, offset: AlignedBuffer)?
  private let activation: KernelActivation
  private let channels: Int
  private let pixels: Shares

  /// A step with constant factors and terms, or, without any, with factors from the second input.
  init(
    _ constants: (scale: [Double], offset: [Double])?, over shape: Shape, _ activation: KernelActivation,
    _ kernels: KernelTable
  ) throws {
    self.kernels = kernels
    self.activation = activation
    channels = shape.channels
    pixels = Shares(of: shape.count / channels, atLeast: elementsPerShare / channels)
    self.constants = try constants.map { (try Self.rounded($0.scale), try Self.rounded($0.offset)) }
  }

  private static func rounded(_ values: [Double]) throws -> AlignedBuffer {
    let buffer = try AlignedBuffer(count: values.count, for: "scales and offsets")
    for (index, value) in values.enumerated() { buffer.base[index] = Float(value) }
    return buffer
  }

  var shares: Int { pixels.count }

  var kind: String { "scale and offset" }

  var operations: Double { 2 * Double(pixels.total * channels) }

  var mayOverwrite: (x: Bool, second: Bool) { (true, false) }

  func run(_ share: Int, _ o: Operands) {
    let first = pixels[share].lowerBound * channels
    kernels.affine(
      pixels: pixels[share].count, channels: channels, o.x + first, stride: channels,
      scale: constants.map { UnsafePointer($0.scale.base) } ?? o.second,
      offset: constants.map { UnsafePointer($0.offset.base) }, into: o.y + first, stride: channels, activation
    )
  }
}
