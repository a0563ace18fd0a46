internal import Foundation

/// Writes the states of a run, as often as costs a twentieth of the time: all of a small network, of a large one only
/// some, so that a run that is killed loses no more than twenty times what writing a state takes, and an epoch.
package struct CheckpointKeeper {
  private let path: String
  private let run: [String: String]
  private let facts: [String: String]
  /// Which state stands at the path.
  private var written: (step: Int, epochs: Int)?
  /// When work began that is not written yet.
  private var start = Date.now
  /// Seconds that writing a state took, copying it included; before the first one, an estimate.
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
  ///   - standing: the state that stands at the path already.
  ///   - ratio: the least seconds of work for one of writing.
  package init(
    path: String, run: [String: String], facts: [String: String], bytes: Int, standing: TrainingState? = nil,
    ratio: Double = 20
  ) {
    (self.path, self.run, self.facts, self.ratio) = (path, run, facts, ratio)
    cost = Double(bytes) / Self.usualSpeed
    written = standing.map(Self.place(of:))
  }

  /// Asks for the state and writes it if it is urgent or the time has come.
  ///
  /// - Throws: `TrainingError` with code `.checkpoint`; an earlier state still stands at the path.
  package mutating func keep(isUrgent: Bool, _ state: () -> TrainingState) throws {
    guard isUrgent || Date.now.timeIntervalSince(start) >= ratio * cost else { return }
    let begin = Date.now
    try write(state(), since: begin)
  }

  /// Writes the last state of a run, unless it stands at the path already.
  ///
  /// - Throws: `TrainingError` with code `.checkpoint`; an earlier state still stands at the path.
  package mutating func finish(_ state: TrainingState) throws { try write(state, since: .now) }

  private mutating func write(_ state: TrainingState, since begin: Date) throws {
    let place = Self.place(of: state)
    if let written, written == place { return }
    try Checkpoint(run: run, facts: facts, state: state).write(to: path)
    written = place
    start = .now
    cost = start.timeIntervalSince(begin)
  }

  /// What tells the states of a run apart.
  private static func place(of state: TrainingState) -> (step: Int, epochs: Int) {
    (state.step, state.history.epochs.count)
  }
}
