/// How often each class was taken for each other: a square of numbers, sorted as the reader wants it.
public struct ConfusionChart: Sendable, Hashable {
  /// The heading.
  public var title: String
  /// The classes.
  public var names: [String]
  /// How many pictures of each class (outer) were given each class (inner).
  public var counts: [[Int]]
  /// How to read it; nil for nothing.
  public var caption: String?

  /// A square of numbers.
  ///
  /// - Precondition: there is a row and a column of `counts` for each class.
  public init(_ title: String, names: [String], counts: [[Int]], caption: String? = nil) {
    precondition(
      counts.count == names.count && counts.allSatisfy { $0.count == names.count },
      "\(counts.count) rows of counts for \(names.count) classes")
    self.title = title
    self.names = names
    self.counts = counts
    self.caption = caption
  }

  /// An order of the classes: its key, and for each class its place.
  var orders: [(key: String, places: [Int])] {
    let classes = names.indices
    let support = counts.map { $0.reduce(0, +) }
    let given = classes.map { column in counts.reduce(0) { $0 + $1[column] } }
    let mistakes = classes.map { support[$0] + given[$0] - 2 * counts[$0][$0] }
    return [
      ("given", Array(classes)),
      ("mistakes", Self.places(classes.sorted { (mistakes[$1], $0) < (mistakes[$0], $1) })),
      ("alike", Self.places(neighbours)),
      ("pictures", Self.places(classes.sorted { (support[$1], $0) < (support[$0], $1) })),
      ("name", Self.places(classes.sorted { (names[$0], $0) < (names[$1], $1) })),
    ]
  }

  /// The classes in an order that puts those together which are taken for each other: average linkage over the share
  /// of pictures that two classes exchange, the leaves of the tree from left to right.
  private var neighbours: [Int] {
    let support = counts.map { Double(max($0.reduce(0, +), 1)) }
    var groups = names.indices.map { [$0] }
    func likeness(_ a: [Int], _ b: [Int]) -> Double {
      var sum = 0.0
      for i in a {
        for j in b { sum += Double(counts[i][j]) / support[i] + Double(counts[j][i]) / support[j] }
      }
      return sum / Double(a.count * b.count)
    }
    while groups.count > 1 {
      var best = (0, 1, -1.0)
      for i in groups.indices {
        for j in groups.indices where j > i {
          let value = likeness(groups[i], groups[j])
          if value > best.2 { best = (i, j, value) }
        }
      }
      groups[best.0] += groups[best.1]
      groups.remove(at: best.1)
    }
    return groups.first ?? []
  }

  private static func places(_ order: [Int]) -> [Int] {
    var places = [Int](repeating: 0, count: order.count)
    for (place, index) in order.enumerated() { places[index] = place }
    return places
  }
}

/// A square of numbers as confusion.mustache sees it.
struct ConfusionChartView {
  struct Order {
    var key: String
    var positions: String
  }

  struct CellView {
    var index: Int
    var kind: String
    var x: String
    var share: String
    var count: String?
    var note: String
  }

  struct ClassView {
    var index: Int
    var name: String
    var shortName: String
    var columnX: String
    var columnY: String
    var rowY: String
    var cells: [CellView]
  }

  var title: String
  var caption: String?
  var width: String
  var height: String
  var cell: String
  var side: String
  var half: String
  var left: String
  var top: String
  var labelX: String
  var cornerX: String
  var cornerY: String
  var orders: [Order]
  var classes: [ClassView]

  init(_ chart: ConfusionChart) {
    let cell = chart.names.count <= 4 ? 48.0 : chart.names.count <= 12 ? 34.0 : 26.0
    let names = chart.names.map(ReportText.printable)
    let short = names.map { ReportText.shortened($0, to: 15) }
    let longest = Double(short.map(\.count).max() ?? 0)
    let left = 16 + 6.8 * longest
    let top = 24 + 5.6 * longest
    let count = Double(names.count)
    title = ReportText.printable(chart.title)
    caption = chart.caption.map(ReportText.printable)
    // The last column's name leans out to the right.
    width = ReportText.coordinate(left + cell * count + 12 + 4.6 * longest)
    height = ReportText.coordinate(top + cell * count + 20)
    self.cell = ReportText.coordinate(cell)
    side = ReportText.coordinate(cell - 2)
    half = ReportText.coordinate(cell / 2 - 1)
    self.left = ReportText.coordinate(left)
    self.top = ReportText.coordinate(top)
    labelX = ReportText.coordinate(left - 6)
    cornerX = labelX
    cornerY = ReportText.coordinate(top - 6)
    orders = chart.orders.map {
      Order(key: $0.key, positions: $0.places.map(String.init).joined(separator: " "))
    }
    classes = names.indices.map { row in
      let support = chart.counts[row].reduce(0, +)
      let cells = names.indices.map { column in
        let value = chart.counts[row][column]
        let share = support == 0 ? 0 : Double(value) / Double(support)
        let verb = row == column ? "recognised" : "taken for \(names[column])"
        return CellView(
          index: column,
          kind: (row == column ? "right" : "wrong") + (share > 0.4 ? " strong" : ""),
          x: ReportText.coordinate(left + cell * Double(column)),
          share: ReportText.coordinate(value == 0 ? 0 : 0.12 + 0.88 * share.squareRoot()),
          count: value == 0 ? nil : "\(value)", note: "\(value) of \(support) of \(names[row]) \(verb)")
      }
      return ClassView(
        index: row, name: names[row], shortName: short[row],
        columnX: ReportText.coordinate(left + cell * (Double(row) + 0.6)),
        columnY: ReportText.coordinate(top - 6),
        rowY: ReportText.coordinate(top + cell * Double(row)), cells: cells)
    }
  }
}
