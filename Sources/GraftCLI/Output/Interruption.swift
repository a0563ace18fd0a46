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
      source.setEventHandler { if !deferEnd(number) { end(number) } }
      source.resume()
      sources.append(source)
    }
  }

  /// What is said after an interruption from now on, such as how to go on later.
  static func advise(_ text: String?) { advice.withLock { $0 = text } }

  /// A program that is asked to stop at the next good moment.
  struct Stop: Error {}

  /// The signal that asked a deferred program to stop, 0 for none yet; nil while signals end the program at once.
  private static let deferred = Mutex<Int32?>(nil)

  /// From now on lets the first signal ask for a stop, which `Deferral.check` tells of; a second one ends the program.
  static func deferring(_ advice: String) -> Deferral {
    deferred.withLock { $0 = 0 }
    advise(advice)
    return Deferral()
  }

  /// A stop that waits for a good moment.
  struct Deferral {
    /// Tells whether the program was asked to stop.
    ///
    /// - Throws: `Stop` if it was.
    func check() throws {
      if Interruption.deferred.withLock({ $0 ?? 0 }) != 0 { throw Stop() }
    }

    /// Ends the program as the signal would have.
    func end() -> Never {
      let number = Interruption.deferred.withLock { $0 ?? 0 }
      Interruption.end(number == 0 ? SIGTERM : number)
    }
  }

  /// Notes that a signal asks for a stop; false if it must end the program.
  private static func deferEnd(_ number: Int32) -> Bool {
    let isFirst = deferred.withLock { state in
      guard state == 0 else { return false }
      state = number
      return true
    }
    if isFirst, number != SIGHUP {
      StandardStreams.writeError("\nstopping after this step; once more to end at once\n")
    }
    return isFirst
  }

  private static func end(_ number: Int32) -> Never {
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
