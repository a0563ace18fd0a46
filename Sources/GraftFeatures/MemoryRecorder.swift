internal import GraftTensor

/// Keeps features in memory.
package final class MemoryRecorder: FeatureSource {
  package let layers: [FeatureLayer]
  private var rows: MemoryRows

  package init(layers: [FeatureLayer]) {
    self.layers = layers
    rows = MemoryRows(values: layers.map { _ in [] }, widths: layers.map(\.shape.count))
  }

  package var place: String { "features in memory" }

  package func hasRow(digest: String) -> Bool { rows.row(of: PictureKey(digest: digest)) != nil }

  package func append(digest: String, features: [UnsafeBufferPointer<Float>]) throws {
    precondition(
      features.map(\.count) == rows.widths,
      "layers \(layers) were given \(features.map(\.count)) numbers")
    let key = PictureKey(digest: digest)
    guard rows.index[key] == nil else { return }
    rows.index[key] = rows.index.count
    for (layer, values) in features.enumerated() { rows.values[layer].append(contentsOf: values) }
  }

  package func read(
    layer: Int, of rows: ArraySlice<FeatureRow>, into buffer: UnsafeMutableBufferPointer<Float>
  ) throws {
    try gather(layer: layer, of: rows, from: [self.rows], into: buffer)
  }
}

private struct MemoryRows: KeyedRows {
  /// The rows of each layer, one behind the other.
  var values: [[Float]]
  var widths: [Int]
  var index: [PictureKey: Int] = [:]

  func row(of key: PictureKey) -> Int? { index[key] }

  func read(layer: Int, rows: Range<Int>, into buffer: UnsafeMutableBufferPointer<Float>) {
    let width = widths[layer]
    _ = buffer.update(fromContentsOf: values[layer][rows.lowerBound * width..<rows.upperBound * width])
  }
}
