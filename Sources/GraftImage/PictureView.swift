public import GraftData

/// Where places of a photo lie in what a network is shown of it: both in shares of the sides, from the upper left
/// corner. x' = `xx` x + `xy` y + `x0`, y' = `yx` x + `yy` y + `y0`.
public struct PictureView: Sendable, Hashable {
  var xx = 1.0
  var xy = 0.0
  var x0 = 0.0
  var yx = 0.0
  var yy = 1.0
  var y0 = 0.0

  /// The whole photo.
  public static let whole = PictureView()

  /// The view that shows a part of a photo, whose edges are given in pixels.
  ///
  /// - Parameters:
  ///   - width: pixels in a row of the photo.
  ///   - height: its rows.
  init(left: Double, top: Double, right: Double, bottom: Double, width: Int, height: Int) {
    xx = Double(width) / (right - left)
    x0 = -left / (right - left)
    yy = Double(height) / (bottom - top)
    y0 = -top / (bottom - top)
  }

  private init() {}

  /// Where a box of the photo lies in the view.
  ///
  /// Where the view is turned or slanted, the box around the ellipse that fills the given one: of most objects closer
  /// to the truth than the box around its turned corners (Kalra et al., 2021, arXiv 2109.13488). Mirrored, moved and
  /// cut boxes are exact. Parts of the box may lie outside the view.
  public func callAsFunction(_ box: Box) -> Box {
    func extent(_ x: Double, _ y: Double) -> Double {
      // Exact where one of the two is nothing; a side that a network says is negative stays so.
      if y == 0 { return abs(x) * box.width }
      if x == 0 { return abs(y) * box.height }
      return (x * x * box.width * box.width + y * y * box.height * box.height).squareRoot()
    }
    return Box(
      centerX: xx * box.centerX + xy * box.centerY + x0, centerY: yx * box.centerX + yy * box.centerY + y0,
      width: extent(xx, xy), height: extent(yx, yy))
  }

  /// From places in the view to places of the photo.
  ///
  /// - Precondition: the view is one: it does not squeeze the photo into a line.
  public var inverse: PictureView {
    let determinant = xx * yy - xy * yx
    precondition(determinant != 0, "a view without width or height shows nothing")
    var inverse = PictureView()
    (inverse.xx, inverse.xy) = (yy / determinant, -xy / determinant)
    (inverse.yx, inverse.yy) = (-yx / determinant, xx / determinant)
    inverse.x0 = -(inverse.xx * x0 + inverse.xy * y0)
    inverse.y0 = -(inverse.yx * x0 + inverse.yy * y0)
    return inverse
  }

  /// This view with its shape changed.
  ///
  /// - Parameters:
  ///   - map: for each place in the new picture, where its pixel comes from.
  ///   - size: the picture's side in pixels.
  func shaped(by map: AffineMap, size: Int) -> PictureView {
    guard map != .identity else { return self }
    let side = Double(size)
    // Shares of the side counted from the middle are the map's pixels over the side.
    var change = PictureView()
    (change.xx, change.xy, change.yx, change.yy) = (map.xx, map.xy, map.yx, map.yy)
    change.x0 = map.x0 / side + 0.5 - (map.xx + map.xy) / 2
    change.y0 = map.y0 / side + 0.5 - (map.yx + map.yy) / 2
    return change.inverse.after(self)
  }

  /// Another view first, then this one.
  private func after(_ first: PictureView) -> PictureView {
    var both = PictureView()
    (both.xx, both.xy) = (xx * first.xx + xy * first.yx, xx * first.xy + xy * first.yy)
    (both.yx, both.yy) = (yx * first.xx + yy * first.yx, yx * first.xy + yy * first.yy)
    both.x0 = xx * first.x0 + xy * first.y0 + x0
    both.y0 = yx * first.x0 + yy * first.y0 + y0
    return both
  }
}

extension Preprocessing {
  /// What a network of `size` x `size` pixels is shown of a photo.
  ///
  /// - Parameters:
  ///   - width: pixels in a row of the photo, upright and in full size.
  ///   - height: its rows.
  public func view(width: Int, height: Int, size: Int) -> PictureView {
    switch resize {
    case .keras, .nearest, .squeeze: return .whole
    case .antialias:
      let (newWidth, newHeight) = sides(width: width, height: height, size: size)
      return PictureView(
        part: Image.centered(size, in: newWidth), of: newWidth, Image.centered(size, in: newHeight),
        of: newHeight)
    case .crop:
      let (left, top) = ((width - size) >> 1, (height - size) >> 1)
      return PictureView(part: left..<left + size, of: width, top..<top + size, of: height)
    }
  }

  /// What a network is shown of a changed photo, as `input(from:size:augmentation:draw:)` makes it.
  public func view(
    width: Int, height: Int, size: Int, augmentation: Augmentation, draw: AugmentationDraw
  ) -> PictureView {
    let geometry = augmentation.geometry(width: width, height: height, size: size, draw: draw)
    let framed =
      switch geometry.frame {
      case nil: view(width: width, height: height, size: size)
      case .box(let box): PictureView(part: box.columns, of: width, box.rows, of: height)
      case .jitter(let jitter):
        PictureView(part: jitter.columns, of: jitter.width, jitter.rows, of: jitter.height)
      }
    return framed.shaped(by: geometry.shape, size: size)
  }
}

extension PictureView {
  /// The view that shows some columns and rows.
  fileprivate init(part columns: Range<Int>, of width: Int, _ rows: Range<Int>, of height: Int) {
    self.init(
      left: Double(columns.lowerBound), top: Double(rows.lowerBound), right: Double(columns.upperBound),
      bottom: Double(rows.upperBound), width: width, height: height)
  }
}
