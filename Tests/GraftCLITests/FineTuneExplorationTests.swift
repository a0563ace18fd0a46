import Foundation
import Graft
import Testing
import _GraftTestSupport

@Suite("graft finetune before training", .serialized)
struct FineTuneExplorationTests {
  private struct Finding: Decodable {
    struct Step: Decodable {
      let learningRate: Double
      let loss: Double?
    }

    let suggestion: Double?
    let reason: String?
    let command: String?
    let steps: [Step]
  }

  private struct Search: Decodable {
    struct Trial: Decodable, Equatable {
      let round: Int
      let learningRate: Double
      let weightDecay: Double
      let loss: Double?
      let accuracy: Double?
    }

    let best: Trial?
    let command: String?
    let trainingPictures: Int
    let heldOutPictures: Int
    let startLoss: Double?
    let trials: [Trial]
  }

  @Test("--find-lr makes steps at growing rates, suggests one, draws them, and writes no model")
  func findLearningRate() throws {
    try TestData.withTemporaryFolder { folder in
      let test = try FineTuningFolder(folder)
      let options = [
        "finetune", "data", "--find-lr", "--batch", "8", "--unfreeze-from", "conv_pw_13", "--augment", "none",
        "--head-init", "he", "--find-lr-range", "1e-5:1", "--find-lr-steps", "60",
      ]
      let run = try Program.run(
        options + ["--json", "--plot", "lr.html"], in: folder, environment: test.environment)
      #expect(run.status == 0, "\(run.errors)")
      let finding: Finding = try run.json()
      #expect(finding.steps[0].learningRate == 1e-5 && finding.steps.count <= 60)
      for (a, b) in zip(finding.steps, finding.steps.dropFirst()) {
        #expect(abs(b.learningRate / a.learningRate - pow(1e5, 1 / 59.0)) < 1e-9)
      }
      let suggestion = try #require(finding.suggestion)
      #expect(suggestion > 1e-5 && suggestion < 1 && finding.reason != nil)
      let command = try #require(finding.command)
      #expect(!command.contains("find-lr") && !command.contains("json") && !command.contains("plot"))
      #expect(command.contains("-o model.h5 --learning-rate "))
      let page = String(decoding: try test.bytes("lr.html"), as: UTF8.self)
      #expect(page.contains("<svg") && page.contains("suggested rate") && page.contains("class=\"line"))
      #expect(!test.exists("model.h5"))
      // The frozen part is known by now, and losses are the same on one thread.
      let again = try Program.run(
        options + ["--threads", "1"], in: folder, environment: test.environment)
      #expect(again.errors.contains("known from an earlier run") && again.output.contains(command.suffix(20)))
      #expect(again.output.contains("smoothed"))
    }
  }

  @Test(
    "--search tries seeded values on a part of the training pictures, and its command trains with the best")
  func search() throws {
    try TestData.withTemporaryFolder { folder in
      let test = try FineTuningFolder(folder)
      func search(_ more: [String]) throws -> Search {
        let run = try Program.run(
          [
            "finetune", "data", "--search", "8", "--search-epochs", "1", "--batch", "8", "--l2", "0.01",
            "--unfreeze-from", "conv_pw_13", "--json",
          ] + more, in: folder, environment: test.environment)
        #expect(run.status == 0, "\(run.errors)")
        return try run.json()
      }
      let first = try search(["--seed", "3"])
      #expect(first.trials.map(\.round) == [1, 1, 1, 1, 2, 2, 3, 3])
      // A fifth of the 8 of each class, to the nearest.
      #expect(first.trainingPictures == 18 && first.heldOutPictures == 6)
      let best = try #require(first.best)
      #expect(best.loss == first.trials.compactMap(\.loss).min() && first.trials.contains(best))
      #expect(Set(first.trials.map(\.learningRate)).count == 8)
      // The pictures to judge by have no part in it.
      try FileManager.default.removeItem(at: folder.appending(path: "data/val"))
      try Pictures.copy(Pictures.val, perClass: 1, to: folder.appending(path: "data/val"))
      let again = try search(["--seed", "3", "--threads", "1"])
      #expect(again.trials == first.trials)
      #expect(try search(["--seed", "4"]).trials != first.trials)
      let command = try #require(first.command)
      let run = try Program.runAny(
        "/bin/bash", ["-c", command.replacing("graft ", with: Program.path + " ", maxReplacements: 1)],
        in: folder, environment: test.environment)
      #expect(run.status == 0 && test.exists("model.h5"), "\(command)\n\(run.errors)")
      #expect(command.contains("--learning-rate ") && command.contains("--seed 3"))
    }
  }

  @Test("--search says where nothing can be held out, and where no trial ends with a number")
  func searchInVain() throws {
    try TestData.withTemporaryFolder { folder in
      let test = try FineTuningFolder(folder, classes: 2, perClass: 4)
      let wild = try Program.run(
        [
          "finetune", "data", "--search", "2", "--search-epochs", "1", "--optimizer", "sgd", "--l2", "0.01",
          "--search-rates", "1e37:1e38", "--schedule", "constant", "--batch", "2", "--unfreeze-from",
          "conv_pw_13",
        ], in: folder, environment: test.environment)
      #expect(wild.status == 0 && wild.output.contains("no trial ended with a number"), "\(wild.errors)")
      #expect(!wild.output.contains("--learning-rate"))
      try FileManager.default.removeItem(at: folder.appending(path: "data"))
      let few = try FineTuningFolder(folder, classes: 2, perClass: 1)
      let run = try Program.run(
        ["finetune", "data", "--search", "2", "--l2", "0.01"], in: folder, environment: few.environment)
      #expect(run.status == 1 && run.errors.contains("none can be held out"), "\(run.errors)")
    }
  }

  @Test("--preview-augmentation draws what training would see, and goes no further")
  func preview() throws {
    try TestData.withTemporaryFolder { folder in
      let test = try FineTuningFolder(folder)
      let options = ["finetune", "data", "--augment", "crop=0.3:0.6,flip", "--size", "32"]
      let run = try Program.run(
        options + ["--preview-augmentation", "sheet.jpg"], in: folder, environment: test.environment)
      #expect(run.status == 0 && run.output == "", "\(run.errors)")
      let sheet = try Image(contentsOf: folder.appending(path: "sheet.jpg").path)
      #expect(sheet.width == 4 + 8 * 36 && sheet.height == 4 + 8 * 36)
      // The first row is of the first class, the second of the second.
      var trainer = Trainer(trainable: .none, epochs: 1, learningRate: .constant(1))
      trainer.augmentation = .crop(scale: 0.3...0.6).then(.flip)
      let pictures = try DividedPictures(folder.appending(path: "data").path)
      let network = try PretrainedNetwork(.embedded, inputSize: 32)
      let own = try FineTuner(trainer).augmentationPreview(network, on: pictures, rows: 2, views: 1)
      #expect(own.height == 4 + 2 * 36)
      #expect(try Image(decoding: own.jpeg(), name: "sheet").width == 4 + 2 * 36)
      let nothing = try Program.run(
        ["finetune", "data", "--augment", "none", "--preview-augmentation", "sheet.jpg"], in: folder)
      #expect(nothing.status == 64 && nothing.errors.contains("--augment"), "\(nothing.errors)")
    }
  }

  @Test("--snapshots writes the model of each cosine; together they predict")
  func snapshots() throws {
    try TestData.withTemporaryFolder { folder in
      let test = try FineTuningFolder(folder)
      let options = [
        "--schedule", "restarts=1", "--epochs", "3", "--learning-rate", "1e-3", "--unfreeze-from",
        "conv_pw_13",
        "--augment", "none", "--average", "0.5", "--json",
      ]
      let run = try test.finetune("m.h5", options + ["--snapshots"])
      #expect(run.status == 0, "\(run.errors)")
      let answer: FineTuningAnswer = try run.json()
      struct Figures: Decodable { let top1: Double }
      for number in 1...3 {
        let name = "m-\(number).h5"
        let evaluation = try Program.run(["evaluate", "data/val", "--model", name, "--json"], in: folder)
        #expect(evaluation.status == 0, "\(evaluation.errors)")
        #expect(try evaluation.json(Figures.self).top1 == answer.history[number].valTop1)
      }
      #expect(!test.exists("m-4.h5"))
      #expect(try test.bytes("m-1.h5") != test.bytes("m-3.h5"))
      let together = try Program.run(
        ["predict", "data/val", "--model", "m-1.h5", "--model", "m-2.h5", "--model", "m-3.h5"], in: folder)
      #expect(together.status == 0, "\(together.errors)")
      // Snapshots change nothing else, and are the same where the run is interrupted.
      #expect(try test.finetune("plain.h5", options).status == 0)
      #expect(try test.bytes("plain.h5") == test.bytes("m.h5"))
    }
  }

  @Test("--optimizer lbfgs gives the linear classifier of graft fit, and nothing else")
  func linear() throws {
    try TestData.withTemporaryFolder { folder in
      let test = try FineTuningFolder(folder)
      let run = try test.finetune("m.h5", ["--freeze", "all", "--optimizer", "lbfgs", "--json"])
      #expect(run.status == 0, "\(run.errors)")
      let answer: FineTuningAnswer = try run.json()
      #expect(answer.history.map(\.epoch) == [0] && answer.bestEpoch == 0)
      let text = try test.finetune("m2.h5", ["--freeze", "all", "--optimizer", "lbfgs"])
      #expect(text.output.contains("the head at its optimum"), "\(text.output)")
      #expect(try test.bytes("m.h5") == test.bytes("m2.h5"))
      _ = try Program.run(["extract", "data/train", "-o", "f.h5"], in: folder, environment: test.environment)
      _ = try Program.run(["fit", "f.h5", "-o", "fit.h5", "--l2", "0.01"], in: folder)
      let (tuned, fitted) = (try test.network("m.h5").parameters, try test.network("fit.h5").parameters)
      #expect(tuned["predictions", "kernel"] == fitted["predictions", "kernel"])
      #expect(tuned["predictions", "bias"] == fitted["predictions", "bias"])
      // With smoothed labels training begins elsewhere, but that classifier is still epoch 0, and is what is saved
      // where steps only do harm.
      let harmed = try test.finetune(
        "h.h5", ["--freeze", "all", "--optimizer", "sgd", "--learning-rate", "30", "--warmup", "0", "--json"])
      let harm: FineTuningAnswer = try harmed.json()
      #expect(harm.bestEpoch == 0 && harm.history[0].valTop1 == answer.history[0].valTop1, "\(harmed.errors)")
      #expect(try test.network("h.h5").parameters["predictions", "kernel"] == fitted["predictions", "kernel"])
      // What counts in training counts for the classifier that the head starts from.
      let names = try FileManager.default.contentsOfDirectory(atPath: folder.path + "/data/train").sorted()
      let weighted = try test.finetune(
        "w.h5", ["--freeze", "all", "--optimizer", "lbfgs", "--class-weights", "\(names[0])=50"])
      #expect(weighted.status == 0, "\(weighted.errors)")
      let (plain, heavy) = (
        tuned["predictions", "bias"], try test.network("w.h5").parameters["predictions", "bias"]
      )
      #expect(plain != heavy)
      let smooth = try test.finetune(
        "n.h5", ["--freeze", "all", "--optimizer", "lbfgs", "--label-smoothing", "0.1"])
      #expect(smooth.status == 64 && smooth.errors.contains("--label-smoothing"), "\(smooth.errors)")
      for ignored in [
        ["--learning-rate", "0.1"], ["--schedule", "constant"], ["--augment", "flip"],
        ["--mixup", "0.2"], ["--balanced"], ["--clip-value", "1"], ["--l2-penalty", "0.1"],
      ] {
        let run = try test.finetune("n.h5", ["--freeze", "all", "--optimizer", "lbfgs"] + ignored)
        #expect(run.status == 64 && run.errors.contains("leave \(ignored[0]) out"), "\(run.errors)")
      }
      let wrong = try test.finetune("n.h5", ["--optimizer", "lbfgs"])
      #expect(wrong.status == 64 && wrong.errors.contains("--freeze all"), "\(wrong.errors)")
    }
  }

  @Test("Penalties, class weights and the like reach the trainer")
  func regularization() throws {
    try TestData.withTemporaryFolder { folder in
      let test = try FineTuningFolder(folder, classes: 2, perClass: 4)
      let names = try FileManager.default.contentsOfDirectory(atPath: folder.path + "/data/train").sorted()
      let options = [
        "--epochs", "1", "--unfreeze-from", "conv_pw_13", "--augment", "none", "--learning-rate", "0.01",
        "--batch", "3", "--json",
      ]
      var outcomes: [[Double?]] = []
      for more: [String] in [
        [], ["--l1-penalty", "0.01"], ["--l2-penalty", "0.1"],
        ["--l1-penalty", "0.01", "--l2-penalty", "0.1"],
        ["--clip-value", "1e-6"], ["--clip", "1e-6"], ["--class-weights", "\(names[0])=5"],
        ["--decay-kernels-only"],
        ["--mixup", "0.4"], ["--label-smoothing", "0.2"], ["--stage-factor", "0.1"], ["--average", "0.9"],
        ["--batch-norm", "update"], ["--optimizer", "momentum"], ["--unfreeze-every", "1"],
        ["--weight-decay", "1"],
      ] {
        let run = try test.finetune("m.h5", options + more)
        #expect(run.status == 0, "\(more): \(run.errors)")
        let answer: FineTuningAnswer = try run.json()
        outcomes.append([answer.history[1].trainLoss, answer.history[1].valLoss])
      }
      #expect(Set(outcomes).count == outcomes.count, "\(outcomes)")
      let run = try test.finetune("m.h5", options + ["--class-weights", "nobody=2"])
      #expect(run.status == 64 && run.errors.contains("“nobody”"), "\(run.errors)")
      let huge = try test.finetune("m.h5", options + ["--class-weights", "\(names[0])=1e308"])
      #expect(huge.status == 64 && huge.errors.contains("to a million"), "\(huge.errors)")
      // With as many of each class, balanced weights are all 1.
      let balanced = try test.finetune("m.h5", options + ["--class-weights", "balanced"])
      #expect(balanced.status == 0, "\(balanced.errors)")
    }
  }
}
