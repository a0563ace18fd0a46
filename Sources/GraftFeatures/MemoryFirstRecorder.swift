internal import GraftTensor

/// Keeps features in memory and in a cache on disk: rows that are in memory are read from there, others are taken over
/// from the disk as they are asked for.
package final class MemoryFirstRecorder: FeatureSource {
  private let memory: MemoryRecorder
  private let disk: any FeatureSource

  /// Puts memory before a recorder on disk.
  package init(_ disk: any FeatureSource) {
    self.disk = disk
    memory = MemoryRecorder(layers: disk.layers)
  }

  package var layers: [FeatureLayer] { disk.layers }

  package var place: String { disk.place }

  package func hasRow(digest: String) -> Bool {
    memory.hasRow(digest: digest) || disk.hasRow(digest: digest)
  }

  package func append(digest: String, features: [UnsafeBufferPointer<Float>]) throws {
    try disk.append(digest: digest, features: features)
    try memory.append(digest: digest, features: features)
  }

  package func read(
    layer: Int, of rows: ArraySlice<FeatureRow>, into buffer: UnsafeMutableBufferPointer<Float>
  ) throws {
    for index in rows.indices where !memory.hasRow(digest: rows[index].digest) {
      let features = try layers.indices.map { layer in
        try [Float](unsafeUninitializedCapacity: layers[layer].shape.count) { target, count in
          count = layers[layer].shape.count
          try disk.read(
            layer: layer, of: rows[index...index],
            into: UnsafeMutableBufferPointer(rebasing: target[..<count]))
        }
      }
      try memory.append(digest: rows[index].digest, features: features)
    }
    try memory.read(layer: layer, of: rows, into: buffer)
  }
}
