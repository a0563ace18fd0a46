/// Horizontal bars: a group for each row, a bar for each series, shares from 0 to 1.
public struct BarChart: Sendable, Hashable {
  /// A row of bars.
  public struct Row: Sendable, Hashable {
    /// What the row is about.
    public var name: String
    /// A value from 0 to 1 for each series; nil for one that there is not.
    public var values: [Double?]

    /// A row of bars.
    public init(_ name: String, _ values: [Double?]) {
      self.name = name
      self.values = values
    }
  }

  /// The heading.
  public var title: String
  /// What the bars of a row are, in their order; those after the eighth repeat the colours.
  public var series: [String]
  /// The rows from above.
  public var rows: [Row]
  /// How to read it; nil for nothing.
  public var caption: String?

  /// Horizontal bars.
  public init(_ title: String, series: [String], rows: [Row], caption: String? = nil) {
    self.title = title
    self.series = series
    self.rows = rows
    self.caption = caption
  }
}

/// Bars as bars.mustache sees them.
struct BarChartView {
  struct RowView {
    var name: String
    var shortName: String
    var middle: String
    var bars: [Bar]
  }

  struct Bar {
    var style: String
    var x: String
    var y: String
    var width: String
    var height: String
    var note: String
  }

  var title: String
  var caption: String?
  var width = "400"
  var height: String
  var bottom: String
  var labelX = "104"
  var labelY: String
  var ticks: [PlotView.Tick]
  var rows: [RowView]
  var legend: [PlotView.LegendEntry]

  private static let (left, right, thickness, gap) = (110.0, 380.0, 8.0, 8.0)

  init(_ chart: BarChart) {
    let scale = AxisScale(.share(""), values: [], start: Self.left, end: Self.right)
    let rowHeight = Self.thickness * Double(max(chart.series.count, 1)) + Self.gap
    let bottom = rowHeight * Double(chart.rows.count)
    title = ReportText.printable(chart.title)
    caption = chart.caption.map(ReportText.printable)
    self.bottom = ReportText.coordinate(bottom)
    labelY = ReportText.coordinate(bottom + 14)
    height = ReportText.coordinate(bottom + 20)
    ticks = scale.ticks.map { PlotView.Tick(at: ReportText.coordinate($0.place), label: $0.label) }
    legend = chart.series.enumerated().map {
      PlotView.LegendEntry(style: "s\($0 % 8 + 1)", name: ReportText.printable($1))
    }
    rows = chart.rows.enumerated().map { index, row in
      let top = rowHeight * Double(index) + Self.gap / 2
      let name = ReportText.printable(row.name)
      let bars = zip(chart.series.indices, row.values).compactMap { series, value -> Bar? in
        guard let value, let end = scale.place(value) else { return nil }
        let text = ReportText.number(100 * value, decimals: 1)
        return Bar(
          style: "s\(series % 8 + 1)", x: ReportText.coordinate(Self.left),
          y: ReportText.coordinate(top + Self.thickness * Double(series)),
          width: ReportText.coordinate(end - Self.left), height: ReportText.coordinate(Self.thickness - 1),
          note: "\(name): \(ReportText.printable(chart.series[series])) \(text) %")
      }
      return RowView(
        name: name, shortName: ReportText.shortened(name, to: 17),
        middle: ReportText.coordinate(top + (rowHeight - Self.gap) / 2), bars: bars)
    }
  }
}
