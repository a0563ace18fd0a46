import GraftSupport
import GraftTensor

/// Rows around a centre for each class, from a seed.
struct Drawn {
  let features: Tensor
  let classIndices: [Int]

  init(features: Tensor, classIndices: [Int]) {
    self.features = features
    self.classIndices = classIndices
  }

  /// `spread` is the deviation of rows around their centre; the centres' own is 1.
  init(rows: Int, width: Int, classes: Int, spread: Double, seed: UInt64) {
    var generator = SeededGenerator(seed: seed, stream: "drawn")
    let centres = (0..<classes * width).map { _ in generator.normal() }
    let classIndices = (0..<rows).map { $0 % classes }
    features = Tensor(
      shape: [rows, width],
      scalars: classIndices.flatMap { label in
        (0..<width).map { Float(centres[label * width + $0] + spread * generator.normal()) }
      })
    self.classIndices = classIndices
  }

  /// Some of the rows.
  func rows(_ rows: [Int]) -> (features: Tensor, classIndices: [Int]) {
    let width = features.shape[1]
    return (
      Tensor(
        shape: [rows.count, width],
        scalars: rows.flatMap { Array(features.scalars[$0 * width..<($0 + 1) * width]) }),
      rows.map { classIndices[$0] }
    )
  }
}
