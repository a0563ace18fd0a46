import Foundation
import GraftHDF5
import Testing

@Suite("Damaged files")
struct CorruptionTests {
  @Test(
    "200 damaged versions of a file are read or refused by name, and never end or hold up the program",
    .timeLimit(.minutes(1)), arguments: ["types.h5", "strings.h5", "modern.h5"])
  func damaged(_ name: String) throws {
    let original = try Golden.bytes(name)
    let whole = try ReadEverything { try HDF5File(image: original, name: name) }
    #expect(whole.valuesRead > 80)
    var damagedResults = 0
    for seed in 0..<200 as Range<UInt64> {
      let bytes = corrupted(original, seed: seed)
      let result = try ReadEverything { try HDF5File(image: bytes, name: "damaged \(seed)") }
      for error in result.errors {
        #expect(error.file == "damaged \(seed)" && error.message.count > 10, "\(error)")
      }
      if result.errors.count > whole.errors.count || result.valuesRead != whole.valuesRead {
        damagedResults += 1
      }
    }
    // Most hits are on values, which carry no checksum; cuts alone are a sixth.
    #expect(damagedResults > 50, "\(damagedResults) of 200 differ from the undamaged file")
  }

  @Test(
    "Damage that the library does not survive is found before it sees it", .timeLimit(.minutes(1)),
    arguments: [
      // Chunks without extent; values beyond an object header; an index that is nowhere; attributes beyond memory.
      ("types.h5", [1009, 2014, 2964, 3255]), ("strings.h5", [58, 63, 114, 3405, 3514, 9814]),
      ("modern.h5", [29, 187, 211]),
      // Virtual datasets and lists of other files, whose descriptions are in heaps.
      ("elsewhere.h5", [77, 251, 298, 394]),
    ] as [(String, [UInt64])])
  func deadly(_ name: String, _ seeds: [UInt64]) throws {
    let original = try Golden.bytes(name)
    for seed in seeds {
      let bytes = corrupted(original, seed: seed)
      #expect(try !ReadEverything { try HDF5File(image: bytes, name: name) }.errors.isEmpty)
    }
  }

  @Test("A file on disk that is cut off anywhere is an error, and most of them say so")
  func truncated() throws {
    let original = try Golden.bytes("strings.h5")
    try withTemporaryFile { path in
      for count in stride(from: 0, to: original.count, by: 1009) {
        try Data(original[..<count]).write(to: URL(filePath: path))
        let error = #expect(throws: HDF5Error.self) { try HDF5File(path) }
        #expect(error?.code == (count < 8 ? .notHDF5 : .truncated), "\(count): \(error as Any)")
        #expect(error?.file == path)
      }
    }
  }

  @Test("Values inside an object header are read, and none beyond it where the shape says so")
  func compact() throws {
    var bytes = try Golden.bytes("compact.h5")
    let expected = (0..<777).map { UInt8($0 % 251) }
    #expect(try HDF5File(image: bytes, name: "compact").root.dataset("compact").readBytes() == expected)
    let extent: [UInt8] = [9, 3, 0, 0, 0, 0, 0, 0]
    let place = try #require(bytes.indices.first { bytes[$0...].starts(with: extent) })
    bytes.replaceSubrange(place..<place + 3, with: [0, 0, 1])
    let dataset = try HDF5File(image: bytes, name: "compact").root.dataset("compact")
    #expect(dataset.shape == [65536])
    #expect(try #require(throws: HDF5Error.self) { try dataset.readBytes() }.code == .damaged)
    #expect(try #require(throws: HDF5Error.self) { try dataset.readBytes(rows: 0..<4) }.code == .damaged)
  }

  @Test("Strings whose place is damaged are errors that say so")
  func danglingStrings() throws {
    let original = try Golden.bytes("strings.h5")
    let heap = try #require(original.indices.first { original[$0...].starts(with: "GCOL".utf8) })
    // The signature, the size of the collection, and the size of its first object.
    for (place, value) in [(heap, UInt8(0)), (heap + 9, 0), (heap + 9, 0xff), (heap + 24, 0), (heap + 25, 1)]
    {
      var bytes = original
      bytes[place] = value
      let result = try ReadEverything { try HDF5File(image: bytes, name: "strings") }
      #expect(result.errors.contains { $0.code == .damaged }, "byte \(place)")
    }
  }

  @Test("The library prints nothing about failures")
  func quiet() throws {
    try withTemporaryFolder { folder in
      let log = folder.appending(path: "stderr").path
      // The messages of tests running beside this one go there too, and are passed on afterwards.
      let kept = dup(2)
      let target = open(log, O_CREAT | O_WRONLY | O_APPEND, 0o600)
      #expect(kept >= 0 && target >= 0 && dup2(target, 2) == 2)
      defer {
        dup2(kept, 2)
        close(kept)
        close(target)
        try? FileHandle.standardError.write(contentsOf: Data(contentsOf: URL(filePath: log)))
      }
      let original = try Golden.bytes("modern.h5")
      var errors = 0
      // Threads have error stacks of their own where the library is built with thread safety.
      DispatchQueue.concurrentPerform(iterations: 8) { index in
        let bytes = corrupted(original, seed: UInt64(1000 + index))
        _ = try? ReadEverything { try HDF5File(image: bytes, name: "damaged") }
      }
      for seed in 0..<30 as Range<UInt64> {
        let bytes = corrupted(original, seed: seed)
        errors += try ReadEverything { try HDF5File(image: bytes, name: "damaged") }.errors.count
      }
      #expect(errors > 30)
      let printed = String(decoding: try Data(contentsOf: URL(filePath: log)), as: UTF8.self)
      #expect(!printed.contains("HDF5-DIAG"))
    }
  }
}
