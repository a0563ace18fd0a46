import Foundation
import GraftData
import GraftFeatures
import GraftHDF5
import GraftTensor
import Testing
import _GraftTestSupport

@Suite("Feature stores are read back as they were written")
struct RoundTripTests {
  static let layers = [
    FeatureLayer(name: "pool", shape: [7]), FeatureLayer(name: "nested/conv", shape: [3, 2, 4]),
  ]

  @Test("A store gives back origin, layers, classes, paths and features", arguments: [1, 3, 500])
  func store(count: Int) throws {
    try TestData.withTemporaryFolder { folder in
      let path = folder.appending(path: "features.h5").path
      let sample = Sample(layers: Self.layers)
      let report = try sample.extract(0..<count, to: path)
      #expect(report.stored == count && report.dropped == 0)
      #expect(try Sample.files(in: folder.path) == ["features.h5"])

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
    }
  }

  @Test("The datasets and attributes are those that the description of the format names")
  func layout() throws {
    try TestData.withTemporaryFolder { folder in
      let path = folder.appending(path: "features.h5").path
      let sample = Sample(layers: Self.layers)
      try sample.extract(0..<4, to: path)
      let root = try HDF5File(path).root
      #expect(
        try root.datasetPaths() == [
          "classes", "digests", "features/nested:conv", "features/pool", "labels", "paths",
        ])
      let maps = try root.dataset("features/nested:conv")
      #expect(maps.shape == [4, 3, 2, 4] && maps.type == .float32)
      #expect(try maps.readFloats() == (0..<4).flatMap { sample.features($0)[1] })
      #expect(try maps.attribute("layer") == .string("nested/conv"))
      #expect(try root.dataset("labels").type == .int32)
      #expect(try root.dataset("labels").readIntegers() == [0, 1, 2, 0])
      #expect(try root.dataset("classes").readStrings() == Sample.classes)
      #expect(try root.dataset("paths").readStrings()[2] == "photos/2/é 2.jpg")
      #expect(try root.dataset("digests").type == .fixedString(64))
      #expect(try root.attribute("format") == .string("graft features"))
      #expect(try root.attribute("format_version") == .integer(1))
      #expect(try root.attribute("layers") == .strings(["pool", "nested/conv"]))
      #expect(try root.attribute("weights_digest") == .string("md5:0a1b2c"))
      #expect(try root.attribute("preprocessing_json") == .string(#"{"mode":"tf"}"#))
      #expect(try root.attribute("input_size") == .integer(224))
      #expect(try root.attribute("seed") == .string("18446744073709551615"))
    }
  }

  @Test("A store that h5py wrote is read")
  func golden() throws {
    let store = try FeatureStore(path: Golden.path("store.h5"))
    #expect(store.layers.map(\.name) == ["conv1/relu", "avg_pool"])
    #expect(store.layers.map(\.shape) == [[2, 1, 4], [5]])
    #expect(store.scalar == .float16)
    #expect(store.origin.weightsDigest == "md5:4d473c1dd8becc155b73f8504c6f6626" && store.origin.seed == 7)
    #expect(store.paths == ["a/ä.jpg", "b/1.jpg", "b/2.jpg"])
    #expect(store.labels?.names == ["a", "b"] && store.classIndices == [0, 1, 1])
    #expect(try store.table(layer: "conv1/relu").features.scalars == Golden.values(24))
    #expect(try store.table(layer: "avg_pool").features == Tensor(shape: [3, 5], scalars: Golden.values(15)))
  }

  @Test("Half precision rounds to nearest even, once, however often the store is continued")
  func half() throws {
    try TestData.withTemporaryFolder { folder in
      let path = folder.appending(path: "features.h5").path
      let sample = Sample()
      try sample.extract(0..<9, to: path, scalar: .float16)
      try sample.extract(3..<12, to: path, scalar: .float16)
      let store = try FeatureStore(path: path)
      #expect(store.scalar == .float16)
      #if !(os(macOS) && arch(x86_64))
      let expected = (3..<12).flatMap { sample.features($0)[0] }.map { Float(Float16($0)) }
      #expect(try store.table().features.scalars == expected)
      #endif
    }
  }

  @Test("A number beyond half precision is refused where it appears, infinity itself is not")
  func overflow() throws {
    try TestData.withTemporaryFolder { folder in
      let path = folder.appending(path: "features.h5").path
      let sample = Sample()
      let writer = try FeatureStoreWriter(
        path: path, origin: sample.origin, layers: sample.layers, scalar: .float16)
      let error = #expect(throws: FeatureError.self) {
        try writer.append(digest: Sample.digest(0), features: [[1, 2, -70000, 0, 0]])
      }
      #expect(error?.code == .invalidValue)
      #expect(error?.message.contains("avg_pool gave -70000.0") == true)
      #expect(!writer.hasRow(digest: Sample.digest(0)))
      try writer.append(digest: Sample.digest(0), features: [[65519, .infinity, -.infinity, .nan, 6e-8]])
      _ = try writer.finish(rows: [FeatureRow(path: "x", digest: Sample.digest(0))], classes: [])
      let values = try FeatureStore(path: path).table().features.scalars
      #expect(values[0] == 65504 && values[1] == .infinity && values[2] == -.infinity && values[3].isNaN)
      #expect(values[4] == 0x1p-24)
    }
  }

  @Test("Pictures without classes make a store without labels; none make an empty one", arguments: [0, 4])
  func unlabelled(count: Int) throws {
    try TestData.withTemporaryFolder { folder in
      let path = folder.appending(path: "features.h5").path
      let sample = Sample()
      let writer = try FeatureStoreWriter(path: path, origin: sample.origin, layers: sample.layers)
      try sample.append(0..<count, to: writer)
      let rows = (0..<count).map { FeatureRow(path: "\($0).jpg", digest: Sample.digest($0)) }
      _ = try writer.finish(rows: rows, classes: [])
      let store = try FeatureStore(path: path)
      #expect(store.labels == nil && store.classIndices == nil)
      let table = try store.table()
      #expect(table.count == count && table.features.shape == [count, 5] && table.labels == nil)
      // And it is continued like any other.
      #expect(try sample.extract(0..<6, to: path).stored == 6)
      #expect(try FeatureStore(path: path).labels?.count == 3)
    }
  }

  @Test("Equal pictures under two paths are one computation and two rows")
  func duplicates() throws {
    try TestData.withTemporaryFolder { folder in
      let path = folder.appending(path: "features.h5").path
      let sample = Sample()
      let writer = try FeatureStoreWriter(path: path, origin: sample.origin, layers: sample.layers)
      try sample.append([0, 1], to: writer)
      try writer.append(digest: Sample.digest(0), features: [[9, 9, 9, 9, 9]])
      #expect(writer.count == 2)
      let rows = [("a", 0), ("b", 1), ("c", 0)].map { FeatureRow(path: $0, digest: Sample.digest($1)) }
      let report = try writer.finish(rows: rows, classes: [])
      #expect(report.stored == 3 && report.dropped == 0)
      let expected = [0, 1, 0].flatMap { sample.features($0)[0] }
      #expect(try FeatureStore(path: path).table().features.scalars == expected)

      let again = try FeatureStoreWriter(path: path, origin: sample.origin, layers: sample.layers)
      #expect(again.count == 2)
      #expect(try again.finish(rows: rows.reversed(), classes: []).dropped == 0)
      let reversed = try FeatureStore(path: path)
      #expect(reversed.paths == ["c", "b", "a"])
      #expect(try reversed.table().features.scalars == expected)
    }
  }

  @Test("A table of one of several layers must be asked for by name")
  func layerNames() throws {
    try TestData.withTemporaryFolder { folder in
      let path = folder.appending(path: "features.h5").path
      try Sample(layers: Self.layers).extract(0..<2, to: path)
      let store = try FeatureStore(path: path)
      let unnamed = #expect(throws: FeatureError.self) { try store.table() }
      #expect(unnamed?.code == .wrongLayer && unnamed?.description.contains("pool, nested/conv") == true)
      let wrong = #expect(throws: FeatureError.self) { try store.table(layer: "fc") }
      #expect(wrong?.code == .wrongLayer && wrong?.description.contains("no layer fc") == true)
    }
  }
}
