import Foundation
import GraftFeatures
import GraftHDF5
import GraftSupport
import GraftTensor
import Testing
import _GraftTestSupport

@Suite("Faults of the machine and of files end in an error that says what to do")
struct FaultTests {
  @Test("Two writers at once: the second is refused, in this process and in another")
  func lock() throws {
    try TestData.withTemporaryFolder { folder in
      let path = folder.appending(path: "features.h5").path
      let sample = Sample()
      func open() throws -> FeatureStoreWriter {
        try FeatureStoreWriter(path: path, origin: sample.origin, layers: sample.layers)
      }
      do {
        let first = try open()
        let error = #expect(throws: FeatureError.self) { try open() }
        #expect(error?.code == .busy && error?.message.contains("another process") == true)
        let flock = "/usr/bin/flock"
        if FileManager.default.isExecutableFile(atPath: flock) {
          let result = try Program.runAny(
            flock, ["--nonblock", "--conflict-exit-code", "9", path + ".journal", "true"], in: folder)
          #expect(result.status == 9)
        }
        // The refused one must not have taken the file of the first.
        try sample.append(0..<3, to: first)
      }
      let second = try open()
      #expect(second.count == 3)
      _ = try second.finish(rows: Sample.rows(0..<3), classes: Sample.classes)
      // A finished writer stands in nobody's way, even while it lives.
      let third = try open()
      #expect(third.count == 3)
    }
  }

  @Test(
    "A full disk leaves the old file and all that was computed; with room again, the run ends well",
    .enabled(if: FileManager.default.fileExists(atPath: "/dev/full"), "needs /dev/full"),
    arguments: ["out.h5", "out.npy", "out.csv"])
  func fullDisk(name: String) throws {
    try TestData.withTemporaryFolder { folder in
      let path = folder.appending(path: name).path
      // Large enough not to fit into the buffers of a library.
      let sample = Sample(layers: [FeatureLayer(name: "layer", shape: [3000])])
      try sample.extract(0..<2, to: path)
      let before = try Sample.bytes(path)
      let writer = try FeatureStoreWriter(path: path, origin: sample.origin, layers: sample.layers)
      try sample.append(0..<400, to: writer)
      let part = path + ".part"
      try FileManager.default.createSymbolicLink(atPath: part, withDestinationPath: "/dev/full")
      let error = #expect(throws: FeatureError.self) {
        try writer.finish(rows: Sample.rows(0..<400), classes: Sample.classes)
      }
      #expect(error?.code == .cannotWrite)
      for words in ["No space left on device", path + ".journal", "run again"] {
        #expect(error?.description.contains(words) == true, "\(String(describing: error))")
      }
      #expect(try Sample.bytes(path) == before)
      #expect((try? FileManager.default.destinationOfSymbolicLink(atPath: part)) == nil)
      #expect(try writer.finish(rows: Sample.rows(0..<400), classes: Sample.classes).stored == 400)
      let whole = folder.appending(path: "whole-" + name).path
      try sample.extract(0..<400, to: whole)
      #expect(try Sample.bytes(path) == Sample.bytes(whole))
    }
  }

  @Test("A folder that is not there or may not be written is named")
  func unwritable() throws {
    let sample = Sample()
    let error = #expect(throws: FeatureError.self) {
      try FeatureStoreWriter(path: "/nowhere/at/all/x.h5", origin: sample.origin, layers: sample.layers)
    }
    #expect(error?.code == .cannotWrite)
    #expect(error?.description.contains("/nowhere/at/all/x.h5") == true)
    #expect(error?.description.contains("No such file or directory") == true)
  }

  @Test("200 damaged stores give a table that fits together or an error that names the file")
  func damaged() throws {
    try TestData.withTemporaryFolder { folder in
      let path = folder.appending(path: "features.h5").path
      let sample = Sample(layers: RoundTripTests.layers)
      try sample.extract(0..<20, to: path)
      let original = Array(try Sample.bytes(path))
      var refused = 0
      for seed in 0..<200 as Range<UInt64> {
        let path = folder.appending(path: "damaged.h5").path
        try Data(Self.damage(original, seed: seed)).write(to: URL(filePath: path))
        do {
          let store = try FeatureStore(path: path)
          for layer in store.layers {
            let table = try store.table(layer: layer.name)
            #expect(table.paths.count == table.count && table.digests.count == table.count)
            #expect(table.features.count == table.count * layer.shape.count)
          }
        } catch let error as FeatureError {
          #expect(error.file == path && !error.message.isEmpty)
          refused += 1
        }
        // To go on from it must be just as safe; what comes out is a sound store.
        do {
          try sample.extract(0..<22, to: path)
          #expect(try FeatureStore(path: path).count == 22)
        } catch let error as FeatureError {
          #expect(error.file == path && !error.message.isEmpty)
        }
        for end in ["", ".journal"] { try? FileManager.default.removeItem(atPath: path + end) }
      }
      // Most damage to so small a file is to what holds it together.
      #expect((60...195).contains(refused), "\(refused) refused")
    }
  }

  struct Contradiction: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var words: String
    var make: @Sendable (HDF5Group) throws -> Void
  }

  static let contradictions = [
    Contradiction(testDescription: "fewer paths than rows", words: "paths of shape [2] for 3 rows") {
      try $0.createDataset("paths", type: .variableString, shape: [2]).write(["a", "b"])
    },
    Contradiction(testDescription: "a label beyond the classes", words: "row 1 is of class 5") {
      try $0.createDataset("labels", type: .int32, shape: [3]).write([0, 5, 1])
      try $0.createDataset("classes", type: .variableString, shape: [2]).write(["a", "b"])
    },
    Contradiction(testDescription: "a negative label", words: "row 2 is of class -1") {
      try $0.createDataset("labels", type: .int32, shape: [3]).write([0, 1, -1])
      try $0.createDataset("classes", type: .variableString, shape: [2]).write(["a", "b"])
    },
    Contradiction(testDescription: "classes and no labels", words: "has 2 classes and no labels") {
      try $0.createDataset("classes", type: .variableString, shape: [2]).write(["a", "b"])
    },
    Contradiction(testDescription: "two classes of one name", words: "both named \"a\"") {
      try $0.createDataset("labels", type: .int32, shape: [3]).write([0, 0, 1])
      try $0.createDataset("classes", type: .variableString, shape: [2]).write(["a", "a"])
    },
    Contradiction(testDescription: "labels that are no integers", words: "integers were expected") {
      try $0.createDataset("labels", type: .float32, shape: [3]).write([0, 0, 1] as [Float])
      try $0.createDataset("classes", type: .variableString, shape: [2]).write(["a", "b"])
    },
    Contradiction(testDescription: "a digest that is none", words: "row 0 has no SHA-256 digest but \"xyz\"")
    {
      try $0.createDataset("digests", type: .fixedString(64), shape: [3]).write(["xyz", "", ""])
    },
    Contradiction(testDescription: "a missing layer", words: "no dataset \"features/b\"") {
      try $0.setAttribute("layers", .strings(["a", "b"]))
    },
    Contradiction(testDescription: "a layer twice", words: "names no layers, or one twice") {
      try $0.setAttribute("layers", .strings(["a", "a"]))
    },
    Contradiction(testDescription: "layers of unequal length", words: "has the shape [2, 4]") {
      try $0.setAttribute("layers", .strings(["a", "b"]))
      _ = try $0.createDataset("features/b", type: .float32, shape: [2, 4])
    },
    Contradiction(testDescription: "rows that are numbers", words: "has the shape [3]") {
      try $0.setAttribute("layers", .strings(["b"]))
      _ = try $0.createDataset("features/b", type: .float32, shape: [3])
    },
    Contradiction(testDescription: "features in double precision", words: "float64") {
      try $0.setAttribute("layers", .strings(["b"]))
      _ = try $0.createDataset("features/b", type: .float64, shape: [3, 2])
    },
    Contradiction(testDescription: "more features than any file holds", words: "features/b") {
      try $0.setAttribute("layers", .strings(["b"]))
      _ = try $0.createDataset(
        "features/b", type: .float32, shape: [3, 1 << 44], maximumShape: [nil, 1 << 44], chunk: [1, 1024])
    },
    Contradiction(testDescription: "no seed", words: "does not say its seed") {
      try $0.removeAttribute("seed")
    },
    Contradiction(testDescription: "a size in words", words: "says no number as its input_size") {
      try $0.setAttribute("input_size", .string("large"))
    },
  ]

  @Test("A store that contradicts itself is refused, with the place named", arguments: contradictions)
  func contradiction(_ contradiction: Contradiction) throws {
    try TestData.withTemporaryFolder { folder in
      let path = folder.appending(path: "features.h5").path
      let file = try HDF5File(path, mode: .create)
      for name in [
        "architecture", "weights", "weights_digest", "pooling", "preprocessing", "preprocessing_json",
        "augmentation",
      ] { try file.root.setAttribute(name, .string("x")) }
      try file.root.setAttribute("format", .string("graft features"))
      try file.root.setAttribute("format_version", .integer(1))
      try file.root.setAttribute("input_size", .integer(224))
      try file.root.setAttribute("seed", .string("1"))
      try file.root.setAttribute("layers", .strings(["a"]))
      try contradiction.make(file.root)
      if try file.root.kind(of: "features/a") == nil {
        _ = try file.root.createDataset("features/a", type: .float32, shape: [3, 2])
      }
      if try file.root.kind(of: "paths") == nil {
        try file.root.createDataset("paths", type: .variableString, shape: [3]).write(["a", "b", "c"])
      }
      if try file.root.kind(of: "digests") == nil {
        try file.root.createDataset("digests", type: .fixedString(64), shape: [3])
          .write((0..<3).map(Sample.digest))
      }
      try file.close()
      let error = #expect(throws: FeatureError.self) { try FeatureStore(path: path).table() }
      #expect(error?.code == .damaged)
      #expect(error?.message.contains(contradiction.words) == true, "\(String(describing: error))")
    }
  }

  /// Bytes changed, cut off, zeroed or moved; the same for the same seed.
  private static func damage(_ original: [UInt8], seed: UInt64) -> [UInt8] {
    var bytes = original
    var random = SeededGenerator(seed: seed, stream: "damage")
    func number(_ range: Range<Int>) -> Int { range.lowerBound + Int(random.next() % UInt64(range.count)) }
    /// What carries meaning is rarely zero.
    func place() -> Int {
      for _ in 0..<20 {
        let place = number(0..<bytes.count)
        if bytes[place] != 0 { return place }
      }
      return number(0..<bytes.count)
    }
    switch seed % 5 {
    case 0: for _ in 0..<number(1..<9) { bytes[place()] ^= 1 << UInt8(number(0..<8)) }
    case 1: for _ in 0..<number(1..<5) { bytes[place()] = [0, 1, 0x7f, 0x80, 0xff][number(0..<5)] }
    case 2: bytes.removeLast(number(1..<bytes.count))
    case 3:
      let start = place()
      for index in start..<min(start + number(1..<65), bytes.count) {
        bytes[index] = UInt8(number(0..<2) * 255)
      }
    default:
      let (from, to, count) = (number(0..<bytes.count - 300), number(0..<bytes.count - 300), number(4..<257))
      bytes.replaceSubrange(to..<to + count, with: original[from..<from + count])
    }
    return bytes
  }
}
