import ArgumentParser
import Foundation
import Graft

/// What commands say: results on standard output, everything else on standard error.
enum Report {
  /// Writes a result.
  static func result(_ text: String) { FileHandle.standardOutput.write(Data((text + "\n").utf8)) }

  /// Writes a result as JSON.
  static func json(_ value: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    result(String(decoding: try encoder.encode(value), as: UTF8.self))
  }

  /// Writes a remark, unless the user wants quiet.
  static func note(_ text: String, _ common: CommonOptions) {
    if !common.quiet { error(text) }
  }

  /// Writes a warning or the like, quiet or not.
  static func error(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }

  /// Names every skipped picture and ends the command with exit code 2 if there is one.
  static func finish(skipped: [SkippedPicture]) throws {
    guard !skipped.isEmpty else { return }
    for picture in skipped { error("skipped \(picture.path): \(picture.reason)") }
    error("\(Format.plural(skipped.count, "picture")) skipped")
    throw ExitCode(2)
  }
}
