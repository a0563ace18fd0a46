/// A picture in memory: RGB, 8 bits a channel, rows from the top, pixels from the left.
public struct Image: Sendable, Hashable {
  /// Pixels in a row, at least 1.
  public let width: Int
  /// Rows, at least 1.
  public let height: Int
  /// `height` x `width` x 3 values, 0...255, in the order R, G, B.
  public let pixels: [UInt8]
  /// Where the picture was decoded at a smaller size: the size of which it covers the part from the upper left.
  package internal(set) var extent: Extent?

  /// How much a picture covers, in its own pixels: its last row and column may stand for less than the others.
  package struct Extent: Sendable, Hashable {
    /// Pixels in a row and rows of the picture in the file.
    package var fullWidth: Int
    package var fullHeight: Int
    /// How many of them one pixel stands for, each way.
    package var divisor: Int
  }

  /// Wraps pixels that are already in memory.
  ///
  /// - Precondition: both sides are at least 1 and `pixels` holds `height` x `width` x 3 values.
  public init(width: Int, height: Int, pixels: [UInt8]) {
    precondition(width >= 1 && height >= 1, "a picture of \(width) x \(height) pixels has no pixels")
    let (area, overflow) = width.multipliedReportingOverflow(by: height)
    precondition(
      !overflow && area <= Int.max / 3 && pixels.count == area * 3,
      "a picture of \(width) x \(height) pixels needs 3 values a pixel; there are \(pixels.count) values")
    self.width = width
    self.height = height
    self.pixels = pixels
  }
}

extension Image: CustomStringConvertible {
  /// The size in words; the pixels are left out.
  public var description: String { "Image(\(width) x \(height))" }
}

extension Image {
  /// Makes a picture by writing its bytes in place; `write` must set every one of them.
  package init(
    width: Int, height: Int, writing write: (UnsafeMutableBufferPointer<UInt8>) throws -> Void
  ) rethrows {
    let count = width * height * 3
    let pixels = try [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      try write(UnsafeMutableBufferPointer(rebasing: buffer[0..<count]))
      initialized = count
    }
    self.init(width: width, height: height, pixels: pixels)
  }
}
