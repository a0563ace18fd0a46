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

  /// The middle `count` positions out of `total`: the first is (`total` - `count`) / 2, halves rounded to the
  /// even neighbour, which is torchvision's `CenterCrop` (`int(round((total - count) / 2.0))`).
  static func centered(_ count: Int, in total: Int) -> Range<Int> {
    let margin = total - count
    let first = margin % 4 == 3 ? margin / 2 + 1 : margin / 2
    return first..<(first + count)
  }
}
