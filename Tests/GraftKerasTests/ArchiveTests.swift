import Foundation
import GraftArchive
import GraftGraph
import GraftKeras
import GraftSupport
import GraftTensor
import Testing
import _GraftTestSupport

@Suite("Archives that are no model, or a trap")
struct ArchiveTests {
  /// The parts of an archive as `ZipWriter` writes it, some of them changed.
  private struct Parts {
    var files: [(name: String, bytes: [UInt8])]

    static func model() throws -> Parts {
      let archive = try ZipArchive(path: Golden.path("layers_dilated.keras"))
      return Parts(files: try archive.entries.map { ($0.name, try archive.data(of: $0, limit: 1 << 20)) })
    }

    subscript(name: String) -> [UInt8] {
      get { files.first { $0.name == name }?.bytes ?? [] }
      set {
        files.removeAll { $0.name == name }
        files.append((name, newValue))
      }
    }

    func bytes() throws -> [UInt8] {
      try TestData.withTemporaryFolder { folder in
        let path = folder.appending(path: "a.zip").path
        let writer = try ZipWriter(path: path)
        for file in files { try writer.add(file.name, file.bytes) }
        try writer.close()
        return [UInt8](try Data(contentsOf: URL(filePath: path)))
      }
    }
  }

  private func refusal(_ bytes: [UInt8], whole: Bool = true) throws -> ImportError {
    try #require(throws: ImportError.self) {
      let file = try KerasFile(bytes: bytes, name: "m.keras")
      if whole { _ = try KerasModelFile.graph(of: file) }
    }
  }

  @Test("A sound archive is read from memory and from disk, and leaves no temporary file")
  func sound() throws {
    let before = try temporaries()
    let path = Golden.path("layers_dilated.keras")
    let file = try KerasFile(path: path)
    let copy = try KerasFile(bytes: Parts.model().bytes(), name: "m.keras")
    #expect(
      file.container == .archive && file.generation == .keras3 && file.kerasVersion?.hasPrefix("3.") == true)
    #expect(file.layers == copy.layers && !file.weightedLayers.isEmpty)
    for (a, b) in zip(file.weightedLayers, copy.weightedLayers) {
      for (first, second) in zip(a.weights, b.weights) {
        #expect(try file.tensor(first) == copy.tensor(second))
      }
    }
    #expect(try remaining(since: before).isEmpty)
  }

  private func temporaries() throws -> Set<String> {
    let folder = FileManager.default.temporaryDirectory.path
    return Set(
      try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.contains(".weights.h5") })
  }

  /// The temporary files that were made since then and stay. Those of tests that run at the same time go by themselves.
  private func remaining(since before: Set<String>) throws -> Set<String> {
    var left = try temporaries().subtracting(before)
    for _ in 0..<300 where !left.isEmpty {
      Thread.sleep(forTimeInterval: 0.1)
      left.formIntersection(try temporaries())
    }
    return left
  }

  @Test("What lacks a part, or is another archive, is named")
  func parts() throws {
    for name in ["config.json", "model.weights.h5"] {
      var parts = try Parts.model()
      parts.files.removeAll { $0.name == name }
      let error = try refusal(parts.bytes())
      #expect(error.code == .damaged && error.message.contains(name))
    }
    let other = Parts(files: [("letter.txt", Array("Dear".utf8))])
    #expect(try refusal(other.bytes()).code == .cannotOpen)
    var parts = try Parts.model()
    parts["model.weights.h5"] = Array("no HDF5".utf8)
    #expect(try refusal(parts.bytes()).code == .cannotOpen)
  }

  @Test(
    "Names that lead elsewhere, and two files of one name, are refused",
    arguments: ["../x", "/etc/x", "a/../../x", "C:x"])
  func names(_ name: String) throws {
    var parts = try Parts.model()
    parts.files.append((name, [1]))
    #expect(try refusal(parts.bytes()).code == .unsupported)
    parts.files[parts.files.count - 1] = ("config.json", [1])
    #expect(try refusal(parts.bytes()).message.contains("two files"))
  }

  @Test("Cut short anywhere, and with any byte changed, it is refused or read, never worse")
  func damage() throws {
    let bytes = try Parts.model().bytes()
    for length in stride(from: 4, to: bytes.count, by: bytes.count / 40) {
      let code = try refusal(Array(bytes[..<length])).code
      #expect(code == .damaged || length < 100 && code == .cannotOpen, "\(length) bytes")
    }
    var generator = SeededGenerator(seed: 8, stream: "archive")
    for _ in 0..<300 {
      var changed = bytes
      // Most of them in the directory at the end.
      let last = Int(generator.unit() * 400)
      changed[
        generator.unit() < 0.7 ? bytes.count - 1 - last : Int(generator.unit() * Double(bytes.count))] ^=
        UInt8(1 + Int(generator.unit() * 254))
      _ = try? KerasModelFile.graph(of: KerasFile(bytes: changed, name: "m.keras"))
    }
  }

  @Test(
    "Zip bombs are refused, those that say what they are and those that do not",
    arguments: ["bomb", "hidden_bomb"])
  func bombs(_ name: String) throws {
    let before = try temporaries()
    let path = Golden.path("refused_\(name).keras")
    let error = try #require(throws: ImportError.self) { try KerasFile(path: path) }
    #expect(error.code == (name == "bomb" ? .unsupported : .damaged), "\(error)")
    #expect(error.message.contains("bytes") && error.file == path, "\(error)")
    #expect(try remaining(since: before).isEmpty)
  }

  @Test("A declared size beyond all measure is refused before anything is unpacked")
  func bomb() throws {
    for (offset, what) in [(24, "size"), (20, "packed size"), (42, "place")] {
      var bytes = try Parts.model().bytes()
      // The weights stand last in the directory.
      let start = try #require(
        bytes.indices.dropLast(4).last { bytes[$0..<$0 + 4].elementsEqual([0x50, 0x4b, 1, 2]) })
      bytes.replaceSubrange(start + offset..<start + offset + 4, with: [0xf0, 0xff, 0xff, 0xff])
      let error = try refusal(bytes)
      #expect(error.code == .unsupported || error.code == .damaged, "\(what): \(error)")
    }
    var bytes = try Parts.model().bytes()
    let start = try #require(
      bytes.indices.dropLast(4).last { bytes[$0..<$0 + 4].elementsEqual([0x50, 0x4b, 1, 2]) })
    bytes[start + 8] |= 1
    #expect(try refusal(bytes).message.contains("encrypted"))
    bytes[start + 8] ^= 1
    bytes[start + 10] = 14
    #expect(try refusal(bytes).message.contains("method 14"))
  }

  @Test("Configurations that nest without end, or are larger than any, are refused")
  func configurations() throws {
    var parts = try Parts.model()
    parts["config.json"] = [UInt8](repeating: UInt8(ascii: "["), count: 100_000)
    #expect(try refusal(parts.bytes()).code == .configuration)
    parts["config.json"] = [UInt8](repeating: UInt8(ascii: " "), count: 9 << 20)
    #expect(try refusal(parts.bytes()).message.contains("more than"))
  }

  @Test(
    "A configuration that names files outside, or carries code, is refused by the layer and touches nothing")
  func outside() throws {
    try TestData.withTemporaryFolder { folder in
      let trap = folder.appending(path: "trap").path
      for (className, options) in [
        ("StringLookup", #""vocabulary": "\#(trap)""#),
        (
          "Lambda",
          #""function": {"class_name": "__lambda__", "config": {"code": "import os; open('\#(trap)', 'w')"}}"#
        ),
        ("TFSMLayer", #""filepath": "\#(trap)""#),
      ] {
        var parts = try Parts.model()
        parts["config.json"] = Array(
          """
          {"module": "keras", "class_name": "Sequential", "config": {"name": "m", "layers": [
          {"class_name": "InputLayer", "config": {"batch_shape": [null, 4, 4, 3], "name": "x"}},
          {"class_name": "\(className)", "config": {"name": "trap", \(options)}}]}}
          """.utf8)
        let error = try refusal(parts.bytes())
        #expect(error.layer == "trap" && error.code == .unsupported, "\(error)")
      }
      #expect(!FileManager.default.fileExists(atPath: trap))
    }
  }
}
