import Foundation
import GraftData
import GraftFeatures
import GraftHDF5
import GraftTensor
import Testing
import _GraftTestSupport

@Suite("Features that are written are read back")
struct RoundTripTests {
  @Test("A store gives back origin, layers, classes, paths and features", arguments: [1, 3, 500])
  func store(count: Int) throws {
    try TestData.withTemporaryFolder { folder in
      let path = folder.appending(path: "features.h5").path
      let sample = Sample(layers: [
        FeatureLayer(name: "pool", shape: [7]), FeatureLayer(name: "nested/conv", shape: [3, 2, 4]),
      ])
      let report = try sample.extract(0..<count, to: path)
      #expect(report.stored == count && report.dropped == 0)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["features.h5"])

      #expect(FeatureStore.isStore(path))
      let store = try FeatureStore(path: path)
      #expect(store.origin == sample.origin)
      #expect(store.origin.weights == sample.origin.weights)
      #expect(store.origin.seed == .max)
      #expect(store.layers == sample.layers)
      #expect(store.scalar == .float32)
      #expect(store.count == count)
      let rows = Sample.rows(0..<count)
      #expect(store.paths == rows.map(\.path))
      #expect(store.digests == rows.map(\.digest))
      #expect(store.classIndices == rows.map { $0.label ?? -1 })
      #expect(store.labels?.names == Sample.classes)
      for (index, layer) in sample.layers.enumerated() {
        let table = try store.table(layer: layer.name)
        #expect(table.features.shape == [count, layer.shape.count])
        #expect(table.features.scalars == (0..<count).flatMap { sample.features($0)[index] })
        #expect(table.layer == layer)
        #expect(table.paths == store.paths)
        #expect(table.labels == store.labels)
        #expect(table.classIndices == store.classIndices)
        #expect(table.origin == sample.origin)
      }
      let error = #expect(throws: FeatureError.self) { try store.table() }
      #expect(error?.description.contains("pool, nested/conv") == true)
    }
  }
}
