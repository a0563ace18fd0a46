internal import Foundation
internal import GraftSupport

/// A part of a picture.
package struct CropBox: Sendable, Hashable {
  package var columns: Range<Int>
  package var rows: Range<Int>

  package init(columns: Range<Int>, rows: Range<Int>) {
    self.columns = columns
    self.rows = rows
  }

  /// A box of a random area, aspect and place, by torchvision's `RandomResizedCrop.get_params`.
  static func random(
    width: Int, height: Int, scale: ClosedRange<Double>, aspect: ClosedRange<Double>,
    _ generator: inout SeededGenerator
  ) -> CropBox {
    let area = Double(width) * Double(height)
    for _ in 0..<10 {
      let wanted = area * generator.uniform(scale.lowerBound, scale.upperBound)
      let ratio = exp(generator.uniform(log(aspect.lowerBound), log(aspect.upperBound)))
      let w = Int((wanted * ratio).squareRoot().rounded(.toNearestOrEven))
      let h = Int((wanted / ratio).squareRoot().rounded(.toNearestOrEven))
      guard w > 0, w <= width, h > 0, h <= height else { continue }
      let top = generator.below(height - h + 1)
      let left = generator.below(width - w + 1)
      return CropBox(columns: left..<left + w, rows: top..<top + h)
    }
    // No box fits: the largest of an allowed aspect, from the centre.
    let own = Double(width) / Double(height)
    let w =
      own > aspect.upperBound
      ? min(max(Int((Double(height) * aspect.upperBound).rounded()), 1), width) : width
    let h =
      own < aspect.lowerBound
      ? min(max(Int((Double(width) / aspect.lowerBound).rounded()), 1), height) : height
    let (left, top) = ((width - w) / 2, (height - h) / 2)
    return CropBox(columns: left..<left + w, rows: top..<top + h)
  }
}

/// A square of the network's size out of a picture that is resized for it.
package struct JitterBox: Sendable, Hashable {
  /// Pixels in a row of the resized picture, and its rows.
  package var width: Int
  package var height: Int
  /// The columns and rows of it that are taken.
  package var columns: Range<Int>
  package var rows: Range<Int>

  /// A random shorter side, and a random square.
  ///
  /// - Parameter shortSide: for a network of 224 x 224 pixels.
  static func random(
    width: Int, height: Int, size: Int, shortSide: ClosedRange<Double>, _ generator: inout SeededGenerator
  ) -> JitterBox {
    let lowest = Int(shortSide.lowerBound)
    let drawn = lowest + generator.below(Int(shortSide.upperBound) - lowest + 1)
    let side = max(size, Int((Double(drawn * size) / 224).rounded()))
    let shorter = min(width, height)
    let newWidth = width == shorter ? side : width * side / shorter
    let newHeight = height == shorter ? side : height * side / shorter
    let left = generator.below(newWidth - size + 1)
    let top = generator.below(newHeight - size + 1)
    return JitterBox(
      width: newWidth, height: newHeight, columns: left..<left + size, rows: top..<top + size)
  }
}
