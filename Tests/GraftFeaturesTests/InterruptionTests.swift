import Foundation
import GraftFeatures
import GraftTensor
import Testing
import _GraftTestSupport

@Suite("An extraction that was broken off ends as if it had not been")
struct InterruptionTests {
  private static let sample = Sample()

  /// The bytes of a store that was made undisturbed of `pictures`, and of a journal of them with its end.
  private static func undisturbed(_ pictures: [Int], in folder: URL, after old: [Int] = []) throws -> (
    store: Data, journal: Data
  ) {
    let path = folder.appending(path: "undisturbed.h5").path
    if !old.isEmpty { try sample.extract(old, to: path) }
    let writer = try FeatureStoreWriter(path: path, origin: sample.origin, layers: sample.layers)
    try sample.append(pictures, to: writer)
    let journal = try Sample.bytes(path + ".journal")
    _ = try writer.finish(rows: Sample.rows(pictures), classes: Sample.classes)
    return (try Sample.bytes(path), journal)
  }

  @Test("Cut off at any byte of a journal's records, or within its header, the run ends with the same file")
  func everyByte() throws {
    try TestData.withTemporaryFolder { folder in
      let pictures = Array(0..<6)
      let (store, journal) = try Self.undisturbed(pictures, in: folder)
      let path = folder.appending(path: "features.h5").path
      var kept: Set<Int> = []
      // The header is cut off every few bytes, the six records of 64 bytes after each byte.
      let lengths =
        Array(stride(from: 0, to: journal.count - 384, by: 13)) + (journal.count - 384...journal.count)
      for length in lengths {
        try journal.prefix(length).write(to: URL(filePath: path + ".journal"))
        let writer = try FeatureStoreWriter(
          path: path, origin: Self.sample.origin, layers: Self.sample.layers)
        kept.insert(writer.count)
        try Self.sample.append(pictures, to: writer)
        _ = try writer.finish(rows: Sample.rows(pictures), classes: Sample.classes)
        #expect(try Sample.bytes(path) == store, "cut off after \(length) of \(journal.count) bytes")
        try FileManager.default.removeItem(atPath: path)
      }
      // Whole records are not computed again.
      #expect(kept == Set(0...6))
    }
  }

  @Test("A changed byte in the journal costs rows, never their truth", arguments: 0..<8)
  func changedByte(bit: Int) throws {
    try TestData.withTemporaryFolder { folder in
      let pictures = Array(0..<4)
      let (store, journal) = try Self.undisturbed(pictures, in: folder)
      let path = folder.appending(path: "features.h5").path
      var refused = 0
      for place in stride(from: bit, to: journal.count, by: 17) {
        var damaged = journal
        damaged[place] ^= 1 << UInt8(bit)
        try damaged.write(to: URL(filePath: path + ".journal"))
        do {
          try Self.sample.extract(pictures, to: path)
        } catch let error as FeatureError {
          // The name of the format and its version, the first 12 bytes.
          #expect(
            place < 12 && [.notFeatures, .unknownVersion].contains(error.code), "byte \(place): \(error)")
          refused += 1
          continue
        }
        #expect(try Sample.bytes(path) == store, "bit \(bit) of byte \(place)")
        try FileManager.default.removeItem(atPath: path)
      }
      #expect(refused <= 1)
    }
  }

  @Test("Broken off again and again while an old store is continued, the run ends with the same file")
  func continued() throws {
    try TestData.withTemporaryFolder { folder in
      let old = Array(0..<10)
      let pictures = [20, 3, 21, 9, 22, 0, 23, 24, 5]
      let (store, _) = try Self.undisturbed(pictures, in: folder, after: old)
      let fresh = folder.appending(path: "fresh.h5").path
      try Self.sample.extract(pictures, to: fresh)
      #expect(try Sample.bytes(fresh) == store, "what was there before leaves no trace")

      let path = folder.appending(path: "features.h5").path
      try Self.sample.extract(old, to: path)
      let before = try Sample.bytes(path)
      for count in 1...pictures.count {
        let writer = try FeatureStoreWriter(
          path: path, origin: Self.sample.origin, layers: Self.sample.layers)
        try Self.sample.append(pictures.prefix(count), to: writer)
        #expect(try Sample.bytes(path) == before)
      }
      let report = try Self.sample.extract(pictures, to: path)
      #expect(report.stored == 9 && report.dropped == 6)
      #expect(try Sample.bytes(path) == store)
      #expect(!FileManager.default.fileExists(atPath: path + ".journal"))
    }
  }

  @Test("Killed after the new file has its name and before the journal is gone, nothing changes")
  func killedAtTheEnd() throws {
    try TestData.withTemporaryFolder { folder in
      let (store, journal) = try Self.undisturbed([4, 5, 6], in: folder)
      let path = folder.appending(path: "undisturbed.h5").path
      try journal.write(to: URL(filePath: path + ".journal"))
      try Data("half a file".utf8).write(to: URL(filePath: path + ".part"))
      let writer = try FeatureStoreWriter(
        path: path, origin: Self.sample.origin, layers: Self.sample.layers)
      #expect(writer.count == 3)
      let report = try writer.finish(rows: Sample.rows([4, 5, 6]), classes: Sample.classes)
      #expect(report.dropped == 0)
      #expect(try Sample.bytes(path) == store)
      #expect(try Sample.files(in: folder.path) == ["undisturbed.h5"])
    }
  }

  @Test("Arrays and text are continued from the journal too", arguments: ["out.npy", "out.csv"])
  func otherFormats(name: String) throws {
    try TestData.withTemporaryFolder { folder in
      let whole = folder.appending(path: "whole-" + name).path
      try Self.sample.extract(0..<5, to: whole)
      let path = folder.appending(path: name).path
      do {
        let writer = try FeatureStoreWriter(
          path: path, origin: Self.sample.origin, layers: Self.sample.layers)
        try Self.sample.append(0..<3, to: writer)
      }
      let writer = try FeatureStoreWriter(
        path: path, origin: Self.sample.origin, layers: Self.sample.layers)
      #expect(writer.count == 3)
      try Self.sample.append(0..<5, to: writer)
      _ = try writer.finish(rows: Sample.rows(0..<5), classes: Sample.classes)
      #expect(try Sample.bytes(path) == Sample.bytes(whole))
    }
  }

  @Test("A store that is what it should be already is not written again")
  func unchanged() throws {
    try TestData.withTemporaryFolder { folder in
      let path = folder.appending(path: "features.h5").path
      try Self.sample.extract(0..<5, to: path)
      func number() throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[.systemFileNumber] as? Int
      }
      let before = try number()
      #expect(before != nil)
      try Self.sample.extract(0..<5, to: path)
      #expect(try number() == before)
      // Another order, another class, another name: a new file.
      try Self.sample.extract([1, 0, 2, 3, 4], to: path)
      let reordered = try number()
      #expect(reordered != before)
      #expect(try FeatureStore(path: path).digests.first == Sample.digest(1))
    }
  }

  @Test(
    "Abandoned, a run leaves the old store and nothing else; begun and not used, too",
    arguments: [true, false])
  func abandoned(isAbandoned: Bool) throws {
    try TestData.withTemporaryFolder { folder in
      let path = folder.appending(path: "features.h5").path
      try Self.sample.extract(0..<5, to: path)
      let before = try Sample.bytes(path)
      do {
        let writer = try FeatureStoreWriter(
          path: path, origin: Self.sample.origin, layers: Self.sample.layers)
        if isAbandoned {
          try Self.sample.append(5..<9, to: writer)
          writer.abandon()
        }
      }
      #expect(try Sample.files(in: folder.path) == ["features.h5"])
      #expect(try Sample.bytes(path) == before)
    }
  }
}
