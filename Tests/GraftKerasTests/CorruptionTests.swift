import Foundation
import GraftGraph
import GraftKeras
import GraftSupport
import Testing
import _GraftTestSupport

/// The bytes of a file damaged by flipped bits, zeros, or a cut; the same for the same seed.
func damaged(_ original: [UInt8], seed: Int) -> [UInt8] {
  var bytes = original
  var random = SeededGenerator(seed: UInt64(seed), stream: "corruption")
  // Half of the damage goes where the file has content; most of a small file is zeros.
  func place() -> Int {
    for _ in 0..<50 {
      let place = random.below(bytes.count)
      if bytes[place] != 0 || random.below(4) == 0 { return place }
    }
    return random.below(bytes.count)
  }
  switch seed % 3 {
  case 0: for _ in 0...random.below(8) { bytes[place()] ^= 1 << UInt8(random.below(8)) }
  case 1: bytes.removeLast(1 + random.below(bytes.count - 1))
  default:
    let start = place()
    for index in start..<min(bytes.count, start + 1 + random.below(64)) { bytes[index] = 0 }
  }
  return bytes
}

@Suite("Damaged weight files")
struct CorruptionTests {
  /// Files and images are read in different ways.
  private func open(_ bytes: [UInt8], onDisk: Bool, in folder: URL) throws -> KerasFile {
    guard onDisk else { return try KerasFile(bytes: bytes, name: "damaged") }
    let url = folder.appending(path: "damaged")
    try Data(bytes).write(to: url)
    return try KerasFile(path: url.path)
  }

  @Test(
    "200 damaged variants of a file give an error that names it, or a network: never a crash",
    arguments: ["keras2_weights.h5", "keras3_model.h5", "keras3.weights.h5"])
  func variants(_ name: String) throws {
    let original = try [UInt8](Data(contentsOf: URL(filePath: Golden.path(name))))
    let graph = try SmallNetwork.branched()
    let candidate = NetworkCandidate(name: "branched") { top in
      switch top {
      case .none: try SmallNetwork.branched(classes: nil)
      case .classifier(let classes): try SmallNetwork.branched(classes: classes)
      }
    }
    let names = Set(graph.nodes.map(\.name))
    var (errors, same, other) = (0, 0, 0)
    let expected = try Golden.parameters("branched")
    try TestData.withTemporaryFolder { folder in
      for seed in 0..<200 {
        let bytes = damaged(original, seed: seed)
        do {
          let file = try open(bytes, onDisk: seed % 10 < 5, in: folder)
          _ = try? file.recognized(among: [candidate])
          let (parameters, matches) = try WeightImporter(file: file).load(into: graph)
          // What is given must be complete, whatever became of the values.
          #expect(Set(matches.rows.map(\.layer)).isSubset(of: names) && matches.rows.count == 7)
          _ = try Network(graph: graph, parameters: parameters)
          if parameters == expected { same += 1 } else { other += 1 }
        } catch let error as ImportError {
          #expect(error.file.hasSuffix("damaged") && !error.message.isEmpty)
          errors += 1
        }
      }
    }
    // A damage that no variant shows, or that every variant shows, would be none of the damages meant.
    #expect(
      errors > 80 && same > 10 && other > 2, "\(errors) errors, \(same) the same, \(other) other values")
  }
}
