internal import Foundation

/// Writes the states of a run, as often as costs a twentieth of the time: all of a small network, of a large one only
/// some, so that a run that is killed loses no more than twenty times what writing a state takes, and an epoch.
package struct CheckpointKeeper {
  private let path: String
  private let run: [String: String]
  private let facts: [String: String]
  /// The step of the last state that was written, and the epochs that were finished at it.
  private var written: (step: Int, epochs: Int)?
  /// When work began that is not written yet.
  private var start = Date.now
  /// Seconds that writing a state takes.
  private var cost: Double
  /// The least seconds of work for one of writing.
  private let ratio: Double

  /// Bytes a second that a disk may be expected to take, before it has shown.
  private static let usualSpeed = 5e8

  /// - Parameters:
  ///   - path: the checkpoint.
  ///   - run: the texts that must be equal for a run to go on from it.
  ///   - facts: what whoever goes on needs.
  ///   - bytes: what a state may be expected to take.
  ///   - ratio: the least seconds of work for one of writing.
  package init(
    path: String, run: [String: String], facts: [String: String], bytes: Int, ratio: Double = 20
  ) {
    (self.path, self.run, self.facts, self.ratio) = (path, run, facts, ratio)
    cost = Double(bytes) / Self.usualSpeed
  }

  /// Asks for the state and writes it if it is urgent or the time has come.
  ///
  /// - Throws: `TrainingError` with code `.checkpoint`; an earlier state still stands at the path.
  package mutating func keep(isUrgent: Bool, _ state: () -> TrainingState) throws {
    if isUrgent || Date.now.timeIntervalSince(start) >= ratio * cost { try finish(state()) }
  }

  /// Writes the last state of a run, unless it is what was written last.
  ///
  /// - Throws: `TrainingError` with code `.checkpoint`; an earlier state still stands at the path.
  package mutating func finish(_ state: TrainingState) throws {
    let place = (step: state.step, epochs: state.history.epochs.count)
    if let written, written == place { return }
    let begin = Date.now
    try Checkpoint(run: run, facts: facts, state: state).write(to: path)
    written = place
    start = .now
    cost = start.timeIntervalSince(begin)
  }
}
