internal import Foundation
internal import GraftSupport

/// A page of figures, charts, tables and pictures: one file of HTML that needs no network and no file beside it.
///
/// It follows the reader's choice of light or dark, fits a phone, and shows everything without its script, which adds
/// sorting. All texts are escaped, so that names may hold whatever people call their folders.
///
/// ```swift
/// let page = ReportPage(
///   title: "Fine-tuning", facts: [.init("photos", "photos/train")],
///   sections: [.init("Loss", blocks: [.plot(loss)])])
/// try page.write(to: "report.html")
/// ```
public struct ReportPage: Sendable {
  /// What the page is about, also the name of the window.
  public var title: String
  /// The result in a sentence; nil for none.
  public var lead: String?
  /// Names and values: what was judged, with what.
  public var facts: [Fact]
  /// The parts of the page, in their order.
  public var sections: [Section]

  /// A name and its value.
  public struct Fact: Sendable, Hashable {
    /// What it is.
    public var name: String
    /// How much or what.
    public var value: String

    /// A name and its value.
    public init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  /// A part of the page with a heading.
  public struct Section: Sendable {
    /// The heading; also in the list of contents.
    public var title: String
    /// What the part shows and how to read it; nil for nothing.
    public var text: String?
    /// What it is made of, in order; charts stand side by side where there is room.
    public var blocks: [Block]

    /// A part of the page.
    public init(_ title: String, text: String? = nil, blocks: [Block]) {
      self.title = title
      self.text = text
      self.blocks = blocks
    }
  }

  /// What a section is made of.
  public enum Block: Sendable {
    /// Single numbers in large letters.
    case figures([Figure])
    /// Sentences, as a list.
    case remarks([String])
    /// Lines and columns over an axis.
    case plot(Plot)
    /// Horizontal bars, one group a row.
    case bars(BarChart)
    /// How often each class was taken for each other.
    case confusion(ConfusionChart)
    /// Rows and columns of text, sorted by a click on a heading.
    case table(ReportTable)
    /// Pictures with captions.
    case gallery([GalleryItem])
  }

  /// A number in large letters.
  public struct Figure: Sendable, Hashable {
    /// How a number is meant.
    public enum Tone: String, Sendable, Hashable {
      /// Neither.
      case plain
      /// Nothing to worry about.
      case good
      /// Something to look at.
      case bad
    }

    /// What it is.
    public var name: String
    /// How much.
    public var value: String
    /// A remark, such as an interval; nil for none.
    public var note: String?
    /// How it is meant.
    public var tone: Tone

    /// A number in large letters.
    public init(_ name: String, _ value: String, note: String? = nil, tone: Tone = .plain) {
      self.name = name
      self.value = value
      self.note = note
      self.tone = tone
    }
  }

  /// A page.
  public init(title: String, lead: String? = nil, facts: [Fact] = [], sections: [Section] = []) {
    self.title = title
    self.lead = lead
    self.facts = facts
    self.sections = sections
  }

  /// The page as HTML.
  ///
  /// - Parameter generator: the program that made it, for the foot of the page.
  /// - Throws: `ReportError` with code `.template`, which is a defect of the program.
  public func html(generator: String = "Graft") throws -> String {
    try PageTemplates.shared.get().render(PageView(self, generator: ReportText.printable(generator)))
  }

  /// Writes the page under a temporary name that becomes `path` when all is written.
  ///
  /// - Throws: `ReportError`; then what stood at `path` before still stands there.
  public func write(to path: String, generator: String = "Graft") throws {
    let html = try html(generator: generator)
    do {
      try AtomicFile.write(html, to: path)
    } catch let error as FileError {
      throw ReportError(.unwritable, "\(error)")
    }
  }

  /// Checks, before the work rather than after it, that a page can be written at `path`.
  ///
  /// - Throws: `ReportError` for a name that does not end in .html or .htm, and for a folder that is missing or cannot
  ///   be written.
  public static func checkDestination(_ path: String) throws {
    let name = path.lowercased()
    guard name.hasSuffix(".html") || name.hasSuffix(".htm") else {
      throw ReportError(
        .unsuitable,
        "\"\(path)\": a report's name ends in .html, such as report.html; it opens in any browser")
    }
    if let obstacle = AtomicFile.obstacle(at: path, example: "report.html") {
      throw ReportError(.unsuitable, "\(path): \(obstacle)")
    }
  }
}
