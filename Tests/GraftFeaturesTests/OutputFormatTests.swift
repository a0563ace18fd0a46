import Foundation
import GraftFeatures
import GraftTensor
import Testing
import _GraftTestSupport

@Suite("Features are written as NumPy arrays and as text")
struct OutputFormatTests {
  @Test(
    "The end of a name decides the format",
    arguments: [
      ("a/b.h5", FeatureFormat.hdf5), ("b.HDF5", .hdf5), ("x.y.npy", .npy), ("t.csv", .csv),
    ])
  func names(path: String, format: FeatureFormat) throws {
    #expect(try FeatureFormat(path: path) == format)
  }

  @Test("A name with another end is refused", arguments: ["features", "features.txt", "h5", ".npz"])
  func otherNames(path: String) throws {
    let error = #expect(throws: FeatureError.self) { try FeatureFormat(path: path) }
    #expect(error?.code == .invalidValue && error?.message.contains(".csv") == true)
  }

  @Test(
    "An array file is byte for byte what NumPy writes",
    arguments: [
      ("vectors_f4.npy", [5], FeatureScalar.float32), ("vectors_f2.npy", [5], .float16),
      ("maps_f4.npy", [2, 1, 4], .float32),
    ])
  func array(golden: String, dimensions: [Int], scalar: FeatureScalar) throws {
    try TestData.withTemporaryFolder { folder in
      let path = folder.appending(path: "out.npy").path
      let sample = Sample(layers: [FeatureLayer(name: "layer", shape: Shape(dimensions))])
      let writer = try FeatureStoreWriter(
        path: path, origin: sample.origin, layers: sample.layers, scalar: scalar)
      let width = sample.layers[0].shape.count
      let values = Golden.values(3 * width)
      for row in [2, 0, 1] {
        try writer.append(
          digest: Sample.digest(row), features: [Array(values[row * width..<(row + 1) * width])])
      }
      let rows = Sample.rows(0..<3)
      _ = try writer.finish(rows: rows, classes: Sample.classes)
      #expect(try Sample.bytes(path) == Sample.bytes(Golden.path(golden)))
      #expect(
        try Sample.bytes(folder.appending(path: "out_labels.npy").path)
          == Sample.bytes(Golden.path("labels.npy")))
      #expect(
        try String(contentsOf: folder.appending(path: "out_classes.txt"), encoding: .utf8)
          == "cat\ndog\n„eel”, \"long\"\n")
      #expect(
        try String(contentsOf: folder.appending(path: "out_paths.txt"), encoding: .utf8)
          == rows.map { $0.path + "\n" }.joined())
      #expect(try Sample.files(in: folder.path).count == 4)

      // Without classes, the labels of an earlier run must not stay and pass for this one's.
      let again = try FeatureStoreWriter(
        path: path, origin: sample.origin, layers: sample.layers, scalar: scalar)
      try sample.append([7], to: again)
      _ = try again.finish(rows: [FeatureRow(path: "a\nb", digest: Sample.digest(7))], classes: [])
      #expect(
        try Sample.files(in: folder.path) == [
          "out.npy", "out_paths.txt",
        ])
      #expect(
        try String(contentsOf: folder.appending(path: "out_paths.txt"), encoding: .utf8) == "a\\nb\n")
    }
  }

  @Test("Text gives back every number to the last bit, and every name")
  func text() throws {
    try TestData.withTemporaryFolder { folder in
      let path = folder.appending(path: "out.csv").path
      let values: [Float] = [
        0, -0.0, 0.1, 1 / 3, 16_777_216, .greatestFiniteMagnitude, .leastNonzeroMagnitude, 1.1754944e-38,
        -2.5e-7, 123456.79,
      ]
      let sample = Sample(layers: [FeatureLayer(name: "layer", shape: [values.count])])
      let writer = try FeatureStoreWriter(path: path, origin: sample.origin, layers: sample.layers)
      try writer.append(digest: Sample.digest(0), features: [values])
      try sample.append(1..<200, to: writer)
      var rows = Sample.rows(0..<200)
      rows[1].path = "with, comma \"and\" quotes\nand a line break"
      _ = try writer.finish(rows: rows, classes: Sample.classes)

      let records = try Self.records(of: String(contentsOf: URL(filePath: path), encoding: .utf8))
      #expect(records.count == 201)
      #expect(records[0] == ["path", "label", "class"] + values.indices.map { "f\($0)" })
      for (index, row) in rows.enumerated() {
        let record = records[index + 1]
        #expect(record[0] == row.path)
        #expect(record[1] == "\(index % 3)" && record[2] == Sample.classes[index % 3])
        let expected = index == 0 ? values : sample.features(index)[0]
        #expect(record[3...].map { Float($0)?.bitPattern } == expected.map(\.bitPattern))
      }
    }
  }

  @Test("An array or a table has room for one layer", arguments: ["out.npy", "out.csv"])
  func oneLayer(name: String) throws {
    try TestData.withTemporaryFolder { folder in
      let sample = Sample(layers: RoundTripTests.layers)
      let error = #expect(throws: FeatureError.self) {
        try FeatureStoreWriter(
          path: folder.appending(path: name).path, origin: sample.origin, layers: sample.layers)
      }
      #expect(error?.code == .wrongLayer && error?.message.contains("pool, nested/conv") == true)
      let files = try Sample.files(in: folder.path)
      #expect(files.isEmpty)
    }
  }

  /// The records of a comma-separated text, after RFC 4180, with line feeds.
  private static func records(of text: String) -> [[String]] {
    var records: [[String]] = []
    var record: [String] = []
    var field = ""
    var isQuoted = false
    var previous: Character?
    for character in text {
      defer { previous = character }
      switch character {
      case "\"":
        // Two in a row inside quotes are one.
        if !isQuoted, previous == "\"" { field.append("\"") }
        isQuoted.toggle()
      case "," where !isQuoted:
        record.append(field)
        field = ""
      case "\n" where !isQuoted:
        records.append(record + [field])
        record = []
        field = ""
      default: field.append(character)
      }
    }
    return records
  }
}
