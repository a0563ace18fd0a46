internal import GraftGraph
internal import GraftTensor

/// Numbers of channels under a width multiplier.
enum Width {
  /// The multiple of 8 nearest to `width`, at least 8, and not below it by more than a tenth. From
  /// tensorflow/models, research/slim/nets/mobilenet.
  static func divisible(_ width: Double) -> Int {
    let rounded = max(8, Int(width + 4) / 8 * 8)
    return Double(rounded) < 0.9 * width ? rounded + 8 : rounded
  }
}

extension EdgeInsets {
  /// The zeros that Keras puts around a picture of shape height x width x channels before a convolution of
  /// stride 2 (`correct_pad`): half the kernel on each side, one less above and on the left of even lengths.
  static func beforeStride(_ kernel: Int, over shape: Shape) -> EdgeInsets {
    let half = kernel / 2
    return EdgeInsets(
      top: half - (1 - shape[0] % 2), bottom: half, left: half - (1 - shape[1] % 2), right: half)
  }
}
