/// Rows and columns of text.
public struct ReportTable: Sendable, Hashable {
  /// A heading, and how its column stands.
  public struct Heading: Sendable, Hashable {
    /// What the column shows.
    public var name: String
    /// Whether the column holds numbers, which stand at the right.
    public var isNumeric: Bool

    /// A heading.
    public init(_ name: String, isNumeric: Bool = false) {
      self.name = name
      self.isNumeric = isNumeric
    }
  }

  /// A cell.
  public struct Cell: Sendable, Hashable {
    /// What it shows.
    public var text: String
    /// What it is sorted by; nil for its text.
    public var value: Double?

    /// A cell.
    public init(_ text: String, value: Double? = nil) {
      self.text = text
      self.value = value
    }
  }

  /// What stands above the table; nil for nothing.
  public var title: String?
  /// The columns.
  public var headings: [Heading]
  /// The rows, a cell for each column.
  public var rows: [[Cell]]
  /// How to read it; nil for nothing.
  public var caption: String?

  /// A table.
  public init(_ title: String? = nil, headings: [Heading], rows: [[Cell]], caption: String? = nil) {
    self.title = title
    self.headings = headings
    self.rows = rows
    self.caption = caption
  }
}

/// A table as table.mustache sees it.
struct TableView {
  struct HeadingView {
    var name: String
    var side: String
  }

  struct CellView {
    var text: String
    var side: String
    var value: String?
  }

  struct RowView {
    var cells: [CellView]
  }

  var heading: String?
  var caption: String?
  var headings: [HeadingView]
  var rows: [RowView]

  init(_ table: ReportTable) {
    heading = table.title.map(ReportText.printable)
    caption = table.caption.map(ReportText.printable)
    let sides = table.headings.map { $0.isNumeric ? "end" : "start" }
    headings = zip(table.headings, sides).map { HeadingView(name: ReportText.printable($0.name), side: $1) }
    rows = table.rows.map { row in
      RowView(
        cells: zip(row, sides).map { cell, side in
          // What is not a number is sorted below everything.
          let value = cell.value.map { $0.isFinite ? "\($0)" : "-1e300" }
          return CellView(text: ReportText.printable(cell.text), side: side, value: value)
        })
    }
  }
}
