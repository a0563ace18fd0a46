/// A rectangle in a picture, in shares of the picture's width and height: (0, 0) is the upper left corner, (1, 1) the
/// lower right one. The picture is upright, as its EXIF orientation says.
public struct Box: Sendable, Hashable {
  /// Where the middle is, from the left, in shares of the picture's width.
  public var centerX: Double
  /// Where the middle is, from the top, in shares of the picture's height.
  public var centerY: Double
  /// In shares of the picture's width.
  public var width: Double
  /// In shares of the picture's height.
  public var height: Double

  /// A box by its middle and its sides.
  public init(centerX: Double, centerY: Double, width: Double, height: Double) {
    self.centerX = centerX
    self.centerY = centerY
    self.width = width
    self.height = height
  }

  /// A box by its edges.
  public init(left: Double, top: Double, right: Double, bottom: Double) {
    self.init(
      centerX: (left + right) / 2, centerY: (top + bottom) / 2, width: right - left, height: bottom - top)
  }

  /// The left edge.
  public var left: Double { centerX - width / 2 }
  /// The upper edge.
  public var top: Double { centerY - height / 2 }
  /// The right edge.
  public var right: Double { centerX + width / 2 }
  /// The lower edge.
  public var bottom: Double { centerY + height / 2 }
  /// The area, 0 for sides that are not positive.
  public var area: Double { max(width, 0) * max(height, 0) }

  /// The four numbers in the order of `coordinateNames`.
  public var coordinates: [Double] { [centerX, centerY, width, height] }

  /// What the coordinates are called in tables, predictions and models.
  public static let coordinateNames = ["b_x", "b_y", "b_w", "b_h"]

  /// A box of four numbers in the order of `coordinateNames`.
  ///
  /// - Precondition: there are four.
  public init(_ coordinates: some Collection<Float>) {
    precondition(coordinates.count == 4, "a box has 4 coordinates, not \(coordinates.count)")
    let values = coordinates.map { Double($0) }
    self.init(centerX: values[0], centerY: values[1], width: values[2], height: values[3])
  }

  /// The part of the box that lies in the picture; its sides are 0 where there is none.
  public var clipped: Box {
    func inside(_ value: Double) -> Double { min(max(value, 0), 1) }
    return Box(left: inside(left), top: inside(top), right: inside(right), bottom: inside(bottom))
  }

  /// The area that two boxes share over the area that they cover together, from 0 to 1: the Jaccard index, as the PASCAL
  /// VOC challenge judges boxes. 0 where both are empty or a coordinate is not a number.
  public func intersectionOverUnion(_ other: Box) -> Double {
    guard (coordinates + other.coordinates).allSatisfy(\.isFinite) else { return 0 }
    let overlap = Box(
      left: max(left, other.left), top: max(top, other.top), right: min(right, other.right),
      bottom: min(bottom, other.bottom)
    ).area
    let union = area + other.area - overlap
    return union > 0 ? overlap / union : 0
  }
}

extension Box: Codable {
  private enum CodingKeys: String, CodingKey {
    case centerX = "b_x"
    case centerY = "b_y"
    case width = "b_w"
    case height = "b_h"
  }
}
