public import Foundation
public import Testing

/// A page in headless Chromium, where it is installed.
public enum Browser {
  /// What the browser made of a page.
  public struct Page: Sendable {
    /// The page after its script ran, as HTML.
    public let html: String
    /// What was written to the console: errors of the script, blocked requests.
    public let console: [String]
    /// How wide the page is, in pixels: more than the window for one that has to be pushed sideways.
    public let scrollWidth: Int
  }

  /// The program; nil where none is installed. Tests that need it skip, saying so.
  public static let path: String? = [
    "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome",
  ]
  .first { FileManager.default.isExecutableFile(atPath: $0) }

  /// Opens a page as wide as a phone and a desk, where a browser is installed: nothing is written to its console, and
  /// the page shows a text.
  public static func expectOpens(
    _ file: URL, showing text: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    guard path != nil else { return }
    for width in [390, 1400] {
      let seen = try open(file, width: width)
      #expect(
        seen.console.isEmpty && seen.html.contains(text), "\(seen.console)", sourceLocation: sourceLocation)
    }
  }

  /// Opens a file and lets its script run.
  ///
  /// - Parameters:
  ///   - width: of the window, in pixels.
  ///   - isDark: whether the reader prefers dark pages.
  public static func open(_ file: URL, width: Int = 1400, isDark: Bool = false) throws -> Page {
    guard let path else { return Page(html: "", console: ["no browser"], scrollWidth: 0) }
    return try TestData.withTemporaryFolder { folder in
      // No window is narrower than 500 pixels, a frame is.
      let frame = folder.appending(path: "frame.html")
      try Data(wrapper(file, width: width).utf8).write(to: frame)
      let run = try Program.runAny(
        path,
        [
          "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
          "--disable-background-networking", "--allow-file-access-from-files", "--enable-logging=stderr",
          "--user-data-dir=\(folder.appending(path: "profile").path)", "--window-size=1500,1000",
          "--blink-settings=preferredColorScheme=\(isDark ? 0 : 1)", "--dump-dom", frame.absoluteString,
        ], in: folder)
      let console = run.errors.split(separator: "\n").filter { $0.contains(":CONSOLE:") }.map(String.init)
      func part(_ start: String, _ end: String) -> String {
        run.output.components(separatedBy: start).dropFirst().first?.components(separatedBy: end).first ?? ""
      }
      let html = part("<pre>", "</pre>").replacing("&lt;", with: "<").replacing("&gt;", with: ">")
        .replacing("&nbsp;", with: "\u{A0}").replacing("&amp;", with: "&")
      return Page(html: html, console: console, scrollWidth: Int(part("data-width=\"", "\"")) ?? 0)
    }
  }

  /// A page that shows a file in a frame of some width, and writes down what became of it.
  private static func wrapper(_ file: URL, width: Int) -> String {
    """
    <!DOCTYPE html>
    <html><meta charset="utf-8"><body>
    <iframe src="\(file.absoluteString)" style="width: \(width)px; height: 900px; border: 0"></iframe>
    <script>
    const frame = document.querySelector("iframe");
    frame.addEventListener("load", () => {
      const page = frame.contentDocument.documentElement;
      document.body.dataset.width = page.scrollWidth;
      document.body.appendChild(document.createElement("pre")).textContent = page.outerHTML;
    });
    </script>
    </body></html>
    """
  }
}
