import Dispatch
import Foundation
import Graft
import Synchronization

/// What happens when the user stops the program (Ctrl-C), or the system does.
enum Interruption {
  private static let signals = [SIGINT, SIGTERM, SIGHUP]
  private static let advice = Mutex<String?>(nil)
  // Kept alive for as long as the program runs; set once, before there is a second thread.
  nonisolated(unsafe) private static var sources: [any DispatchSourceSignal] = []

  /// Lets a signal remove half-written files and say what to do before it ends the program.
  static func prepare() {
    for number in signals {
      // A signal that the caller had ignored (nohup) stays ignored.
      var before = sigaction()
      guard sigaction(number, nil, &before) == 0, !isIgnored(before) else { continue }
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler { end(number) }
      source.resume()
      sources.append(source)
    }
  }

  /// What is said after an interruption from now on, such as how to go on later.
  static func advise(_ text: String?) { advice.withLock { $0 = text } }

  private static func end(_ number: Int32) {
    let advice = advice.withLock { $0 }
    TemporaryFiles.removeAll()
    if number != SIGHUP {
      StandardStreams.writeError("\ninterrupted\(advice.map { "; \($0)" } ?? "")\n")
    }
    // Whoever started the program sees that a signal ended it.
    signal(number, SIG_DFL)
    // Some callers start programs with signals blocked; then it would only be noted again.
    var own = sigset_t()
    sigemptyset(&own)
    sigaddset(&own, number)
    pthread_sigmask(SIG_UNBLOCK, &own, nil)
    raise(number)
    _exit(128 + number)
  }

  private static func isIgnored(_ action: sigaction) -> Bool {
    #if canImport(Glibc)
    unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
    #else
    unsafeBitCast(action.__sigaction_u.__sa_handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
    #endif
  }
}
