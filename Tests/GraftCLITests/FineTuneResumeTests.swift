import Foundation
import Graft
import Testing
import _GraftTestSupport

@Suite("graft finetune --resume", .serialized)
struct FineTuneResumeTests {
  @Test(
    "A run killed at random moments and resumed ends with the same bytes",
    arguments: [["--unfreeze-from", "conv_pw_12"], ["--batch-norm", "update", "--dropout", "0.2"]])
  func killed(_ options: [String]) throws {
    try TestData.withTemporaryFolder { folder in
      let test = try FineTuningFolder(folder, perClass: 6)
      let options = options + ["--learning-rate", "1e-3", "--epochs", "3"]
      let start = Date.now
      let undisturbed = try test.finetune("a.h5", options)
      #expect(undisturbed.status == 0, "\(undisturbed.errors)")
      let whole = Date.now.timeIntervalSince(start)
      var generator = SystemRandomNumberGenerator()
      var (kills, resumed) = (0, 0)
      while kills < 10 || (resumed == 0 && kills < 50) {
        let run = try test.finetune(
          "b.h5", options + ["--resume"],
          killedAfter: Double.random(in: 0.05...1.1 * whole, using: &generator))
        if run.errors.contains("resumed  ") { resumed += 1 }
        if run.status == 0 {
          #expect(try test.bytes("b.h5") == test.bytes("a.h5"))
          try FileManager.default.removeItem(at: folder.appending(path: "b.h5"))
        } else {
          #expect(run.status == 128 + SIGKILL, "\(run.errors)")
        }
        kills += 1
      }
      let last = try test.finetune("b.h5", options + ["--resume"])
      #expect(last.status == 0, "\(last.errors)")
      #expect(try test.bytes("b.h5") == test.bytes("a.h5"))
      #expect(!test.exists("b.h5.run"))
      #expect(resumed > 0)
    }
  }

  @Test("An interrupted run leaves its state and the best model, says how to go on, and does")
  func interrupted() throws {
    try TestData.withTemporaryFolder { folder in
      let test = try FineTuningFolder(folder)
      let options = ["--learning-rate", "1e-3", "--epochs", "60"]
      var limit = 0.3
      var run: Program.Result
      repeat {
        limit *= 1.4
        run = try test.finetune("m.h5", options, killedAfter: limit, signal: SIGTERM)
      } while run.status != 0 && !test.exists("m.h5.run/checkpoint.h5")
      #expect(run.status == 128 + SIGTERM, "\(run.errors)")
      #expect(run.errors.contains("--resume"), "\(run.errors)")
      #expect(try Program.run(["predict", "data/val", "--model", "m.h5"], in: folder).status == 0)
      let other = try test.finetune("m.h5", options + ["--resume", "--learning-rate", "1e-4"])
      #expect(other.status == 1 && other.errors.contains("learning rate"), "\(other.errors)")
      let shorter = try test.finetune("m.h5", options + ["--resume"])
      #expect(shorter.status == 0 && shorter.errors.contains("resumed  "), "\(shorter.errors)")
    }
  }
}
