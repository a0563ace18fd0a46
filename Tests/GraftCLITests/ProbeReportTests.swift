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
    let layers: [Layer]
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
