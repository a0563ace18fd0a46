internal import GraftTensor

/// Copies an array's channels into some of another's: one input of a concatenation.
struct ChannelCopyStep: Step {
  private let channels: Int
  private let stride: Int
  private let first: Int
  private let pixels: Shares

  /// Copies all channels of `input` to those from `first` on of an array of `channels` channels.
  init(from input: Shape, to first: Int, of channels: Int) {
    self.channels = input.channels
    self.first = first
    stride = channels
    pixels = Shares(of: input.count / input.channels, atLeast: elementsPerShare / input.channels)
  }

  var shares: Int { pixels.count }

  var kind: String { "concatenation" }

  var operations: Double { Double(pixels.total * channels) }

  var mayOverwrite: (x: Bool, second: Bool) { (false, false) }

  func run(_ share: Int, _ o: Operands) {
    for pixel in pixels[share] {
      (o.y + pixel * stride + first).update(from: o.x + pixel * channels, count: channels)
    }
  }
}
