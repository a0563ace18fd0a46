import Foundation
import Graft
import Testing
import _GraftTestSupport

@Suite("Several labels a picture", .serialized)
struct MultiLabelTests {
  private struct Answer: Decodable {
    struct Row: Decodable {
      let valTop1: Double?
      let valFigures: [String: Double]?
    }
    let task: String
    let bestEpoch: Int
    let valFigures: [String: Double]
    let history: [Row]
  }

  private struct Figures: Decodable {
    struct Label: Decodable {
      let label: String
      let averagePrecision: Double?
      let support: Int
      let threshold: Double
    }
    let task: String
    let images: Int
    let meanAveragePrecision: Double
    let microF1: Double
    let exactMatch: Double
    let perLabel: [Label]
  }

  private struct Picture: Decodable {
    struct Guess: Decodable {
      let label: String
      let probability: Float
      enum CodingKeys: String, CodingKey {
        case label = "class"
        case probability
      }
    }
    let path: String
    let predictions: [Guess]
  }

  private func run(_ arguments: [String], _ folder: URL) throws -> Program.Result {
    try Program.run(arguments, in: folder, environment: ["GRAFT_HOME": folder.appending(path: "home").path])
  }

  @Test("are learned from a table, judged and predicted, and saved with what they are")
  func mainJob() throws {
    try TestData.withTemporaryFolder { folder in
      try Drawings.labels(80, in: folder)
      let options = [
        "--epochs", "2", "--freeze", "all", "--l2", "0.03", "--resize", "squeeze", "--augment", "none",
        "--json",
      ]
      let trained = try run(
        ["finetune", "labels.csv", "-o", "m.h5", "--history-csv", "h.csv"] + options, folder)
      #expect(trained.status == 0, "\(trained.errors)")
      #expect(trained.errors.contains("labels         3: blue (") && trained.errors.contains("mAP"))
      let answer: Answer = try trained.json()
      let best = try #require(answer.valFigures["meanAveragePrecision"])
      #expect(answer.task == "labels" && best > 0.9)
      #expect(best == answer.history.compactMap { $0.valFigures?["meanAveragePrecision"] }.max())
      #expect(answer.history.allSatisfy { $0.valTop1 == nil })
      let history = try String(contentsOf: folder.appending(path: "h.csv"), encoding: .utf8)
      #expect(history.hasPrefix("epoch,") && history.contains("val_meanAveragePrecision"))

      let judged = try run(["evaluate", "labels.csv", "--model", "m.h5", "--json"], folder)
      #expect(judged.status == 0, "\(judged.errors)")
      let figures: Figures = try judged.json()
      #expect(figures.images == 20 && figures.perLabel.map(\.label) == ["blue", "green", "red"])
      #expect(figures.meanAveragePrecision == best)
      #expect(figures.microF1 == answer.valFigures["microF1"])
      #expect(figures.exactMatch == answer.valFigures["exactMatch"])
      // The table with a column a label says the same, its labels in another order.
      let other: Figures = try run(["evaluate", "columns.csv", "--model", "m.h5", "--json"], folder).json()
      #expect(
        other.meanAveragePrecision == best && other.perLabel.map(\.support) == figures.perLabel.map(\.support)
      )
      let text = try run(["evaluate", "labels.csv", "--model", "m.h5"], folder).output
      #expect(text.contains("mean average precision") && text.contains("green"))

      let all: [Picture] = try run(
        ["predict", "labels", "--model", "m.h5", "--json", "--threshold", "0"], folder
      ).json()
      let usual: [Picture] = try run(["predict", "labels", "--model", "m.h5", "--json"], folder).json()
      let strict: [Picture] = try run(
        ["predict", "labels", "--model", "m.h5", "--json", "--threshold", "0.9"], folder
      )
      .json()
      #expect(all.count == 80 && all.allSatisfy { $0.predictions.count == 3 })
      for ((every, half), sure) in zip(zip(all, usual), strict) {
        #expect(
          half.predictions.map(\.label) == every.predictions.filter { $0.probability >= 0.5 }.map(\.label))
        #expect(
          sure.predictions.map(\.label) == every.predictions.filter { $0.probability >= 0.9 }.map(\.label))
      }
      // Several hold at once, and some pictures have none.
      #expect(usual.contains { $0.predictions.count > 1 } && usual.contains { $0.predictions.isEmpty })

      let model = try ImageClassifier(contentsOf: folder.appending(path: "m.h5").path)
      #expect(model.task == .labels && model.facts.thresholds == [0.5, 0.5, 0.5])
      #expect(model.facts.history?.best?.validation?.others["micro_f1"] == answer.valFigures["microF1"])
    }
  }

  @Test("A model goes on with its head; classes and labels are not mixed up")
  func goingOn() throws {
    try TestData.withTemporaryFolder { folder in
      try Drawings.labels(40, in: folder)
      let options = ["--epochs", "1", "--freeze", "all", "--l2", "0.01", "--augment", "none", "--json"]
      let first = try run(["finetune", "columns.csv", "-o", "a.h5"] + options, folder)
      #expect(first.status == 0, "\(first.errors)")
      let second = try run(["finetune", "labels.csv", "-o", "b.h5", "--weights", "a.h5"] + options, folder)
      #expect(second.status == 0, "\(second.errors)")
      let (a, b): (Answer, Answer) = (try first.json(), try second.json())
      #expect(b.history[0].valFigures == a.valFigures)
      for arguments in [
        ["predict", "labels", "--model", "a.h5", "--threshold", "2"],
        ["predict", "labels", "--weights", "default", "--threshold", "0.5"],
      ] {
        let refused = try run(arguments, folder)
        #expect(refused.status != 0 && !refused.errors.isEmpty)
      }
      // A table that says nothing of one class a picture cannot judge a model for classes.
      try Pictures.copy(classes: 2, perClass: 3, to: folder.appending(path: "photos"))
      let classes = try run(["evaluate", "photos", "--model", "a.h5"], folder)
      #expect(classes.status == 1 && classes.errors.contains("labels"), "\(classes.errors)")
      let unlearnable = "path,cat,dog\nlabels/0.jpg,1,0\nlabels/1.jpg,0,0\nlabels/2.jpg,1,0\n"
      try Data(unlearnable.utf8).write(to: folder.appending(path: "bad.csv"))
      let none = try run(["finetune", "bad.csv", "-o", "c.h5", "--validation", "0"] + options, folder)
      #expect(none.status == 1 && none.errors.contains("the label \"dog\""), "\(none.errors)")
    }
  }

  @Test("A run that is killed and resumed ends with the same bytes; mixup and smoothing go with labels")
  func resumed() throws {
    try TestData.withTemporaryFolder { folder in
      try Drawings.labels(32, in: folder)
      let options = [
        "finetune", "labels.csv", "--epochs", "3", "--unfreeze-from", "conv_pw_13", "--head-init", "he",
        "--batch", "8",
        "--mixup", "0.2", "--label-smoothing", "0.05", "--balanced", "--learning-rate", "1e-3",
      ]
      let whole = try run(options + ["-o", "a.h5"], folder)
      #expect(whole.status == 0, "\(whole.errors)")
      _ = try Program.run(
        options + ["-o", "b.h5", "--checkpoints", "state"], in: folder,
        environment: ["GRAFT_HOME": folder.appending(path: "home").path], killedAfter: 0.4)
      let resumed = try run(options + ["-o", "b.h5", "--checkpoints", "state", "--resume"], folder)
      #expect(resumed.status == 0, "\(resumed.errors)")
      #expect(
        try Data(contentsOf: folder.appending(path: "a.h5"))
          == Data(contentsOf: folder.appending(path: "b.h5")))
    }
  }
}
