extension Image {
  /// Returns the part of the picture with these columns and rows.
  ///
  /// - Precondition: both ranges lie inside the picture and are not empty.
  public func cropped(columns: Range<Int>, rows: Range<Int>) -> Image {
    precondition(
      columns.lowerBound >= 0 && columns.upperBound <= width && !columns.isEmpty
        && rows.lowerBound >= 0 && rows.upperBound <= height && !rows.isEmpty,
      "columns \(columns) and rows \(rows) do not lie in \(width) x \(height) pixels")
    return Image(width: columns.count, height: rows.count) { target in
      pixels.withUnsafeBufferPointer { source in
        let length = columns.count * 3
        for (index, row) in rows.enumerated() {
          let from = (row * width + columns.lowerBound) * 3
          for value in 0..<length { target[index * length + value] = source[from + value] }
        }
      }
    }
  }

  /// Returns the centre of the picture; where the margins cannot be equal, by torchvision's rule
  /// (`Image.centered`).
  ///
  /// - Precondition: the picture has at least that many columns and rows.
  public func cropped(toCenter width: Int, _ height: Int) -> Image {
    cropped(
      columns: Self.centered(width, in: self.width), rows: Self.centered(height, in: self.height))
  }

  /// Returns the centre `size` x `size` pixels, with black around a picture that is smaller. The first column is
  /// (width - `size`) / 2 and the first row (height - `size`) / 2, both rounded down: Pillow's `crop` at these.
  ///
  /// - Precondition: `size` is at least 1.
  public func centerCropped(size: Int) -> Image {
    // An arithmetic shift rounds down for negative numbers too.
    let (top, left) = ((height - size) >> 1, (width - size) >> 1)
    let rows = max(top, 0)..<min(top + size, height)
    let columns = max(left, 0)..<min(left + size, width)
    let part = cropped(columns: columns, rows: rows)
    guard part.width < size || part.height < size else { return part }
    var pixels = [UInt8](repeating: 0, count: size * size * 3)
    for row in 0..<part.height {
      let from = row * part.width * 3
      let to = ((rows.lowerBound - top + row) * size + columns.lowerBound - left) * 3
      pixels.replaceSubrange(to..<to + part.width * 3, with: part.pixels[from..<from + part.width * 3])
    }
    return Image(width: size, height: size, pixels: pixels)
  }

  /// The middle `count` positions out of `total`: the first is (`total` - `count`) / 2, halves rounded to the
  /// even neighbour, which is torchvision's `CenterCrop` (`int(round((total - count) / 2.0))`).
  static func centered(_ count: Int, in total: Int) -> Range<Int> {
    let margin = total - count
    let first = margin % 4 == 3 ? margin / 2 + 1 : margin / 2
    return first..<(first + count)
  }
}
