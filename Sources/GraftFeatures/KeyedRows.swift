/// Rows of features that are found by their pictures' digests.
protocol KeyedRows {
  /// The place of a picture's row, nil where there is none.
  func row(of key: PictureKey) -> Int?

  /// Reads one layer of consecutive rows.
  func read(layer: Int, rows: Range<Int>, into buffer: UnsafeMutableBufferPointer<Float>) throws
}

extension KeyedRows {
  /// Reads rows to their places in `buffer`: in the order in which they are stored, neighbours in one go.
  func read(
    layer: Int, width: Int, _ places: [(row: Int, position: Int)],
    into buffer: UnsafeMutableBufferPointer<Float>
  ) throws {
    let places = places.sorted { ($0.row, $0.position) < ($1.row, $1.position) }
    var start = 0
    while start < places.count {
      var end = start + 1
      while end < places.count, places[end].row == places[end - 1].row + 1,
        places[end].position == places[end - 1].position + 1
      {
        end += 1
      }
      let target = places[start].position * width..<(places[start].position + end - start) * width
      try read(
        layer: layer, rows: places[start].row..<places[start].row + end - start,
        into: UnsafeMutableBufferPointer(rebasing: buffer[target]))
      start = end
    }
  }
}

extension PictureKey {
  /// The key of a digest that a caller gives.
  ///
  /// - Precondition: it is 64 lower-case hexadecimal digits.
  init(digest: String) {
    guard let key = PictureKey(hexadecimal: digest) else {
      preconditionFailure(
        "a picture's digest is 64 lower-case hexadecimal digits, not the \(digest.utf8.count) bytes \"\(digest)\""
      )
    }
    self = key
  }
}
