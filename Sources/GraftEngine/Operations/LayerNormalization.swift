internal import GraftTensor

/// Rows minus their means over their deviations, times a gamma plus a beta a channel.
struct LayerNormalizationStep: Step {
  private let kernels: KernelTable
  private let gamma: AlignedBuffer?
  private let beta: AlignedBuffer?
  private let epsilon: Float
  private let channels: Int
  private let pixels: Shares

  init(
    gamma: [Float]?, beta: [Float]?, epsilon: Float, over shape: Shape, _ kernels: KernelTable
  ) throws {
    self.kernels = kernels
    self.epsilon = epsilon
    channels = shape.channels
    pixels = Shares(of: shape.count / channels, atLeast: elementsPerShare / channels)
    func copied(_ values: [Float]) throws -> AlignedBuffer {
      let buffer = try AlignedBuffer(count: values.count, for: "scales and offsets")
      for (index, value) in values.enumerated() { buffer.base[index] = value }
      return buffer
    }
    self.gamma = try gamma.map(copied)
    self.beta = try beta.map(copied)
  }

  var shares: Int { pixels.count }

  var kind: String { "layer normalization" }

  var operations: Double { 6 * Double(pixels.total * channels) }

  var mayOverwrite: (x: Bool, second: Bool) { (true, false) }

  func run(_ share: Int, _ o: Operands) {
    let first = pixels[share].lowerBound * channels
    kernels.layerNormalize(
      rows: pixels[share].count, columns: channels, o.x + first, gamma: gamma.map { UnsafePointer($0.base) },
      beta: beta.map { UnsafePointer($0.base) }, epsilon: epsilon, into: o.y + first)
  }
}
