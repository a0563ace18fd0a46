import Foundation
import GraftFeatures
import GraftTensor
import Testing
import _GraftTestSupport

@Suite("A cache remembers features by network and picture")
struct CacheTests {
  @Test("What one extraction computed, the next finds, whatever else it asks for")
  func remembers() throws {
    try TestData.withTemporaryFolder { folder in
      let cache = FeatureCache(directory: folder.appending(path: "new/folder").path)
      let sample = Sample()
      do {
        let recorder = try cache.recorder(for: sample.origin, layers: sample.layers)
        try sample.append(0..<5, to: recorder)
      }
      do {
        let recorder = try cache.recorder(for: sample.origin, layers: sample.layers)
        #expect(recorder.count == 5 && recorder.hasRow(digest: Sample.digest(4)))
        #expect(!recorder.hasRow(digest: Sample.digest(5)))
        try sample.append(3..<8, to: recorder)
        #expect(recorder.count == 8)
        let table = try recorder.table(
          layer: "avg_pool", rows: Sample.rows([7, 1]).map { FeatureRow(path: $0.path, digest: $0.digest) },
          labels: nil, skipped: [])
        #expect(table.features.scalars == [7, 1].flatMap { sample.features($0)[0] })
      }
      let files = try Sample.files(in: cache.directory)
      #expect(files.count == 1 && files[0].hasPrefix("mobilenet_v2-"))
    }
  }

  @Test("Features of another origin are kept apart", arguments: RefusalTests.changes)
  func apart(change: RefusalTests.Change) throws {
    try TestData.withTemporaryFolder { folder in
      let cache = FeatureCache(directory: folder.path)
      let sample = Sample()
      let first = try cache.recorder(for: sample.origin, layers: sample.layers)
      try sample.append(0..<2, to: first)
      var origin = sample.origin
      change.apply(&origin)
      let second = try cache.recorder(for: origin, layers: sample.layers)
      #expect(second.count == 0)
      try sample.append(0..<1, to: second)
      #expect(try Sample.files(in: folder.path).count == 2)
    }
  }

  @Test("A cache that was deleted or damaged is begun again")
  func damaged() throws {
    try TestData.withTemporaryFolder { folder in
      let cache = FeatureCache(directory: folder.path)
      let sample = Sample()
      try sample.append(0..<4, to: try cache.recorder(for: sample.origin, layers: sample.layers))
      let name = try Sample.files(in: folder.path)[0]
      let file = folder.appending(path: name)
      var bytes = try Data(contentsOf: file)
      bytes[bytes.count - 64 - 10] ^= 1
      try bytes.write(to: file)
      do {
        // Of four records of 64 bytes the third was hit; the fourth has no place without it.
        let recorder = try cache.recorder(for: sample.origin, layers: sample.layers)
        #expect(recorder.count == 2)
        let error = #expect(throws: FeatureError.self) {
          try cache.recorder(for: sample.origin, layers: sample.layers)
        }
        #expect(error?.code == .busy)
      }
      try FileManager.default.removeItem(at: folder)
      #expect(try cache.recorder(for: sample.origin, layers: sample.layers).count == 0)
      // Begun and not used, it leaves no file.
      #expect(try Sample.files(in: folder.path) == [])
    }
  }
}
