import Foundation
import GraftReport
import Testing

@Suite("Charts of report pages")
struct ChartTests {
  private func html(_ block: ReportPage.Block) throws -> String {
    try ReportPage(title: "t", sections: [.init("s", blocks: [block])]).html()
  }

  /// What stands between two words, each time.
  private func all(_ html: String, after start: String, before end: String) -> [String] {
    html.components(separatedBy: start).dropFirst().compactMap { $0.components(separatedBy: end).first }
  }

  @Test("A line goes through its points, to scale")
  func line() throws {
    let plot = Plot(
      "p", x: .share("x"), y: .share("y"), lines: [.init("a", [.init(0, 0), .init(0.5, 1), .init(1, 0.5)])])
    // The axes run from 56 to 380 and from 256 up to 10.
    #expect(try html(.plot(plot)).contains("d=\"M56 256L218 10L380 133\""))
    let labels = try all(html(.plot(plot)), after: "text-anchor=\"middle\">", before: "</text>")
    #expect(labels.prefix(6) == ["0 %", "20 %", "40 %", "60 %", "80 %", "100 %"])
  }

  @Test("What is not a number interrupts a line, and a plot of nothing says so")
  func gaps() throws {
    let plot = Plot(
      "p", x: .share("x"), y: .share("y"),
      lines: [.init("a", [.init(0, 0), .init(0.2, .nan), .init(0.5, 0), .init(1, 1)])])
    #expect(try html(.plot(plot)).contains("d=\"M56 256M218 256L380 10\""))
    let empty = try html(.plot(Plot("p", x: Axis("x"), y: Axis("y"), lines: [.init("a", [.init(.nan, 1)])])))
    #expect(empty.contains("nothing to draw"))
    #expect(!(try html(.plot(plot)).contains("nothing to draw")))
    for flat in [[Plot.Point(1, 3)], [Plot.Point(1, 0), Plot.Point(2, 0)]] {
      let shown = try html(.plot(Plot("p", x: Axis("x"), y: Axis("y"), lines: [.init("a", flat)])))
      #expect(!shown.contains("nan") && !shown.contains("inf"))
    }
  }

  @Test("A logarithmic axis has powers of ten and leaves out what has no logarithm")
  func logarithmic() throws {
    let plot = Plot(
      "p", x: Axis("x", isLogarithmic: true), y: .share("y"),
      lines: [.init("a", [.init(0, 0.5), .init(1e-4, 0), .init(1e-2, 0.5), .init(1, 1)])])
    let shown = try html(.plot(plot))
    #expect(shown.contains("d=\"M56 256L218 133L380 10\""))
    #expect(shown.contains(">1e-04</text>") && shown.contains(">1e+00</text>"))
  }

  @Test("A long line is drawn with as many points as can be told apart")
  func longLine() throws {
    let flat = (0...200_000).map { Plot.Point(Double($0), 1) }
    let plot = Plot("p", x: Axis("x"), y: Axis("y"), lines: [.init("a", flat)])
    let path = try #require(try all(html(.plot(plot)), after: " d=\"", before: "\"").first)
    #expect(path.count < 40_000 && path.hasPrefix("M56 133") && path.hasSuffix("L380 133"))
  }

  @Test("Bars are as long as their values, and missing ones are left out")
  func bars() throws {
    let chart = BarChart("b", series: ["p", "r"], rows: [.init("cat", [0.5, nil]), .init("dog", [1, 0])])
    let widths = try all(html(.bars(chart)), after: "<rect class=\"s1\"", before: ">").compactMap {
      all($0, after: "width=\"", before: "\"").first
    }
    #expect(widths == ["135", "270"])
    #expect(
      try html(.bars(chart)).components(separatedBy: "class=\"s2\"").count - 1 == 2, "one bar, one legend")
  }

  @Test("A square of confusions knows orders by mistakes, by pictures, by name and by likeness")
  func confusion() throws {
    let chart = ConfusionChart(
      "c", names: ["d", "a", "c", "b"],
      counts: [[9, 0, 0, 1], [0, 5, 3, 0], [0, 4, 6, 0], [0, 0, 0, 20]])
    let shown = try html(.confusion(chart))
    func order(_ key: String) throws -> String? {
      try all(html(.confusion(chart)), after: "data-order-\(key)=\"", before: "\"").first
    }
    #expect(try order("given") == "0 1 2 3")
    #expect(try order("mistakes") == "2 0 1 3")
    #expect(try order("pictures") == "1 3 2 0")
    #expect(try order("name") == "3 0 2 1")
    // a and c are taken for each other, d and b a little.
    #expect(try order("alike") == "0 2 3 1")
    #expect(shown.contains("<title>3 of 8 of a taken for c</title>"))
    #expect(shown.contains("<title>20 of 20 of b recognised</title>"))
    #expect(shown.components(separatedBy: "<g class=\"cell").count == 17)
  }

  @Test("Long names are shortened in charts and whole under the pointer")
  func longNames() throws {
    let name = "a very long name of a class of pictures"
    let shown = try html(.bars(BarChart("b", series: ["p"], rows: [.init(name, [0.5])])))
    #expect(shown.contains("<title>\(name)</title>a very l…pictures"))
  }
}
