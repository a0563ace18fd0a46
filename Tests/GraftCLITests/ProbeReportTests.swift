import Foundation
import Testing
import _GraftTestSupport

@Suite("graft probe --report", .serialized)
struct ProbeReportTests {
  /// What is read of `--json`.
  private struct Answer: Decodable {
    struct Layer: Decodable {
      struct Point: Decodable { let layer: String }
      struct Score: Decodable { let accuracy: Double }
      let point: Point
      let score: Score
    }
    struct Ensemble: Decodable {
      struct Score: Decodable { let validationAccuracy: Double }
      let members: [Int]
      let weights: [Double]
      let score: Score
    }
    struct Recommendation: Decodable {
      let kind: String
      let layers: [String]
      let weights: [Double]
    }
    let layers: [Layer]
    let ensemble: Ensemble
    let recommendations: [Recommendation]
    let commands: [[String]]
  }

  @Test("The page shows the advice with its commands, accuracy by depth and every layer, in a browser too")
  func page() throws {
    try TestData.withTemporaryFolder { folder in
      try Pictures.copy(classes: 3, perClass: 8, to: folder.appending(path: "photos"))
      let run = try Program.run(
        [
          "probe", "photos", "--layers", "4", "--folds", "2", "--groups", "0", "--report", "p.html", "--json",
        ],
        in: folder)
      #expect(run.status == 0, "\(run.errors)")
      let answer: Answer = try run.json()
      let page = try String(contentsOf: folder.appending(path: "p.html"), encoding: .utf8)
      #expect(answer.layers.count == 4 && answer.commands.count == 2)
      for layer in answer.layers {
        #expect(page.contains(layer.point.layer))
        #expect(page.contains(String(format: "%.1f %%", 100 * layer.score.accuracy)))
      }
      for command in answer.commands.joined() { #expect(page.contains(command), "\(command)") }
      #expect(page.components(separatedBy: "<svg").count == 2)
      #expect(!page.contains("http:") && !page.contains("https:") && !page.contains("src=\""))
      try Browser.expectOpens(folder.appending(path: "p.html"), showing: "Accuracy by depth")
    }
  }

  @Test("The commands of a recommended ensemble make one model, which does on val what the probe says")
  func ensemble() throws {
    try TestData.withTemporaryFolder { folder in
      let pictures = TestData.package.appending(path: "examples/pictures").path
      let run = try Program.run(
        ["probe", pictures, "--layers", "8", "--json", "--cache", "none"], in: folder)
      let answer: Answer = try run.json()
      let advice = answer.recommendations[0]
      // The last layer alone leaves something to gain here.
      #expect(advice.kind == "ensemble" && advice.layers.count > 1, "\(advice)")
      #expect(advice.weights == answer.ensemble.weights && advice.weights.allSatisfy { $0 > 0 })
      #expect(advice.layers == answer.ensemble.members.map { answer.layers[$0].point.layer })
      #expect(answer.commands[0].count == 3, "\(answer.commands[0])")
      var last: Program.Result?
      for command in answer.commands[0] {
        let words = command.split(separator: " ").map(String.init)
        #expect(words.first == "graft")
        let step = try Program.run(
          Array(words.dropFirst()) + (words.contains("evaluate") ? ["--json"] : []), in: folder)
        #expect(step.status == 0, "\(command): \(step.errors)")
        last = step
      }
      let found = try #require(try last?.json(MainJobTests.Figures.self)).top1
      // Weights and strengths are printed with three digits.
      #expect(abs(found - answer.ensemble.score.validationAccuracy) < 0.01, "\(found)")
    }
  }

  @Test("A page that cannot be written is refused before the work")
  func destination() throws {
    try TestData.withTemporaryFolder { folder in
      for (name, word) in [("p.txt", ".html"), ("nowhere/p.html", "no folder")] {
        let run = try Program.run(["probe", "absent", "--report", name], in: folder)
        #expect(run.status == 1 && run.errors.contains(word), "\(name): \(run.errors)")
      }
    }
  }
}
