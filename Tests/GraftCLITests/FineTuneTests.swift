import Foundation
import Graft
import Testing
import _GraftTestSupport

/// What `--json` prints.
struct FineTuningAnswer: Decodable {
  struct Row: Decodable {
    let epoch: Int
    let learningRate: Double?
    let trainLoss: Double?
    let valLoss: Double?
    let valTop1: Double?
  }

  let bestEpoch: Int
  let valTop1: Double?
  let trainSeconds: Double
  let extractSeconds: Double
  let cacheBytes: Int
  let trainedParameters: Int
  let boundary: [String]
  let history: [Row]
  let skipped: [SkippedPicture]
}

/// A folder with train and val of the example pictures, and a home of its own.
struct FineTuningFolder {
  let folder: URL
  var environment: [String: String] { ["GRAFT_HOME": folder.appending(path: "home").path] }

  init(_ folder: URL, classes: Int = 3, perClass: Int = 8) throws {
    self.folder = folder
    try Pictures.copy(classes: classes, perClass: perClass, to: folder.appending(path: "data/train"))
    try Pictures.copy(Pictures.val, classes: classes, perClass: 4, to: folder.appending(path: "data/val"))
  }

  /// Runs `graft finetune data -o OUTPUT …`.
  func finetune(
    _ output: String, _ arguments: [String] = [], killedAfter limit: Double? = nil, signal: Int32 = SIGKILL
  ) throws -> Program.Result {
    try Program.run(
      ["finetune", "data", "-o", output, "--epochs", "2", "--batch", "8", "--l2", "0.01"] + arguments,
      in: folder, environment: environment, killedAfter: limit, signal: signal)
  }

  func bytes(_ name: String) throws -> Data { try Data(contentsOf: folder.appending(path: name)) }

  func exists(_ name: String) -> Bool {
    FileManager.default.fileExists(atPath: folder.appending(path: name).path)
  }

  func network(_ name: String) throws -> Network {
    try ImageClassifier(contentsOf: folder.appending(path: name).path).network
  }
}

@Suite("graft finetune", .serialized)
struct FineTuneTests {
  @Test("Trains, prints what happened, and saves a model that predict and evaluate use")
  func mainJob() throws {
    try TestData.withTemporaryFolder { folder in
      let test = try FineTuningFolder(folder)
      let run = try test.finetune(
        "m.h5", ["--json", "--history-csv", "history.csv", "--learning-rate", "1e-3"])
      #expect(run.status == 0, "\(run.errors)")
      let answer: FineTuningAnswer = try run.json()
      #expect(answer.history.map(\.epoch) == [0, 1, 2])
      #expect(answer.history[0].trainLoss == nil && answer.history[2].trainLoss != nil)
      #expect(answer.boundary == ["input_1"] || answer.boundary.count == 1)
      #expect(answer.valTop1 == answer.history[answer.bestEpoch].valTop1)
      #expect(answer.valTop1 == answer.history.compactMap(\.valTop1).max())
      #expect(run.errors.contains("epoch 0 of 2  starting point") && run.errors.contains("epoch 2 of 2"))
      let lines = String(decoding: try test.bytes("history.csv"), as: UTF8.self).split(separator: "\n")
      #expect(lines.count == 4 && lines[0].hasPrefix("epoch,learning_rate"))
      #expect(!test.exists("m.h5.run"))
      let evaluation = try Program.run(["evaluate", "data/val", "--model", "m.h5", "--json"], in: folder)
      #expect(evaluation.status == 0, "\(evaluation.errors)")
      struct Figures: Decodable { let top1: Double }
      #expect(try evaluation.json(Figures.self).top1 == answer.valTop1)
      let history = try #require(
        try ImageClassifier(contentsOf: folder.appending(path: "m.h5").path).facts.history)
      #expect(history.best?.number == answer.bestEpoch)
      #expect(history.epochs.map { $0.validation?.loss } == answer.history.map(\.valLoss))
    }
  }

  @Test(
    "Frozen parameters keep their bytes, and the others change",
    arguments: [
      (["--freeze", "all"], [], ["predictions"]), (["--unfreeze-from", "conv_pw_13"], ["conv_pw_13"], []),
      (["--freeze", "conv_dw_13_relu"], ["conv_pw_13", "conv_pw_13_bn"], []),
      (["--train", "conv_pw_13*"], ["conv_pw_13", "conv_pw_13_bn"], []),
    ])
  func frozen(_ options: [String], _ trained: [String], _ only: [String]) throws {
    try TestData.withTemporaryFolder { folder in
      let test = try FineTuningFolder(folder)
      let options =
        options + [
          "--learning-rate", "1e-2", "--epochs", "4", "--head-init", "he", "--augment", "none", "--json",
        ]
      let run = try test.finetune("m.h5", options)
      #expect(run.status == 0, "\(run.errors)")
      let answer: FineTuningAnswer = try run.json()
      #expect(answer.cacheBytes > 0 && answer.bestEpoch > 0)
      let (before, after) = (try PretrainedNetwork(.embedded).network, try test.network("m.h5"))
      var changed: Set<String> = []
      for (key, tensor) in before.parameters.tensors where after.parameters[key] != tensor {
        #expect(!key.name.hasPrefix("moving_"), "\(key)")
        changed.insert(key.layer)
      }
      #expect(trained.allSatisfy(changed.contains))
      if !only.isEmpty { #expect(changed.isEmpty) }
      #expect(changed.allSatisfy { $0.contains("13") }, "\(changed)")
      // A later run with another rate takes the frozen part from the first.
      let again = try test.finetune("n.h5", options + ["--learning-rate", "1e-3"])
      #expect(again.errors.contains("known from an earlier run"), "\(again.errors)")
    }
  }

  @Test("Where the results of the frozen part are kept makes no difference")
  func caches() throws {
    try TestData.withTemporaryFolder { folder in
      let test = try FineTuningFolder(folder)
      let options = ["--unfreeze-from", "conv_pw_12", "--augment", "none", "--json"]
      let choices: [[String]] = [
        ["--cache", "none"], ["--cache", "a"], ["--cache", "a"], ["--cache", "b", "--cache-memory", "1k"],
        ["--cache", "none", "--cache-memory", "0"], ["--threads", "1"],
      ]
      var models: [Data] = []
      for choice in choices {
        let run = try test.finetune("m.h5", options + choice)
        #expect(run.status == 0, "\(run.errors)")
        let answer: FineTuningAnswer = try run.json()
        #expect((answer.cacheBytes == 0) == choice.contains("0"))
        models.append(try test.bytes("m.h5"))
      }
      #expect(models.allSatisfy { $0 == models[0] })
      let half = try test.finetune("m.h5", options + ["--cache-precision", "float16", "--cache", "none"])
      let answer: FineTuningAnswer = try half.json()
      #expect(half.status == 0 && answer.cacheBytes > 0)
    }
  }

  @Test("Kept views of augmented pictures are computed once and used again")
  func views() throws {
    try TestData.withTemporaryFolder { folder in
      let test = try FineTuningFolder(folder)
      let options = ["--unfreeze-from", "conv_pw_13", "--cached-views", "2", "--json"]
      let first = try test.finetune("a.h5", options)
      #expect(first.status == 0, "\(first.errors)")
      #expect(first.errors.contains("2 views of each picture"))
      let second = try test.finetune("b.h5", options)
      #expect(second.errors.contains("known from an earlier run"), "\(second.errors)")
      #expect(try test.bytes("a.h5") == test.bytes("b.h5"))
      let other = try test.finetune("c.h5", ["--unfreeze-from", "conv_pw_13", "--json"])
      #expect(other.status == 0 && other.errors.contains("computed at each epoch"))
      #expect(try test.bytes("a.h5") != test.bytes("c.h5"))
    }
  }

  @Test("A model goes on training with the head it has; other classes get a new one")
  func goingOn() throws {
    try TestData.withTemporaryFolder { folder in
      let test = try FineTuningFolder(folder)
      #expect(try test.finetune("a.h5", ["--learning-rate", "1e-3"]).status == 0)
      let options = ["--weights", "a.h5", "--freeze", "all", "--json", "--augment", "none"]
      let run = try test.finetune("b.h5", options)
      #expect(run.status == 0, "\(run.errors)")
      let (first, second): (FineTuningAnswer, FineTuningAnswer) = (
        try test.finetune("c.h5", options + ["--head-init", "keep"]).json(), try run.json()
      )
      #expect(first.history.map(\.valLoss) == second.history.map(\.valLoss))
      // The head of a.h5 sees the same pictures, so epoch 0 is what a.h5 says.
      let evaluation = try Program.run(["evaluate", "data/val", "--model", "a.h5", "--json"], in: folder)
      struct Figures: Decodable { let top1: Double }
      #expect(try evaluation.json(Figures.self).top1 == second.history[0].valTop1)
      try FileManager.default.removeItem(at: folder.appending(path: "data"))
      let other = try FineTuningFolder(folder, classes: 2)
      let run2 = try other.finetune("d.h5", options)
      #expect(run2.status == 0, "\(run2.errors)")
      #expect(try other.network("d.h5").graph.output.shape == [2])
      #expect(try other.finetune("d.h5", options + ["--head-init", "keep"]).status == 64)
    }
  }

  @Test("Pictures that cannot be read are skipped and named, with exit code 2")
  func skipped() throws {
    try TestData.withTemporaryFolder { folder in
      let test = try FineTuningFolder(folder)
      let name = try #require(
        try FileManager.default.contentsOfDirectory(atPath: folder.path + "/data/train").sorted().first)
      for part in ["train", "val"] {
        try Data("no picture".utf8).write(to: folder.appending(path: "data/\(part)/\(name)/broken.jpg"))
      }
      let run = try test.finetune("m.h5", ["--epochs", "1", "--json"])
      #expect(run.status == 2 && run.errors.contains("train/\(name)/broken.jpg"), "\(run.errors)")
      let answer: FineTuningAnswer = try run.json()
      #expect(answer.skipped.count == 2 && test.exists("m.h5"))
    }
  }

  @Test("A hidden layer, dropout, moving statistics and a table of pictures")
  func variants() throws {
    try TestData.withTemporaryFolder { folder in
      let test = try FineTuningFolder(folder)
      var lines = ["path,label"]
      for name in try FileManager.default.contentsOfDirectory(atPath: folder.path + "/data/train").sorted() {
        for file in try FileManager.default.contentsOfDirectory(atPath: folder.path + "/data/train/" + name) {
          lines.append("data/train/\(name)/\(file),\(name)")
        }
      }
      try Data(lines.joined(separator: "\n").utf8).write(to: folder.appending(path: "list.csv"))
      let run = try Program.run(
        [
          "finetune", "list.csv", "-o", "m.h5", "--epochs", "1", "--batch", "8", "--hidden", "12",
          "--dropout",
          "0.3", "--batch-norm", "update", "--unfreeze-from", "conv_pw_13", "--optimizer", "momentum",
          "--schedule", "constant", "--validation", "0.25", "--learning-rate", "0.01",
        ], in: folder, environment: test.environment)
      #expect(run.status == 0, "\(run.errors)")
      let graph = try test.network("m.h5").graph
      #expect(graph.index(of: "hidden") != nil && graph.index(of: "dropout") != nil)
      let predictions = try Program.run(
        ["predict", "data/val", "--model", "m.h5", "--json"], in: folder)
      #expect(predictions.status == 0, "\(predictions.errors)")
    }
  }

  @Test("A loss that is no number ends the run with an error; the best model so far is saved")
  func diverged() throws {
    try TestData.withTemporaryFolder { folder in
      let test = try FineTuningFolder(folder)
      let run = try test.finetune(
        "m.h5", ["--learning-rate", "1e38", "--optimizer", "sgd", "--schedule", "constant"])
      #expect(run.status == 1 && run.errors.contains("no longer a number"), "\(run.errors)")
      #expect(run.errors.contains("m.h5: the best model so far, of epoch"))
      #expect(try Program.run(["predict", "data/val", "--model", "m.h5"], in: folder).status == 0)
    }
  }
}
