/// A plot as plot.mustache sees it.
struct PlotView {
  struct Tick {
    var at: String
    var label: String
  }

  struct ColumnView {
    var kind: String
    var x: String
    var y: String
    var width: String
    var height: String
    var note: String
  }

  struct LineView {
    var style: String
    var name: String
    var path: String
    var dots: [Dot]
  }

  struct Dot {
    var x: String
    var y: String
    var note: String
  }

  struct LegendEntry {
    var style: String
    var name: String
  }

  var title: String
  var caption: String?
  var xTitle: String
  var yTitle: String
  var width = "400"
  var height = "300"
  var left = "56"
  var right = "380"
  var top = "10"
  var bottom = "256"
  var middle = "218"
  var center = "133"
  var xLabelY = "271"
  var yLabelX = "50"
  var xTicks: [Tick]
  var yTicks: [Tick]
  var columns: [ColumnView]
  var lines: [LineView]
  var hasLegend: Bool
  var legend: [LegendEntry]
  var isEmpty: Bool

  private static let (left, right, top, bottom) = (56.0, 380.0, 10.0, 256.0)

  init(_ plot: Plot) {
    let points = plot.lines.flatMap(\.points)
    let x = AxisScale(
      plot.x, values: points.map(\.x) + plot.columns.flatMap { [$0.x.lowerBound, $0.x.upperBound] },
      start: Self.left, end: Self.right)
    let y = AxisScale(
      plot.y, values: points.map(\.y) + plot.columns.flatMap { [$0.y.lowerBound, $0.y.upperBound] },
      start: Self.bottom, end: Self.top)
    title = ReportText.printable(plot.title)
    caption = plot.caption.map(ReportText.printable)
    xTitle = ReportText.printable(plot.x.title)
    yTitle = ReportText.printable(plot.y.title)
    xTicks = x.ticks.map { Tick(at: ReportText.coordinate($0.place), label: $0.label) }
    yTicks = y.ticks.map { Tick(at: ReportText.coordinate($0.place), label: $0.label) }
    columns = plot.columns.compactMap { Self.column($0, x, y) }
    var colour = 0
    lines = plot.lines.map { line in
      if line.style != .reference { colour += 1 }
      return Self.line(line, colour: (colour + 7) % 8 + 1, x, y)
    }
    legend = lines.map { LegendEntry(style: $0.style, name: $0.name) }.filter { !$0.name.isEmpty }
    hasLegend = !legend.isEmpty
    isEmpty = columns.isEmpty && lines.allSatisfy(\.path.isEmpty)
  }

  private static func column(_ column: Plot.Column, _ x: AxisScale, _ y: AxisScale) -> ColumnView? {
    guard let left = x.place(column.x.lowerBound), let right = x.place(column.x.upperBound),
      let bottom = y.place(column.y.lowerBound), let top = y.place(column.y.upperBound)
    else { return nil }
    let inset = min(0.75, (right - left) / 4)
    return ColumnView(
      kind: column.kind.rawValue, x: ReportText.coordinate(left + inset), y: ReportText.coordinate(top),
      width: ReportText.coordinate(right - left - 2 * inset), height: ReportText.coordinate(bottom - top),
      note: ReportText.printable(column.note))
  }

  private static func line(_ line: Plot.Line, colour: Int, _ x: AxisScale, _ y: AxisScale) -> LineView {
    let style =
      switch line.style {
      case .solid: "s\(colour)"
      case .dashed: "s\(colour) dashed"
      case .reference: "reference"
      }
    let name = ReportText.printable(line.name)
    var path = ""
    var dots: [Dot] = []
    var last: (x: Double, y: Double)?
    for (index, point) in line.points.enumerated() {
      guard let left = x.place(point.x), let top = y.place(point.y) else {
        last = nil
        continue
      }
      // Points that no screen could tell apart are left out, so that a long run makes no large page.
      if let last, index < line.points.count - 1, abs(left - last.x) < 0.2, abs(top - last.y) < 0.2 {
        continue
      }
      path += "\(last == nil ? "M" : "L")\(ReportText.coordinate(left)) \(ReportText.coordinate(top))"
      last = (left, top)
      if line.hasDots {
        let value =
          "\(name) \(ReportText.number(point.x, decimals: 4)): \(ReportText.number(point.y, decimals: 4))"
        dots.append(Dot(x: ReportText.coordinate(left), y: ReportText.coordinate(top), note: value))
      }
    }
    return LineView(style: style, name: name, path: path, dots: dots)
  }
}
