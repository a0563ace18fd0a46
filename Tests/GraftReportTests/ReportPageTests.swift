import Foundation
import GraftReport
import Testing
import _GraftTestSupport

@Suite("Report pages")
struct ReportPageTests {
  static let hostile = "<script>alert(1)</script> & \"quoted\" 'name' {{title}} {{{styleSheet}}}"

  /// A page with everything that there is, and with hostile names wherever names go.
  static func page() -> ReportPage {
    let name = hostile
    let plot = Plot(
      name, x: .share(name), y: Axis(name),
      lines: [
        Plot.Line(name, [.init(0, 1), .init(0.5, 3), .init(1, 2)], hasDots: true),
        Plot.Line("even", [.init(0, 0), .init(1, 3)], style: .reference),
      ], columns: [Plot.Column(x: 0...0.5, y: 0...1, kind: .gap, note: name)], caption: name)
    return ReportPage(
      title: name, lead: name, facts: [.init(name, name)],
      sections: [
        .init(
          name, text: name, blocks: [.figures([.init(name, name, note: name, tone: .bad)]), .remarks([name])]),
        .init(
          "Charts",
          blocks: [
            .plot(plot),
            .bars(BarChart(name, series: [name, "b"], rows: [.init(name, [0.5, nil])], caption: name)),
            .confusion(
              ConfusionChart(
                name, names: [name, "b", "c"], counts: [[3, 1, 0], [0, 2, 2], [0, 0, 4]], caption: name)),
          ]),
        .init(
          "Lists",
          blocks: [
            .table(
              ReportTable(
                name, headings: [.init(name), .init("n", isNumeric: true)],
                rows: [3, 1, 2].map { [.init(name), .init("\($0)", value: Double($0))] })),
            .gallery([
              GalleryItem(
                pictures: [
                  .init(jpeg: [0xFF, 0xD8, 0xFF], width: 4, height: 3, name: name),
                  .init(jpeg: nil, width: 0, height: 0, name: name),
                ], title: name, lines: [name])
            ]),
          ]),
      ])
  }

  /// Whatever is not from the templates of the page.
  private func body(_ html: String) throws -> String {
    let start = try #require(html.range(of: "</style>")?.upperBound)
    let end = try #require(html.range(of: "<script>\n\"use strict\"")?.lowerBound)
    return String(html[start..<end])
  }

  @Test("Names from users are escaped wherever they stand")
  func escaping() throws {
    let html = try Self.page().html(generator: Self.hostile)
    let body = try body(html)
    #expect(!body.contains("<script"))
    #expect(
      body.contains("&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;quoted&quot; &#39;name&#39; {{title}}")
    )
    // Nothing of a template is left, and no name is taken for one.
    #expect(
      body.components(separatedBy: "{{").count == body.components(separatedBy: "{{title}} {{{").count * 2 - 1)
    let attributes = try Regex("=\"[^\"]*<[^\"]*\"")
    #expect(body.firstMatch(of: attributes) == nil, "an attribute holds a bare <")
  }

  @Test("It asks for nothing outside of itself")
  func selfContained() throws {
    let html = try Self.page().html()
    for word in ["http://", "https://", "src=\"//", "@import", "url("] {
      #expect(!html.contains(word), "\(word)")
    }
    #expect(html.contains("default-src 'none'"))
    #expect(html.contains("prefers-color-scheme: dark") && html.contains("width=device-width"))
    #expect(html.contains("src=\"data:image/jpeg;base64,/9j/\""))
  }

  @Test("Control characters and turned writing are shown as what they are")
  func control() throws {
    let html = try ReportPage(title: "a\u{202E}gpj.\u{7}b").html()
    #expect(html.contains("<h1>a\\u{202E}gpj.\\u{07}b</h1>"))
  }

  @Test("It is the same text for the same content")
  func repeatable() throws { #expect(try Self.page().html() == Self.page().html()) }

  @Test("A page is written whole, and only where a page can be")
  func writing() throws {
    try TestData.withTemporaryFolder { folder in
      let path = folder.appending(path: "r.html").path
      try ReportPage.checkDestination(path)
      try Self.page().write(to: path)
      #expect(try String(contentsOfFile: path, encoding: .utf8) == Self.page().html())
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["r.html"])
      for (wrong, words) in [
        ("\(folder.path)/report.pdf", "ends in .html"), ("\(folder.path)/none/r.html", "there is no folder"),
      ] {
        let error = #expect(throws: ReportError.self) { try ReportPage.checkDestination(wrong) }
        #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
      }
      let missing = "\(folder.path)/none/r.html"
      let error = #expect(throws: ReportError.self) { try Self.page().write(to: missing) }
      #expect(error?.code == .unwritable && error?.message.contains("none/r.html") == true)
    }
  }

  @Test(
    "Chromium opens it without a word on the console, runs its script and lets tables and squares be sorted",
    .enabled(if: Browser.path != nil, "no Chromium; apt-get install chromium"), arguments: [390, 1400])
  func browser(_ width: Int) throws {
    try TestData.withTemporaryFolder { folder in
      let file = folder.appending(path: "it's \"a\" page.html")
      var page = Self.page()
      // A picture that is one, so that the browser has nothing to say about it.
      page.sections[2].blocks.removeLast()
      try page.write(to: file.path)
      let shown = try Browser.open(file, width: width, isDark: width == 390)
      #expect(shown.console == [])
      #expect(shown.scrollWidth > 0 && shown.scrollWidth <= width, "\(shown.scrollWidth) pixels wide")
      #expect(shown.html.contains("data-script=\"ran\""))
      #expect(shown.html.contains("<select><option"), "the script made no choice of orders")
      #expect(shown.html.contains("<button type=\"button\">"), "the script made no buttons of headings")
      #expect(!shown.html.contains("<script>alert"))
    }
  }

  @Test(
    "The check would notice an error of the script",
    .enabled(if: Browser.path != nil, "no Chromium; apt-get install chromium"))
  func browserNotices() throws {
    try TestData.withTemporaryFolder { folder in
      let file = folder.appending(path: "broken.html")
      let html = try Self.page().html().replacing("\"use strict\";", with: "missingFunction();")
      try Data(html.utf8).write(to: file)
      let shown = try Browser.open(file)
      #expect(shown.console.contains { $0.contains("missingFunction") })
      #expect(!shown.html.contains("data-script"))
    }
  }
}
