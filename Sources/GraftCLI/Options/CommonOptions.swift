import ArgumentParser
import Graft

/// Options of every command.
struct CommonOptions: ParsableArguments {
  @Flag(name: [.short, .long], help: "Print results and errors only.")
  var quiet = false

  @Option(parsing: .unconditional, help: "How many threads compute (default: one for each core).")
  var threads: Int?

  func validate() throws {
    if let threads, !(1...Threads.maximum).contains(threads) {
      throw ValidationError("--threads must be from 1 to \(Threads.maximum), not \(threads)")
    }
  }
}

extension CommonOptions {
  /// Makes the options that concern the whole process take effect.
  func apply() {
    if let threads { Threads.count = threads }
  }
}
