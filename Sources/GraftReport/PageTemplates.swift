internal import CGraftReport
internal import Mustache

/// The templates inside the binary.
struct PageTemplates: Sendable {
  /// The templates, read once.
  static let shared = Result { try PageTemplates() }

  private let library: MustacheLibrary
  /// The style sheet of every page.
  static let style = text(graft_report_style())
  /// The script of every page.
  static let script = text(graft_report_script())

  private init() throws {
    var library = MustacheLibrary()
    for index in 0..<graft_report_template_count() {
      let file = graft_report_template(index)
      let name = String(cString: file.name)
      do {
        try library.register(Self.text(file), named: name)
      } catch {
        throw ReportError(.template, "the template \(name) inside the program is damaged: \(error)")
      }
    }
    self.library = library
  }

  /// A page as text.
  func render(_ page: PageView) throws -> String {
    guard let text = library.render(page, withTemplate: "page") else {
      throw ReportError(.template, "the template of pages is missing from the program")
    }
    return text
  }

  private static func text(_ file: graft_report_file) -> String {
    String(decoding: UnsafeRawBufferPointer(start: file.start, count: file.count), as: UTF8.self)
  }
}
