public import Foundation

/// A page in headless Chromium, where it is installed.
public enum Browser {
  /// What the browser made of a page.
  public struct Page: Sendable {
    /// The page after its script ran, as HTML.
    public let html: String
    /// What was written to the console: errors of the script, blocked requests.
    public let console: [String]
  }

  /// The program; nil where none is installed. Tests that need it skip, saying so.
  public static let path: String? = [
    "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome",
  ]
  .first { FileManager.default.isExecutableFile(atPath: $0) }

  /// Opens a file and lets its script run.
  ///
  /// - Parameters:
  ///   - width: of the window, in pixels.
  ///   - isDark: whether the reader prefers dark pages.
  public static func open(_ file: URL, width: Int = 1400, isDark: Bool = false) throws -> Page {
    guard let path else { return Page(html: "", console: ["no browser"]) }
    return try TestData.withTemporaryFolder { profile in
      let run = try Program.runAny(
        path,
        [
          "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
          "--disable-background-networking", "--enable-logging=stderr", "--user-data-dir=\(profile.path)",
          "--window-size=\(width),2000", "--blink-settings=preferredColorScheme=\(isDark ? 0 : 1)",
          "--dump-dom", file.absoluteString,
        ], in: profile)
      let console = run.errors.split(separator: "\n").filter { $0.contains(":CONSOLE:") }.map(String.init)
      return Page(html: run.output, console: console)
    }
  }
}
