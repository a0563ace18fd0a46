import ArgumentParser
import Foundation
import Graft

/// What commands say: results on standard output, everything else on standard error.
enum Report {
  /// Writes a result.
  ///
  /// - Throws: `StandardStreams.Failure`.
  static func result(_ text: String) throws { try StandardStreams.writeOutput(text + "\n") }

  /// Writes a result as JSON.
  ///
  /// - Throws: `StandardStreams.Failure`.
  static func json(_ value: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    try result(CompactJSON.text(of: try encoder.encode(value)))
  }

  /// Writes a remark, unless the user wants quiet.
  static func note(_ text: String, _ common: CommonOptions) {
    if !common.quiet { error(text) }
  }

  /// Writes warnings, quiet or not.
  static func warn(_ warnings: [String]) {
    for warning in warnings { error("warning: \(Format.printable(warning))") }
  }

  /// Writes an error or the like, quiet or not.
  static func error(_ text: String) { StandardStreams.writeError(text + "\n") }

  /// Names everything that was skipped and ends the command with exit code 2 if there is something.
  static func finish(skipped: [SkippedPicture]) throws {
    guard !skipped.isEmpty else { return }
    for picture in skipped {
      error("skipped \(Format.printable(picture.path)): \(Format.printable(picture.reason))")
    }
    error("\(Format.plural(skipped.count, "input")) skipped")
    throw ExitCode(2)
  }
}
