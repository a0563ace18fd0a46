extension Image {
  /// How new pixels are made of old ones.
  public enum Filter: String, Sendable, Hashable, CaseIterable {
    /// A triangle over all pixels that the new one covers (over its two neighbours when enlarging): the
    /// algorithm and the bytes of Pillow's `BILINEAR`, up to version 12. Later ones exchange the two passes where a
    /// picture loses far more rows than columns, and then differ by at most one grey level.
    case bilinear
    /// The pixel under the new one's centre: Pillow's `NEAREST`.
    case nearest
  }

  /// Returns the picture in another size, as Pillow's `Image.resize` does.
  ///
  /// - Precondition: both sides are at least 1.
  public func resized(width newWidth: Int, height newHeight: Int, filter: Filter = .bilinear) -> Image {
    resized(
      width: newWidth, height: newHeight, filter: filter, columns: 0..<newWidth, rows: 0..<newHeight)
  }

  /// Returns a part of the picture in another size: the same bytes as `resized` followed by `cropped`, at the
  /// cost of the part alone.
  ///
  /// - Precondition: both sides are at least 1, and the columns and rows, none of them empty, lie inside.
  public func resized(
    width newWidth: Int, height newHeight: Int, filter: Filter = .bilinear, columns: Range<Int>,
    rows: Range<Int>
  ) -> Image {
    precondition(
      newWidth >= 1 && newHeight >= 1, "a picture cannot be resized to \(newWidth) x \(newHeight) pixels")
    precondition(
      columns.lowerBound >= 0 && columns.upperBound <= newWidth && !columns.isEmpty
        && rows.lowerBound >= 0 && rows.upperBound <= newHeight && !rows.isEmpty,
      "columns \(columns) and rows \(rows) do not lie in \(newWidth) x \(newHeight) pixels")
    switch filter {
    case .bilinear:
      return bilinear(width: newWidth, height: newHeight, columns: columns, rows: rows)
    case .nearest:
      return nearest(width: newWidth, height: newHeight, columns: columns, rows: rows)
    }
  }

  private func nearest(width newWidth: Int, height newHeight: Int, columns: Range<Int>, rows: Range<Int>)
    -> Image
  {
    let fromColumns = nearestPositions(input: width, output: newWidth, range: columns)
    let fromRows = nearestPositions(input: height, output: newHeight, range: rows)
    return Image(width: columns.count, height: rows.count) { target in
      pixels.withUnsafeBufferPointer { source in
        var next = 0
        for row in fromRows {
          for column in fromColumns {
            let from = (row * width + column) * 3
            target[next] = source[from]
            target[next + 1] = source[from + 1]
            target[next + 2] = source[from + 2]
            next += 3
          }
        }
      }
    }
  }

  private func bilinear(width newWidth: Int, height newHeight: Int, columns: Range<Int>, rows: Range<Int>)
    -> Image
  {
    let (across, down) = (
      extent.map { Double($0.fullWidth) / Double($0.divisor) },
      extent.map { Double($0.fullHeight) / Double($0.divisor) }
    )
    let vertical = ResamplingWeights(input: height, extent: down, output: newHeight, range: rows)
    let band = vertical.support
    let outputRow = columns.count * 3
    // The first pass covers only the rows that the second one reads.
    return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: band.count * outputRow) { squeezed in
      pixels.withUnsafeBufferPointer { source in
        if newWidth == width && extent == nil {
          for row in 0..<band.count {
            let from = ((band.lowerBound + row) * width + columns.lowerBound) * 3
            for value in 0..<outputRow { squeezed[row * outputRow + value] = source[from + value] }
          }
        } else {
          ResamplingWeights(input: width, extent: across, output: newWidth, range: columns)
            .resampleRows(band, width: width, columns: width, of: source, into: squeezed)
        }
      }
      return Image(width: columns.count, height: rows.count) { target in
        vertical.resampleColumns(
          of: UnsafeBufferPointer(squeezed), rowLength: outputRow, firstRow: band.lowerBound, into: target)
      }
    }
  }
}

/// Pillow's nearest positions: the centre of each output pixel, by repeated addition as Pillow's affine
/// transform makes them (`ImagingScaleAffine`).
private func nearestPositions(input: Int, output: Int, range: Range<Int>) -> [Int] {
  let scale = Double(input) / Double(output)
  var position = scale * 0.5
  var positions: [Int] = []
  positions.reserveCapacity(range.count)
  for index in 0..<range.upperBound {
    // The sum's rounding error must not carry the last pixel over the edge.
    if index >= range.lowerBound { positions.append(min(Int(position), input - 1)) }
    position += scale
  }
  return positions
}
