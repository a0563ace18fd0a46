import Foundation
import Synchronization

/// Shows on standard error how far a job is, how fast it goes and how long it will take.
///
/// On a terminal one line is rewritten, at most ten times a second; elsewhere a plain line is written now and
/// then, so that logs stay short.
final class ProgressLine: Sendable {
  /// What is counted.
  enum Unit {
    /// Things of this name, in the plural.
    case things(String)
    /// Bytes, shown in kB, MB or GB.
    case bytes
  }

  private struct State {
    var title: String
    var done = 0
    var start: ContinuousClock.Instant?
    var startDone = 0
    var lastShown: ContinuousClock.Instant?
    var width = 0
  }

  private let unit: Unit
  private let isQuiet: Bool
  private let isTerminal: Bool
  private let state: Mutex<State>

  /// A line that begins with `title` and counts in `unit`.
  init(_ title: String, unit: Unit, quiet: Bool) {
    state = Mutex(State(title: title))
    self.unit = unit
    isQuiet = quiet
    isTerminal = isatty(STDERR_FILENO) == 1
  }

  /// Shows that `done` of `total` are finished; `total` is nil while unknown.
  ///
  /// - Parameter title: what the line begins with from now on; nil for what it began with before.
  func update(_ done: Int, of total: Int?, title: String? = nil) {
    guard !isQuiet else { return }
    state.withLock { state in
      if let title { state.title = title }
      let now = ContinuousClock.now
      if state.start == nil {
        state.start = now
        state.startDone = done
      }
      state.done = done
      let pause: Duration = isTerminal ? .milliseconds(100) : .seconds(10)
      let isLast = total.map { done >= $0 } ?? false
      if let last = state.lastShown, now - last < pause, !(isLast && isTerminal) { return }
      if !isTerminal, state.lastShown == nil, !isLast {
        state.lastShown = now
        return
      }
      state.lastShown = now
      show(&state, line(state, now: now, total: total))
    }
  }

  /// Ends the line, leaving it on a terminal.
  func finish() {
    state.withLock { state in
      if isTerminal, !isQuiet, state.width > 0 { StandardStreams.writeError("\n") }
      state.width = 0
    }
  }

  private func line(_ state: State, now: ContinuousClock.Instant, total: Int?) -> String {
    var text = "\(state.title)  "
    switch unit {
    case .things(let name):
      text += "\(Format.count(state.done))\(total.map { " of \(Format.count($0))" } ?? "") \(name)"
    case .bytes:
      text += "\(Format.bytes(state.done))\(total.map { " of \(Format.bytes($0))" } ?? "")"
    }
    guard let start = state.start else { return text }
    let seconds = (now - start) / .seconds(1)
    let progressed = state.done - state.startDone
    guard seconds > 0.2, progressed > 0 else { return text }
    let rate = Double(progressed) / seconds
    if case .bytes = unit {
      text += "  \(Format.bytes(Int(rate)))/s"
    } else {
      text += "  \(Format.rate(rate))/s"
    }
    if let total, total > state.done {
      text += "  \(Format.duration(Double(total - state.done) / rate)) left"
    }
    return text
  }

  private func show(_ state: inout State, _ text: String) {
    if isTerminal {
      let padding = String(repeating: " ", count: max(0, state.width - text.count))
      state.width = text.count
      StandardStreams.writeError("\r\(text)\(padding)")
    } else {
      StandardStreams.writeError("\(text)\n")
    }
  }
}
