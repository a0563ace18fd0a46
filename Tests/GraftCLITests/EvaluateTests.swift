import Foundation
import Testing
import _GraftTestSupport

@Suite("Evaluation on the command line")
struct EvaluateTests {
  private static let hostile = "<script>alert(1)<∕script>"

  /// Pictures, one class with a hostile name, and a model.
  private func prepare(_ folder: URL) throws {
    try Pictures.copy(classes: 3, perClass: 8, to: folder.appending(path: "train"))
    try Pictures.copy(Pictures.val, classes: 3, perClass: 6, to: folder.appending(path: "val \"one\""))
    try Pictures.copy(Pictures.val, classes: 3, perClass: 12, to: folder.appending(path: "held-out"))
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.appending(path: "train").path)
      .sorted()
    for part in ["train", "val \"one\"", "held-out"] {
      let place = folder.appending(path: part)
      try FileManager.default.moveItem(
        at: place.appending(path: names[0]), to: place.appending(path: Self.hostile))
      guard part == "held-out" else { continue }
      // Those that are judged are not for calibration.
      for name in [Self.hostile] + names.dropFirst() {
        let files = try FileManager.default.contentsOfDirectory(atPath: place.appending(path: name).path)
          .sorted()
        for file in files.prefix(6) {
          try FileManager.default.removeItem(at: place.appending(path: "\(name)/\(file)"))
        }
      }
    }
    for arguments in [
      ["extract", "train", "-o", "train.h5"], ["fit", "train.h5", "-o", "m.h5", "--l2", "1e-2"],
      ["fit", "train.h5", "-o", "weak.h5", "--l2", "100"],
    ] {
      let run = try Program.run(arguments + ["--quiet"], in: folder)
      #expect(run.status == 0, "\(run.errors)")
    }
  }

  @Test("One run compares, calibrates, looks for leaks and writes a page; JSON has all of it")
  func everything() throws {
    try TestData.withTemporaryFolder { folder in
      try prepare(folder)
      // A training picture among those judged.
      let class1 = try FileManager.default.contentsOfDirectory(atPath: folder.appending(path: "train").path)
        .sorted()[1]
      let file = try #require(
        try FileManager.default.contentsOfDirectory(atPath: folder.appending(path: "train/\(class1)").path)
          .first)
      try FileManager.default.copyItem(
        at: folder.appending(path: "train/\(class1)/\(file)"),
        to: folder.appending(path: "val \"one\"/\(class1)/leaked.jpg"))
      let arguments = [
        "evaluate", "val \"one\"", "--model", "m.h5", "--compare", "weak.h5", "--calibrate", "held-out", "-o",
        "calibrated.h5", "--train-features", "train.h5", "--report", "report.html",
      ]
      let text = try Program.run(arguments, in: folder)
      #expect(text.status == 0, "\(text.errors)")
      for words in [
        "accuracy", "Brier score", "95 % interval", "weighted", "McNemar", "temperature",
        "in the training set too",
        "leaked.jpg", "same file",
      ] {
        #expect(text.output.contains(words), "\(words) is missing")
      }
      #expect(text.errors.contains("calibrated.h5: saved") && text.errors.contains("report.html: saved"))
      let first = try Data(contentsOf: folder.appending(path: "report.html"))
      let json = try Program.run(arguments + ["--json", "--threads", "1"], in: folder)
      #expect(json.status == 0, "\(json.errors)")
      #expect(
        try Data(contentsOf: folder.appending(path: "report.html")) == first, "the page depends on threads")
      let object = try #require(
        try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
      for key in ["intervals", "comparison", "calibration", "trainingDuplicates", "curves", "brier"] {
        #expect(object[key] != nil, "\(key) is missing")
      }
      let pairs = try #require((object["trainingDuplicates"] as? [String: Any])?["pairs"] as? [[String: Any]])
      #expect(pairs.contains { $0["isSameFile"] as? Bool == true })
      let again = try Program.run(
        ["evaluate", "val \"one\"", "--model", "calibrated.h5", "--json"], in: folder)
      let figures = try #require(
        try JSONSerialization.jsonObject(with: Data(again.output.utf8)) as? [String: Any])
      let after = try #require((object["calibration"] as? [String: Any])?["after"] as? [String: Double])
      #expect(figures["logLoss"] as? Double == after["logLoss"])
      #expect(figures["top1"] as? Double == object["top1"] as? Double)
      try checkPage(folder.appending(path: "report.html"))
    }
  }

  private func checkPage(_ file: URL) throws {
    let html = try String(contentsOf: file, encoding: .utf8)
    #expect(html.contains("&lt;script&gt;alert(1)&lt;∕script&gt;") && !html.contains("<script>alert"))
    #expect(html.contains("val &quot;one&quot;") && !html.contains("val \"one\""))
    guard Browser.path != nil else { return }
    for (width, isDark) in [(390, true), (1400, false)] {
      let page = try Browser.open(file, width: width, isDark: isDark)
      #expect(page.console == [])
      #expect(page.scrollWidth > 0 && page.scrollWidth <= width, "\(page.scrollWidth) pixels wide")
      #expect(page.html.contains("data-script=\"ran\"") && page.html.contains("<select><option"))
    }
  }

  @Test("What cannot be done is said before the work")
  func refused() throws {
    try TestData.withTemporaryFolder { folder in
      try Pictures.copy(classes: 2, perClass: 1, to: folder.appending(path: "p"))
      for (options, words, status) in [
        (["--calibrate", "p"], "-o MODEL.h5", 64), (["-o", "x.h5"], "go together", 64),
        (["--bootstrap", "-1"], "--bootstrap", 64), (["--report", "r.pdf"], "ends in .html", 1),
        (["--report", "none/r.html"], "there is no folder", 1),
        (["--calibrate", "p", "-o", "x.txt"], "ends in .h5", 1),
      ] {
        let run = try Program.run(["evaluate", "p", "--model", "m.h5"] + options, in: folder)
        #expect(run.status == Int32(status), "\(options): \(run.status)")
        #expect(run.errors.contains(words), "\(options): \(run.errors)")
      }
    }
  }
}
