internal import Foundation

/// Writes the states of a run, as often as costs a twentieth of the time: all of a small network, of a large one only
/// some, so that a run that is killed loses no more than twenty times what writing a state takes, and an epoch.
package struct CheckpointKeeper {
  private let path: String
  private let run: [String: String]
  private let facts: [String: String]
  /// The last state, if it is not written.
  private var pending: TrainingState?
  /// When work began that is not written yet.
  private var start = Date.now
  /// Seconds that writing a state takes; nil before the first one.
  private var cost: Double?
  /// The least seconds of work for one of writing.
  private let ratio: Double

  /// Bytes a second that a disk may be expected to take, before it has shown.
  private static let usualSpeed = 5e8

  /// - Parameters:
  ///   - path: the checkpoint.
  ///   - run: the texts that must be equal for a run to go on from it.
  ///   - facts: what whoever goes on needs.
  ///   - ratio: the least seconds of work for one of writing.
  package init(path: String, run: [String: String], facts: [String: String], ratio: Double = 20) {
    (self.path, self.run, self.facts, self.ratio) = (path, run, facts, ratio)
  }

  /// Takes a state, and writes it if it is urgent or the time has come.
  ///
  /// - Throws: `TrainingError` with code `.checkpoint`; an earlier state still stands at the path.
  package mutating func keep(_ state: TrainingState, isUrgent: Bool) throws {
    pending = state
    let cost = cost ?? Double(state.bytes) / Self.usualSpeed
    if isUrgent || Date.now.timeIntervalSince(start) >= ratio * cost { try finish() }
  }

  /// Writes the last state, if that was put off.
  ///
  /// - Throws: `TrainingError` with code `.checkpoint`; an earlier state still stands at the path.
  package mutating func finish() throws {
    guard let state = pending else { return }
    pending = nil
    let begin = Date.now
    try Checkpoint(run: run, facts: facts, state: state).write(to: path)
    start = .now
    cost = start.timeIntervalSince(begin)
  }
}

extension TrainingState {
  /// Bytes of its arrays.
  fileprivate var bytes: Int {
    let arrays = [weights.values, best?.values ?? []] + slots
    return arrays.reduce(0) { $0 + $1.count } * MemoryLayout<Float>.stride
  }
}
