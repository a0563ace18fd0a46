internal import GraftSupport

/// The principal components of the colours in ImageNet's training photos, for values in 0...1: the numbers of
/// facebookarchive/fb.resnet.torch, datasets/imagenet.lua.
enum PrincipalColors {
  /// Standard deviations along the components.
  static let scales = [0.2175, 0.0188, 0.0045]
  /// The components as columns; rows are red, green, blue.
  static let directions = [
    [-0.5675, 0.7192, 0.4009],
    [-0.5808, -0.0045, -0.8140],
    [-0.5836, -0.6948, 0.4203],
  ]

  /// A random colour in grey levels: the sum over components of direction x scale x a normal number.
  static func shift(
    deviation: Double, _ generator: inout SeededGenerator
  ) -> (red: Double, green: Double, blue: Double) {
    let amounts = scales.map { $0 * deviation * generator.normal() * 255 }
    let sums = directions.map { zip($0, amounts).reduce(0) { $0 + $1.0 * $1.1 } }
    return (sums[0], sums[1], sums[2])
  }
}
