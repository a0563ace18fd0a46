/// How the camera was held: which turn or reflection makes the stored pixels stand upright.
///
/// The raw values are those of the EXIF tag 0x0112 (CIPA DC-008, section 4.6.4).
public enum Orientation: Int, Sendable, Hashable, CaseIterable {
  /// Upright as stored.
  case upright = 1
  /// Left and right exchanged.
  case mirrored = 2
  /// Upside down.
  case rotated180 = 3
  /// Top and bottom exchanged.
  case flipped = 4
  /// Rows and columns exchanged.
  case transposed = 5
  /// To be turned clockwise by a quarter.
  case rotated90 = 6
  /// Rows and columns exchanged along the other diagonal.
  case transversed = 7
  /// To be turned anticlockwise by a quarter.
  case rotated270 = 8

  /// Whether width and height change places.
  public var exchangesSides: Bool { rawValue >= 5 }
}

extension Image {
  /// Returns the picture upright, given how it was stored.
  public func oriented(_ orientation: Orientation) -> Image {
    // A pixel of the result stands at origin + x * right + y * down in this picture.
    let right: Int
    let down: Int
    let origin: Int
    let lastColumn = width - 1
    let lastRow = (height - 1) * width
    switch orientation {
    case .upright: return self
    case .mirrored: (origin, right, down) = (lastColumn, -1, width)
    case .rotated180: (origin, right, down) = (lastRow + lastColumn, -1, -width)
    case .flipped: (origin, right, down) = (lastRow, 1, -width)
    case .transposed: (origin, right, down) = (0, width, 1)
    case .rotated90: (origin, right, down) = (lastRow, -width, 1)
    case .transversed: (origin, right, down) = (lastRow + lastColumn, -width, -1)
    case .rotated270: (origin, right, down) = (lastColumn, width, -1)
    }
    let newWidth = orientation.exchangesSides ? height : width
    let newHeight = orientation.exchangesSides ? width : height
    return Image(width: newWidth, height: newHeight) { target in
      pixels.withUnsafeBufferPointer { source in
        guard let source = source.baseAddress, var next = target.baseAddress else { return }
        for y in 0..<newHeight {
          var from = (origin + y * down) * 3
          for _ in 0..<newWidth {
            next[0] = source[from]
            next[1] = source[from + 1]
            next[2] = source[from + 2]
            next += 3
            from += right * 3
          }
        }
      }
    }
  }
}
