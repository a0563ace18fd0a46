import Foundation
import Testing
import _GraftTestSupport

@Suite("Standard streams and signals")
struct StreamsTests {
  @Test("A reader that goes away, a full disk and closed streams are no crash")
  func streams() throws {
    try TestData.withTemporaryFolder { folder in
      try Pictures.copy(classes: 2, perClass: 3, to: folder.appending(path: "photos"))
      #expect(try Program.run(["extract", "photos", "-o", "f.h5"], in: folder).status == 0)
      #expect(try Program.run(["fit", "f.h5", "-o", "m.h5", "--l2", "0.1"], in: folder).status == 0)
      for (line, status) in [
        ("$GRAFT models | head -1; exit ${PIPESTATUS[0]}", Int32(0)),
        ("$GRAFT inspect m.h5 --json | true; exit ${PIPESTATUS[0]}", 0),
        ("$GRAFT predict photos --model m.h5 --json 2>&1 >/dev/null | true; exit ${PIPESTATUS[0]}", 0),
        ("$GRAFT extract photos -o a.h5 2>/dev/full", 0),
        ("$GRAFT extract photos -o b.h5 <&- >&- 2>&-", 0),
        ("$GRAFT extract photos -o c.h5 <&-", 0),
        ("$GRAFT predict photos --model m.h5 >/dev/full", 1),
        ("$GRAFT predict photos --model m.h5 --json >&-", 1),
        ("$GRAFT models >/dev/full", 1),
        ("$GRAFT weights list >&- 2>&-", 1),
      ] {
        let run = try Program.shell(line, in: folder)
        #expect(run.status == status, "\(line): \(run.errors)")
        #expect(!run.errors.contains("Fatal error"), "\(line): \(run.errors)")
        if status == 1, !line.contains("2>&-") {
          #expect(run.errors.contains("Error: standard output cannot be written"), "\(line): \(run.errors)")
        }
      }
      let store = try Data(contentsOf: folder.appending(path: "f.h5"))
      for name in ["a.h5", "b.h5", "c.h5"] {
        #expect(try Data(contentsOf: folder.appending(path: name)) == store, "no message got into \(name)")
      }
    }
  }

  @Test(
    "Ctrl-C ends an extraction with advice; what was computed is not computed again",
    arguments: [SIGINT, SIGTERM])
  func interruption(_ signal: Int32) throws {
    try TestData.withTemporaryFolder { folder in
      let photos = Pictures.train.path
      let arguments = ["extract", photos, "-o", "f.h5", "--size", "224", "--batch", "4", "--threads", "1"]
      var interrupted = false
      for limit in [0.3, 0.2, 0.45, 0.15, 0.6, 0.9, 0.35, 1.3, 0.1, 2] where !interrupted {
        let run = try Program.run(arguments, in: folder, killedAfter: limit, signal: signal)
        if run.status == 0 {
          try FileManager.default.removeItem(at: folder.appending(path: "f.h5"))
          continue
        }
        #expect(run.status == 128 + signal, "\(run.errors)")
        interrupted = run.errors.contains("run the same command again to go on")
      }
      try #require(interrupted, "no run was interrupted while it computed")
      let rest = try Program.run(arguments, in: folder)
      #expect(rest.status == 0, "\(rest.errors)")
      let left = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      #expect(left == ["f.h5"])
    }
  }

  @Test("A killed fit leaves the old model, and its half-written file goes with the next fit")
  func killedFit() throws {
    try TestData.withTemporaryFolder { folder in
      try Pictures.copy(classes: 2, perClass: 3, to: folder.appending(path: "photos"))
      #expect(try Program.run(["extract", "photos", "-o", "f.h5"], in: folder).status == 0)
      let fit = ["fit", "f.h5", "-o", "m.h5", "--l2", "0.1"]
      #expect(try Program.run(fit, in: folder).status == 0)
      // What a process that is no more has left, and what belongs to one that lives.
      let dead = folder.appending(path: "m.h5.999999999.1.part")
      let alive = folder.appending(path: "m.h5.\(ProcessInfo.processInfo.processIdentifier).1.part")
      let foreign = folder.appending(path: "m.h5.notes.part")
      for file in [dead, alive, foreign] {
        try Data("x".utf8).write(to: file)
        try FileManager.default.setAttributes(
          [.modificationDate: Date.now.addingTimeInterval(-3600)], ofItemAtPath: file.path)
      }
      for limit in [0.02, 0.05, 0.08, 0.12] {
        let run = try Program.run(fit, in: folder, killedAfter: limit)
        #expect(run.status == 0 || run.status == 128 + SIGKILL)
        #expect(try Program.run(["predict", "photos", "--model", "m.h5"], in: folder).status == 0)
      }
      #expect(try Program.run(fit, in: folder).status == 0)
      #expect(!FileManager.default.fileExists(atPath: dead.path))
      #expect(FileManager.default.fileExists(atPath: alive.path))
      #expect(FileManager.default.fileExists(atPath: foreign.path))
    }
  }
}
