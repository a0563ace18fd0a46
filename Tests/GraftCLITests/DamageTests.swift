import Foundation
import GraftSupport
import Testing
import _GraftTestSupport

@Suite("Damaged files given to the program")
struct DamageTests {
  @Test("Of 200 damaged JPEGs and 200 damaged PNGs in one run, each gives features or is named as skipped")
  func pictures() throws {
    try TestData.withTemporaryFolder { folder in
      let photos = folder.appending(path: "photos")
      try FileManager.default.createDirectory(at: photos, withIntermediateDirectories: true)
      let golden = TestData.package.appending(path: "Tests/GraftImageTests/Golden/pictures")
      let names = try FileManager.default.contentsOfDirectory(atPath: golden.path).sorted()
      for ending in ["jpg", "png"] {
        let sources = names.filter { $0.hasSuffix("." + ending) }
        try #require(sources.count > 3)
        var generator = SeededGenerator(seed: 1, stream: ending)
        for number in 0..<200 {
          let whole = try Data(contentsOf: golden.appending(path: sources[number % sources.count]))
          let damaged = Damage.apply(to: Array(whole), &generator)
          try Data(damaged).write(to: photos.appending(path: "\(number).\(ending)"))
        }
      }
      let run = try Program.run(["extract", "photos", "-o", "f.csv"], in: folder, killedAfter: 60)
      #expect(run.status == 2, "\(run.errors.suffix(2000))")
      let skipped = run.errors.split(separator: "\n").compactMap { line -> Substring? in
        guard line.hasPrefix("skipped photos/"), let colon = line.firstIndex(of: ":") else { return nil }
        #expect(line[colon...].count > 8, "a reason: \(line)")
        return line[..<colon].dropFirst("skipped photos/".count)
      }
      let table = try String(contentsOf: folder.appending(path: "f.csv"), encoding: .utf8)
      let stored = table.split(separator: "\n").dropFirst().map { $0.prefix { $0 != "," } }
      #expect(skipped.count > 40, "the damage was felt: \(skipped.count)")
      #expect(stored.count > 10, "not all of it is fatal: \(stored.count)")
      #expect(skipped.count + stored.count == 400)
      #expect(Set(skipped).union(stored).count == 400, "each file once")
      #expect(!table.contains("nan") && !table.contains("inf"))
    }
  }

  @Test("30 damaged weight files, 12 stores and 12 models are refused by name or used, in time")
  func networks() throws {
    try TestData.withTemporaryFolder { folder in
      try Pictures.copy(classes: 2, perClass: 2, to: folder.appending(path: "photos"))
      #expect(try Program.run(["extract", "photos", "-o", "f.h5"], in: folder).status == 0)
      #expect(try Program.run(["fit", "f.h5", "-o", "m.h5", "--l2", "0.1"], in: folder).status == 0)
      let weights = TestData.package.appending(path: "weights/default.h5")
      var refused = 0
      for (source, count, arguments) in [
        (weights, 30, ["extract", "photos", "-o", "x.npy", "--weights", "damaged.h5"]),
        (folder.appending(path: "f.h5"), 12, ["fit", "damaged.h5", "-o", "x.h5", "--l2", "0.1"]),
        (folder.appending(path: "m.h5"), 12, ["predict", "photos", "--model", "damaged.h5"]),
      ] {
        let whole = Array(try Data(contentsOf: source))
        var generator = SeededGenerator(seed: 2, stream: arguments[0])
        for number in 0..<count {
          try Data(Damage.apply(to: whole, &generator)).write(to: folder.appending(path: "damaged.h5"))
          let run = try Program.run(arguments, in: folder, killedAfter: 20)
          #expect(
            [0, 1].contains(run.status), "\(arguments[0]) \(number): \(run.status) \(run.errors.prefix(2000))"
          )
          #expect(!run.errors.contains("Fatal error") && !run.errors.contains("HDF5-DIAG"), "\(run.errors)")
          if run.status == 1 {
            #expect(run.errors.contains("Error: "), "\(run.errors)")
            refused += 1
          }
        }
      }
      #expect(refused > 15, "the damage was felt: \(refused)")
      let left = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter {
        $0.hasSuffix(".part") || $0.hasSuffix(".journal")
      }
      #expect(left.isEmpty, "\(left)")
    }
  }
}

/// Ways in which files are spoilt.
private enum Damage {
  /// Flips, zeroes, cuts off, repeats or takes out bytes, near the beginning as often as anywhere.
  static func apply(to whole: [UInt8], _ generator: inout SeededGenerator) -> [UInt8] {
    var bytes = whole
    func place(_ generator: inout SeededGenerator) -> Int {
      let range = Bool.random(using: &generator) ? min(bytes.count, 4096) : bytes.count
      return Int.random(in: 0..<range, using: &generator)
    }
    switch Int.random(in: 0..<6, using: &generator) {
    case 0:
      for _ in 0..<Int.random(in: 1...20, using: &generator) {
        bytes[place(&generator)] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
      }
    case 1:
      for _ in 0..<Int.random(in: 1...8, using: &generator) {
        bytes[place(&generator)] = UInt8.random(in: 0...255, using: &generator)
      }
    case 2:
      bytes.removeLast(bytes.count - place(&generator))
    case 3:
      let start = place(&generator)
      let end = min(bytes.count, start + Int.random(in: 1...512, using: &generator))
      for index in start..<end { bytes[index] = 0 }
    case 4:
      let start = place(&generator)
      bytes.removeSubrange(start..<min(bytes.count, start + Int.random(in: 1...64, using: &generator)))
    default:
      let start = place(&generator)
      let end = min(bytes.count, start + Int.random(in: 1...64, using: &generator))
      for index in start..<end { bytes[index] = 0xff }
    }
    return bytes
  }
}
