import Foundation
import GraftData
import GraftFeatures
import GraftTensor
import Testing
import _GraftTestSupport

@Suite("Tables of features are divided and chosen from")
struct TableTests {
  private static func table(_ pictures: [Int]) throws -> FeatureTable {
    let sample = Sample()
    let recorder = MemoryRecorder(layers: sample.layers)
    try sample.append(pictures.reversed(), to: recorder)
    return try recorder.table(
      layer: "avg_pool", rows: Sample.rows(pictures), labels: try Labels(Sample.classes),
      skipped: [SkippedPicture(path: "broken.jpg", reason: "not a picture")], origin: sample.origin)
  }

  @Test("Features kept in memory come back in the order of the rows, with all that is known of them")
  func memory() throws {
    let pictures = [4, 0, 7, 4]
    let table = try Self.table(pictures)
    #expect(table.count == 4 && table.width == 5)
    #expect(table.features.scalars == pictures.flatMap { Sample().features($0)[0] })
    #expect(table.classIndices == [1, 0, 1, 1])
    #expect(table.paths == Sample.rows(pictures).map(\.path))
    #expect(table.skipped.map(\.path) == ["broken.jpg"])
    #expect(table.origin == Sample().origin && table.layer == Sample().layers[0])
  }

  @Test("A writer gives tables of what it has, from the old store and from the journal")
  func writer() throws {
    try TestData.withTemporaryFolder { folder in
      let path = folder.appending(path: "features.h5").path
      let sample = Sample(layers: RoundTripTests.layers)
      try sample.extract(0..<6, to: path)
      let writer = try FeatureStoreWriter(path: path, origin: sample.origin, layers: sample.layers)
      try sample.append(6..<12, to: writer)
      let pictures = [11, 0, 1, 2, 6, 7, 3, 11]
      for (index, layer) in sample.layers.enumerated() {
        let table = try writer.table(
          layer: layer.name, rows: Sample.rows(pictures), labels: try Labels(Sample.classes), skipped: [])
        #expect(table.features.scalars == pictures.flatMap { sample.features($0)[index] })
      }
      let missing = #expect(throws: FeatureError.self) {
        try writer.table(layer: "pool", rows: Sample.rows([3, 30]), labels: nil, skipped: [])
      }
      #expect(missing?.code == .invalidValue)
      let unlabelled = [FeatureRow(path: "p", digest: Sample.digest(30))]
      let unknown = #expect(throws: FeatureError.self) {
        try writer.table(layer: "pool", rows: unlabelled, labels: nil, skipped: [])
      }
      #expect(unknown?.code == .missingFeatures)
      let layer = #expect(throws: FeatureError.self) {
        try writer.table(layer: "fc", rows: [], labels: nil, skipped: [])
      }
      #expect(layer?.code == .wrongLayer)
    }
  }

  @Test("Chosen rows keep features, class, path and digest together")
  func rows() throws {
    let table = try Self.table(Array(0..<10))
    let chosen = table.rows([9, 2, 2])
    #expect(chosen.features.scalars == [9, 2, 2].flatMap { Sample().features($0)[0] })
    #expect(chosen.classIndices == [0, 2, 2])
    #expect(chosen.digests == [9, 2, 2].map(Sample.digest))
    #expect(chosen.paths == Sample.rows([9, 2, 2]).map(\.path))
    #expect(chosen.labels == table.labels && chosen.origin == table.origin && chosen.layer == table.layer)
    #expect(chosen.skipped.isEmpty)
    #expect(table.rows([]).features.shape == [0, 5])
  }

  @Test(
    "A division is that of the pictures, whatever the order of the rows", arguments: [1, 2, 3] as [UInt64])
  func split(seed: UInt64) throws {
    let (training, heldOut) = try Self.table(Array(0..<60)).split(holdingOut: 0.25, seed: seed)
    #expect(training.count == 45 && heldOut.count == 15)
    for label in 0..<3 { #expect(heldOut.classIndices?.count { $0 == label } == 5) }
    #expect(Set(training.digests).isDisjoint(with: heldOut.digests))
    let shuffled = try Self.table((0..<60).map { ($0 * 7) % 60 }).split(holdingOut: 0.25, seed: seed)
    #expect(Set(shuffled.heldOut.digests) == Set(heldOut.digests))
    // The same pictures as when a folder of them is divided.
    let rows = Sample.rows(0..<60)
    let folder = try Split(
      labels: rows.compactMap(\.label), holdingOut: 0.25, seed: seed, digests: rows.map(\.digest))
    #expect(heldOut.digests == folder.heldOut.map { rows[$0].digest })
    #expect(throws: DataError.self) { try training.split(holdingOut: 1, seed: seed) }
  }

  @Test("A table of bare numbers can be made and divided")
  func bare() throws {
    let table = FeatureTable(features: Tensor(shape: [10, 2], scalars: (0..<20).map { Float($0) }))
    #expect(table.paths[3] == "row 3" && table.layer.shape == [2])
    let (training, heldOut) = try table.split(holdingOut: 0.3, seed: 1)
    #expect(training.count == 7 && heldOut.count == 3)
  }
}
