import Foundation
import Graft
import Testing
import _GraftTestSupport

@Suite("graft finetune --report", .serialized)
struct FineTuneReportTests {
  private static func report(_ folder: URL, _ options: [String], classes: Int = 3) throws -> (
    page: String, run: Program.Result
  ) {
    let test = try FineTuningFolder(folder, classes: classes)
    let run = try test.finetune("m.h5", ["--report", "report.html", "--json"] + options)
    #expect(run.status == 0, "\(run.errors)")
    return (String(decoding: try test.bytes("report.html"), as: UTF8.self), run)
  }

  @Test(
    "The page shows the curves, every epoch, what was frozen and what it cost, and needs nothing beside it")
  func page() throws {
    try TestData.withTemporaryFolder { folder in
      let (page, run) = try Self.report(
        folder,
        ["--unfreeze-from", "conv_pw_13", "--epochs", "3", "--cached-views", "2", "--learning-rate", "1e-3"])
      let answer: FineTuningAnswer = try run.json()
      for row in answer.history {
        let loss = try #require(row.valLoss)
        #expect(page.contains(String(format: "%.4f", loss)))
      }
      for word in [
        "Loss", "Accuracy", "Learning rate", "conv_dw_13_relu", "frozen", "trained", "(saved)",
        "24 in 3 classes",
        "12 held out", "standard error", "Kept activations",
      ] { #expect(page.contains(word), "\(word)") }
      #expect(page.components(separatedBy: "<svg").count == 4)
      #expect(!page.contains("http:") && !page.contains("https:") && !page.contains("src=\""))
      let lead = answer.bestEpoch == 0 ? "Fine-tuning did not help" : "After epoch \(answer.bestEpoch) of 3: "
      #expect(page.contains(lead))
      try Browser.expectOpens(folder.appending(path: "report.html"), showing: "Fine-tuning")
    }
  }

  @Test("Where fine-tuning does not beat the linear classifier, the page says so first")
  func noHelp() throws {
    try TestData.withTemporaryFolder { folder in
      // Steps as large as this undo the classifier.
      let (page, run) = try Self.report(
        folder, ["--freeze", "all", "--learning-rate", "30", "--optimizer", "sgd", "--epochs", "1"])
      let answer: FineTuningAnswer = try run.json()
      #expect(answer.bestEpoch == 0)
      #expect(
        page.contains(
          "Fine-tuning did not help: no epoch does better on the held-out pictures than the linear"))
    }
  }

  @Test("What did not train is not called trained, an early end is told, and options are those of the run")
  func plain() throws {
    try TestData.withTemporaryFolder { folder in
      // Two epochs wake the head and one stage.
      let (page, _) = try Self.report(folder, ["--epochs", "2", "--unfreeze-every", "1"])
      #expect(page.contains("not yet"))
      let test = try FineTuningFolder(folder.appending(path: "early"))
      let names = try FileManager.default.contentsOfDirectory(atPath: folder.path + "/early/data/train")
        .sorted()
      let run = try test.finetune(
        "m.h5",
        [
          "--freeze", "all", "--learning-rate", "30", "--optimizer", "sgd", "--epochs", "9", "--warmup", "0",
          "--patience", "1", "--class-weights", "\(names[0])=3", "--report", "report.html",
        ])
      #expect(run.status == 0 && run.errors.contains("ended after epoch 1 of 9"), "\(run.errors)")
      let early = String(decoding: try test.bytes("report.html"), as: UTF8.self)
      #expect(early.contains("ended early") && early.contains("[3,1,1]"))
    }
  }

  @Test("The head alone, and a choice of the penalty by cross-validation")
  func linear() throws {
    try TestData.withTemporaryFolder { folder in
      let (page, _) = try Self.report(
        folder, ["--freeze", "all", "--optimizer", "lbfgs", "--l2", "auto"], classes: 2)
      #expect(page.contains("The head alone, at its optimum") && page.contains("cross-validation"))
      #expect(page.contains("Strength of the penalty"))
    }
  }

  @Test("A page that cannot be written is refused before the run")
  func refused() throws {
    try TestData.withTemporaryFolder { folder in
      let test = try FineTuningFolder(folder, classes: 2, perClass: 2)
      for name in ["report.pdf", "nowhere/report.html"] {
        let run = try test.finetune("m.h5", ["--report", name])
        #expect(run.status == 1 && run.errors.contains(name) && !test.exists("m.h5"), "\(run.errors)")
      }
      for name in ["nowhere/history.csv", "data"] {
        let run = try test.finetune("m.h5", ["--history-csv", name])
        #expect(run.status == 1 && run.errors.contains(name) && !test.exists("m.h5"), "\(run.errors)")
      }
      let uncut = try test.finetune("m.h5", ["--freeze", "all", "--cutmix", "1"])
      #expect(
        uncut.status == 1 && uncut.errors.contains("cutmix needs") && !test.exists("m.h5"), "\(uncut.errors)")
    }
  }
}
