internal import Foundation
internal import GraftHDF5
internal import GraftSupport

/// A state of a run on disk: an HDF5 file that has its name only when it is whole, and what says which run it
/// belongs to.
package struct Checkpoint: Sendable {
  /// Texts that must be equal for a run to go on from here: the options, the pictures, the starting network.
  package var run: [String: String]
  /// Facts that whoever goes on needs, in words of its own.
  package var facts: [String: String]
  /// The state.
  package var state: TrainingState

  package init(run: [String: String], facts: [String: String], state: TrainingState) {
    self.run = run
    self.facts = facts
    self.state = state
  }

  /// The version of the layout below.
  private static let formatVersion = 1

  /// The state but for its arrays.
  private struct Header: Codable {
    var run: [String: String]
    var facts: [String: String]
    var step: Int
    var lossSum: Double
    var right: Double
    var seen: Int
    var history: TrainingHistory
    var slots: Int
    var hasBest: Bool
  }

  /// Writes the checkpoint; what stood at `path` before stands there until the new one is on the disk.
  ///
  /// - Throws: `TrainingError` with code `.checkpoint`, for a full disk for example.
  package func write(to path: String) throws {
    let header = Header(
      run: run, facts: facts, step: state.step, lossSum: state.lossSum, right: state.right, seen: state.seen,
      history: state.history, slots: state.slots.count, hasBest: state.best != nil)
    do {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys]
      let text = String(decoding: try encoder.encode(header), as: UTF8.self)
      try AtomicFile.replace(path) { temporary in
        let file = try HDF5File(temporary, mode: .create)
        try file.root.setAttribute("format_version", .integer(Self.formatVersion))
        try file.root.createDataset("state", type: .variableString, shape: [1]).write([text])
        func write(_ name: String, _ values: [Float]) throws {
          try file.root.createDataset(name, type: .float32, shape: [values.count]).write(values)
        }
        try write("weights", state.weights.values)
        if let best = state.best { try write("best", best.values) }
        for (number, slot) in state.slots.enumerated() { try write("slot\(number)", slot) }
        try file.close()
      }
    } catch {
      throw TrainingError(
        .checkpoint,
        "\(path): the checkpoint cannot be written: \(error); an earlier one still stands there, if there was one: "
          + "make room and resume")
    }
  }

  /// Reads a checkpoint.
  ///
  /// - Throws: `TrainingError` with code `.checkpoint` for anything else.
  package init(contentsOf path: String) throws {
    func refuse(_ reason: String) -> TrainingError {
      TrainingError(
        .checkpoint, "\(path): \(reason); remove it to begin anew, or give the folder of another run")
    }
    do {
      let file = try HDF5File(path)
      guard try file.root.attribute("format_version")?.integerValue == Self.formatVersion else {
        throw refuse("is no checkpoint of this version of Graft")
      }
      guard let text = try file.root.dataset("state").readStrings().first else {
        throw refuse("has no state in it")
      }
      let header = try JSONDecoder().decode(Header.self, from: Data(text.utf8))
      func floats(_ name: String) throws -> [Float] { try file.root.dataset(name).readFloats() }
      run = header.run
      facts = header.facts
      guard header.step >= 0, (0...16).contains(header.slots) else { throw refuse("is damaged") }
      state = TrainingState(
        weights: .init(values: try floats("weights")),
        slots: try (0..<header.slots).map { try floats("slot\($0)") })
      state.step = header.step
      state.lossSum = header.lossSum
      state.right = header.right
      state.seen = header.seen
      state.history = header.history
      state.best = header.hasBest ? .init(values: try floats("best")) : nil
    } catch let error as TrainingError {
      throw error
    } catch {
      throw refuse("cannot be read as a checkpoint: \(error)")
    }
  }

  /// In what the run of this checkpoint is another one than that of the given texts, in words; empty where it is the
  /// same.
  package func differences(from other: [String: String]) -> [String] {
    Set(run.keys).union(other.keys).sorted().compactMap { key in
      guard run[key] != other[key] else { return nil }
      let (old, new) = (run[key] ?? "none", other[key] ?? "none")
      return old.count + new.count < 200 ? "\(key): \(old) then, \(new) now" : "\(key) differ"
    }
  }
}
