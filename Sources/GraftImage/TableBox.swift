internal import GraftData

/// The boxes of a table's lines.
struct TableBox {
  let columns: [Int]
  let areEdges: Bool
  /// The columns of the picture's width and height; nil where boxes stand in shares of them.
  let pixels: (width: Int, height: Int)?

  /// - Parameter rows: all lines: boxes of which no coordinate is above 1 are shares, whatever else the table says.
  init(
    _ columns: [Int], areEdges: Bool, pixels: (width: Int, height: Int)?,
    rows: ArraySlice<DelimitedText.Row>
  ) {
    self.columns = columns
    self.areEdges = areEdges
    let arePixels = rows.contains { row in
      columns.contains { row.fields.count > $0 && (Double(row.fields[$0]) ?? 0) > 1 }
    }
    self.pixels = arePixels ? pixels : nil
  }

  /// A box that cannot be used, and why.
  struct Problem: Error {
    let reason: String
  }

  /// The box of a line, cut off at the picture's edges.
  ///
  /// - Throws: `Problem`.
  func box(_ fields: [String]) throws -> Box {
    let values = try columns.map { try number(fields[$0]) }
    var (width, height) = (1.0, 1.0)
    if let pixels {
      (width, height) = (try number(fields[pixels.width]), try number(fields[pixels.height]))
      guard width >= 1, height >= 1 else {
        throw Problem(reason: "a picture of \(fields[pixels.width]) x \(fields[pixels.height]) pixels")
      }
    }
    let scaled = zip(values, [width, height, width, height]).map { $0 / $1 }
    let box =
      areEdges
      ? Box(left: scaled[0], top: scaled[1], right: scaled[2], bottom: scaled[3])
      : Box(centerX: scaled[0], centerY: scaled[1], width: scaled[2], height: scaled[3])
    guard box.width > 0, box.height > 0 else {
      throw Problem(reason: "the box has no area (width \(box.width), height \(box.height))")
    }
    // Boxes drawn by hand end a little beyond the edge; what lies far outside is in another unit.
    guard [box.left, box.top, box.right, box.bottom].allSatisfy({ (-0.1...1.1).contains($0) }),
      box.clipped.area > 0
    else {
      throw Problem(
        reason:
          "the box reaches from \(Self.text(box.left, box.top)) to \(Self.text(box.right, box.bottom)), and the "
          + "picture from (0, 0) to (1, 1); write shares of its width and height, or pixels and the picture's size in "
          + "the columns width and height")
    }
    let isInside = box.left >= 0 && box.top >= 0 && box.right <= 1 && box.bottom <= 1
    return isInside ? box : box.clipped
  }

  private static func text(_ x: Double, _ y: Double) -> String {
    "(\((x * 1000).rounded() / 1000), \((y * 1000).rounded() / 1000))"
  }

  private func number(_ field: String) throws -> Double {
    guard let value = Double(field), value.isFinite else {
      throw Problem(reason: "\"\(field)\" is no number")
    }
    return value
  }
}
