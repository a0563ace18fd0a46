import ArgumentParser
import Graft

/// `graft check`: what is the matter with a data set.
struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Look for damaged, duplicate and misplaced pictures before training on them.",
    discussion: """
      Every picture is decoded once. Found are files that cannot be read, copies within and between classes and parts \
      (by bytes, by pixels, and by eye: saved again, smaller, mirrored), wrong endings, tiny and blank pictures, and \
      classes that are small, missing or out of balance. Stored orientation and unusual kinds of pixels are remarked \
      on. The exit code is 0 when nothing but remarks was found, 2 when something was.
      """)

  @Argument(
    help: "A folder with train and val, a folder with one sub-folder per class, any folder, or a table.",
    completion: .file())
  var data: String

  @Option(
    parsing: .unconditional,
    help: "From which correlation of thumbnails two pictures count as alike; above 1 compares bytes only.")
  var likeness = 0.9

  @Option(parsing: .unconditional, help: "Pictures whose shorter side has fewer pixels are tiny.")
  var tiny = 64

  @Option(
    parsing: .unconditional, help: "How many times the smallest class the largest may be, and no more.")
  var imbalance = 3.0

  @Flag(help: "Name everything; otherwise the first \(CheckReport.usualLines) of each kind.")
  var all = false

  @Flag(help: "Print everything as JSON.")
  var json = false

  @OptionGroup(title: "General") var common: CommonOptions

  func validate() throws {
    guard likeness >= 0.5 else { throw ValidationError("--likeness must be 0.5 or more, not \(likeness)") }
    guard tiny >= 0 else { throw ValidationError("--tiny must be 0 or more, not \(tiny)") }
    guard imbalance > 1 else { throw ValidationError("--imbalance must be above 1, not \(imbalance)") }
  }

  func run() throws {
    common.apply()
    let check = PictureCheck(likeness: likeness, tinySide: tiny, imbalance: imbalance)
    let pictures = try PictureParts(data)
    let progress = ProgressLine("check", unit: .things("pictures"), quiet: common.quiet)
    let report = try check.run(on: pictures) { done, total in progress.update(done, of: total) }
    progress.finish()
    if json {
      try Report.json(report)
    } else {
      try Report.result(CheckReport(report, all: all).text)
    }
    if !report.isClean { throw ExitCode(2) }
  }
}
