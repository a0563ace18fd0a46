extension Image {
  /// Returns a part of the picture in another size, bilinear with antialias: the same bytes as `cropped` followed by
  /// `resized`, without the copy in between. No pixel outside the part has a say.
  ///
  /// - Precondition: the columns and rows, none of them empty, lie inside; both new sides are at least 1.
  public func resized(columns: Range<Int>, rows: Range<Int>, width newWidth: Int, height newHeight: Int)
    -> Image
  {
    precondition(
      columns.lowerBound >= 0 && columns.upperBound <= width && !columns.isEmpty
        && rows.lowerBound >= 0 && rows.upperBound <= height && !rows.isEmpty,
      "columns \(columns) and rows \(rows) do not lie in \(width) x \(height) pixels")
    precondition(
      newWidth >= 1 && newHeight >= 1, "a picture cannot be resized to \(newWidth) x \(newHeight) pixels")
    let horizontal = ResamplingWeights(input: columns.count, output: newWidth, range: 0..<newWidth)
    let vertical = ResamplingWeights(input: rows.count, output: newHeight, range: 0..<newHeight)
    let band = vertical.support
    let outputRow = newWidth * 3
    return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: band.count * outputRow) { squeezed in
      pixels.withUnsafeBufferPointer { source in
        let corner = (rows.lowerBound * width + columns.lowerBound) * 3
        horizontal.resampleRows(
          band, width: width, columns: columns.count, of: UnsafeBufferPointer(rebasing: source[corner...]),
          into: squeezed)
      }
      return Image(width: newWidth, height: newHeight) { target in
        vertical.resampleColumns(
          of: UnsafeBufferPointer(squeezed), rowLength: outputRow, firstRow: band.lowerBound, into: target)
      }
    }
  }
}
