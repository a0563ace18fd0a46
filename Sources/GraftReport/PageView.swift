/// A page as its template sees it: every stored property is a name in page.mustache.
struct PageView {
  var title: String
  var lead: String?
  var generator: String
  var styleSheet = PageTemplates.style
  var scriptText = PageTemplates.script
  var hasFacts: Bool
  var facts: [ReportPage.Fact]
  var hasContents: Bool
  var sections: [SectionView]

  init(_ page: ReportPage, generator: String) {
    title = ReportText.printable(page.title)
    lead = page.lead.map(ReportText.printable)
    self.generator = generator
    facts = page.facts.map { .init(ReportText.printable($0.name), ReportText.printable($0.value)) }
    hasFacts = !facts.isEmpty
    hasContents = page.sections.count > 2
    sections = page.sections.enumerated().map { SectionView($1, anchor: "part-\($0 + 1)") }
  }
}

/// A section as page.mustache sees it.
struct SectionView {
  var anchor: String
  var title: String
  var text: String?
  var blocks: [BlockView]

  init(_ section: ReportPage.Section, anchor: String) {
    self.anchor = anchor
    title = ReportText.printable(section.title)
    text = section.text.map(ReportText.printable)
    blocks = section.blocks.map { BlockView($0) }
  }
}

/// A block as page.mustache sees it; one of the properties is there.
struct BlockView {
  var hasFigures = false
  var figures: [FigureView] = []
  var hasRemarks = false
  var remarks: [String] = []
  var plot: PlotView?
  var bars: BarChartView?
  var confusion: ConfusionChartView?
  var table: TableView?
  var gallery: GalleryView?

  init(_ block: ReportPage.Block) {
    switch block {
    case .figures(let all):
      hasFigures = true
      figures = all.map { FigureView($0) }
    case .remarks(let all):
      hasRemarks = true
      remarks = all.map(ReportText.printable)
    case .plot(let chart): plot = PlotView(chart)
    case .bars(let chart): bars = BarChartView(chart)
    case .confusion(let chart): confusion = ConfusionChartView(chart)
    case .table(let all): table = TableView(all)
    case .gallery(let items): gallery = GalleryView(items)
    }
  }
}

/// A number as page.mustache sees it.
struct FigureView {
  var name: String
  var value: String
  var note: String?
  var tone: String

  init(_ figure: ReportPage.Figure) {
    name = ReportText.printable(figure.name)
    value = ReportText.printable(figure.value)
    note = figure.note.map(ReportText.printable)
    tone = figure.tone.rawValue
  }
}
