internal import Foundation
internal import GraftSupport

/// For each place in a new picture, where its pixel comes from: both counted in pixels from the pictures' centres, x
/// to the right and y down.
///
/// from x = `xx` x + `xy` y + `x0`, from y = `yx` x + `yy` y + `y0`.
package struct AffineMap: Sendable, Hashable {
  package var xx = 1.0
  package var xy = 0.0
  package var x0 = 0.0
  package var yx = 0.0
  package var yy = 1.0
  package var y0 = 0.0

  package static let identity = AffineMap()

  package init(
    xx: Double = 1, xy: Double = 0, x0: Double = 0, yx: Double = 0, yy: Double = 1, y0: Double = 0
  ) {
    (self.xx, self.xy, self.x0) = (xx, xy, x0)
    (self.yx, self.yy, self.y0) = (yx, yy, y0)
  }

  /// This change of a picture followed by another: the place goes through the later one first.
  package func then(_ next: AffineMap) -> AffineMap {
    AffineMap(
      xx: xx * next.xx + xy * next.yx, xy: xx * next.xy + xy * next.yy, x0: xx * next.x0 + xy * next.y0 + x0,
      yx: yx * next.xx + yy * next.yx, yy: yx * next.xy + yy * next.yy, y0: yx * next.x0 + yy * next.y0 + y0)
  }

  /// A random change of shape.
  ///
  /// - Parameters:
  ///   - bound: the number of the kind: a probability, degrees, or a share of `size`.
  ///   - size: the side of the picture.
  static func drawn(
    _ kind: Augmentation.Kind, _ bound: Double, size: Int, _ generator: inout SeededGenerator
  ) -> AffineMap {
    switch kind {
    case .flip:
      return generator.unit() < bound ? AffineMap(xx: -1) : .identity
    case .verticalFlip:
      return generator.unit() < bound ? AffineMap(yy: -1) : .identity
    case .rotation:
      let angle = generator.symmetric(bound) * .pi / 180
      return AffineMap(xx: cos(angle), xy: -sin(angle), yx: sin(angle), yy: cos(angle))
    case .translation:
      let x = (generator.symmetric(bound) * Double(size)).rounded()
      let y = (generator.symmetric(bound) * Double(size)).rounded()
      return AffineMap(x0: x, y0: y)
    case .shear:
      return AffineMap(xy: tan(generator.symmetric(bound) * .pi / 180))
    default:
      return .identity
    }
  }
}

extension Image {
  /// Returns a picture of the same size whose pixels come from where the map says, interpolated between the four
  /// neighbours of that place. Beyond the edge the picture goes on as its mirror image (d c b a | a b c d | d c b a),
  /// which is the `reflect` of Keras' preprocessing layers.
  package func mapped(by map: AffineMap) -> Image {
    if map == .identity { return self }
    if map == AffineMap(xx: -1) { return oriented(.mirrored) }
    let (centerX, centerY) = (Double(width) / 2, Double(height) / 2)
    return Image(width: width, height: height) { target in
      pixels.withUnsafeBufferPointer { pixels in
        guard let source = pixels.baseAddress, var next = target.baseAddress else { return }
        for row in 0..<height {
          let y = Double(row) + 0.5 - centerY
          for column in 0..<width {
            let x = Double(column) + 0.5 - centerX
            let fromX = map.xx * x + map.xy * y + map.x0 + centerX - 0.5
            let fromY = map.yx * x + map.yy * y + map.y0 + centerY - 0.5
            let (left, top) = (fromX.rounded(.down), fromY.rounded(.down))
            let (shareX, shareY) = (Float(fromX - left), Float(fromY - top))
            let (column0, row0) = (reflected(Int(left), width), reflected(Int(top), height))
            let (column1, row1) = (reflected(Int(left) + 1, width), reflected(Int(top) + 1, height))
            let topLeft = source + (row0 * width + column0) * 3
            let topRight = source + (row0 * width + column1) * 3
            let bottomLeft = source + (row1 * width + column0) * 3
            let bottomRight = source + (row1 * width + column1) * 3
            for channel in 0..<3 {
              let above =
                Float(topLeft[channel]) + (Float(topRight[channel]) - Float(topLeft[channel])) * shareX
              let below =
                Float(bottomLeft[channel])
                + (Float(bottomRight[channel]) - Float(bottomLeft[channel])) * shareX
              // Between the bytes it is made of, so it is one itself.
              next[channel] = UInt8(above + (below - above) * shareY + 0.5)
            }
            next += 3
          }
        }
      }
    }
  }
}

/// A position beyond the edge as the one inside that its mirror image shows.
@inline(__always)
private func reflected(_ position: Int, _ count: Int) -> Int {
  if position >= 0 && position < count { return position }
  let period = 2 * count
  let rest = ((position % period) + period) % period
  return rest < count ? rest : period - 1 - rest
}
