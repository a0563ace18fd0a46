package import GraftFeatures
package import GraftTensor

/// Some rows of a table of features, or all of them, without a copy.
package struct FeatureRows: Sendable {
  let features: FeatureMatrix
  let width: Int
  private let rows: [Int]?
  let count: Int

  /// Rows of a store on disk that are this close to each other are read in one go.
  private static let gap = 8

  /// Takes rows of features in memory or on disk.
  package init(_ features: FeatureMatrix, rows: [Int]? = nil) {
    self.features = features
    self.rows = rows
    width = features.width
    count = rows?.count ?? features.count
  }

  /// Takes rows of a table of N x D features (or N x H x W x C, each row as one vector).
  package init(features: Tensor, rows: [Int]? = nil) {
    self.init(FeatureMatrix(features), rows: rows)
  }

  /// The place of a row in the table.
  func row(_ index: Int) -> Int { rows?[index] ?? index }

  /// Some of these rows.
  func chosen(_ indices: [Int]) -> FeatureRows { FeatureRows(features, rows: indices.map(row)) }

  /// Calls `body` with each row of a range, in order; `scratch` has room for all of them.
  func forEach(
    _ range: Range<Int>, scratch: UnsafeMutablePointer<Float>,
    _ body: (_ index: Int, _ row: UnsafePointer<Float>) -> Void
  ) throws {
    if let tensor = features.tensor {
      tensor.withUnsafeScalars { scalars in
        guard let base = scalars.baseAddress else { return }
        for index in range { body(index, base + row(index) * width) }
      }
      return
    }
    try read(range, into: scratch)
    for (place, index) in range.enumerated() { body(index, UnsafePointer(scratch + place * width)) }
  }

  /// Writes rows as they are, one after the other.
  func read(_ range: Range<Int>, into target: UnsafeMutablePointer<Float>) throws {
    guard let rows else { return try features.read(range, into: target) }
    let gap = features.isOnDisk ? Self.gap : 1
    var (start, target) = (range.lowerBound, target)
    while start < range.upperBound {
      var end = start + 1
      while end < range.upperBound, (1...gap).contains(rows[end] - rows[end - 1]) { end += 1 }
      let span = rows[start]..<rows[end - 1] + 1
      if span.count == end - start {
        try features.read(span, into: target)
      } else {
        try readSome(rows[start..<end], of: span, into: target)
      }
      target += (end - start) * width
      start = end
    }
  }

  private func readSome(
    _ chosen: ArraySlice<Int>, of span: Range<Int>, into target: UnsafeMutablePointer<Float>
  ) throws {
    let buffer = UnsafeMutablePointer<Float>.allocate(capacity: span.count * width)
    defer { buffer.deallocate() }
    try features.read(span, into: buffer)
    for (place, row) in chosen.enumerated() {
      (target + place * width).update(from: buffer + (row - span.lowerBound) * width, count: width)
    }
  }
}
