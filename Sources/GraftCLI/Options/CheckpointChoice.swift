import Foundation
import Graft

/// The folder for the states of a run.
struct CheckpointChoice {
  let path: String
  /// Whether the user named it, and so wants to keep it.
  private let isNamed: Bool

  init(output: String, folder: String?) {
    path = folder ?? output + ".run"
    isNamed = folder != nil
  }

  private var state: String { path + "/checkpoint.h5" }

  /// Says what becomes of an earlier run.
  func note(resumes: Bool, _ common: CommonOptions) {
    let exists = FileManager.default.fileExists(atPath: state)
    if exists, !resumes {
      Report.error(
        "warning: \(Format.printable(path)) holds the state of an earlier run, which begins anew now; --resume goes on "
          + "with it")
    } else if resumes, !exists {
      Report.note("there is nothing to resume in \(Format.printable(path)); the run begins", common)
    }
  }

  /// Removes the state of a finished run, what killed runs left of theirs, and the folder if nothing else is in it.
  func finish() {
    guard !isNamed else { return }
    for name in (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    where name.hasPrefix("checkpoint.h5.") && name.hasSuffix(".part") {
      unlink(path + "/" + name)
    }
    unlink(state)
    rmdir(path)
  }
}
