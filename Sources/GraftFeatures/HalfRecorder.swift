internal import GraftHDF5
internal import GraftTensor

/// Keeps features in half precision in another recorder, two to one of its numbers.
package final class HalfRecorder: FeatureSource {
  package let layers: [FeatureLayer]
  private let base: any FeatureSource

  /// The layers that the other recorder must have.
  package static func packed(_ layers: [FeatureLayer]) -> [FeatureLayer] {
    layers.map { FeatureLayer(name: $0.name, shape: [($0.shape.count + 1) / 2]) }
  }

  /// Keeps features of `layers` in a recorder for `packed(layers)`.
  package init(_ layers: [FeatureLayer], in base: any FeatureSource) {
    precondition(
      base.layers == Self.packed(layers), "a recorder for \(base.layers) has no room for halves of \(layers)")
    self.layers = layers
    self.base = base
  }

  package var place: String { base.place }

  package func hasRow(digest: String) -> Bool { base.hasRow(digest: digest) }

  package func append(digest: String, features: [UnsafeBufferPointer<Float>]) throws {
    let packed = zip(features, base.layers).map { values, layer in
      (0..<layer.shape.count).map { place in
        let low = HalfPrecision.bits(Double(values[2 * place]))
        let high = 2 * place + 1 < values.count ? HalfPrecision.bits(Double(values[2 * place + 1])) : 0
        return Float(bitPattern: UInt32(high) << 16 | UInt32(low))
      }
    }
    try base.append(digest: digest, features: packed)
  }

  package func read(
    layer: Int, of rows: ArraySlice<FeatureRow>, into buffer: UnsafeMutableBufferPointer<Float>
  ) throws {
    let (width, packedWidth) = (layers[layer].shape.count, base.layers[layer].shape.count)
    let packed = UnsafeMutableBufferPointer<Float>.allocate(capacity: rows.count * packedWidth)
    defer { packed.deallocate() }
    try base.read(layer: layer, of: rows, into: packed)
    for row in 0..<rows.count {
      for place in 0..<width {
        let bits = packed[row * packedWidth + place / 2].bitPattern
        buffer[row * width + place] = HalfPrecision.float(
          UInt16(truncatingIfNeeded: place % 2 == 0 ? bits : bits >> 16))
      }
    }
  }
}
