internal import GraftData
internal import GraftReport

extension AssessmentSections {
  /// Classes with a curve of their own: those told apart worst.
  private static let curveLimit = 6

  var reliability: ReportPage.Section {
    let filled = evaluation.reliability.bins.filter { $0.count > 0 }
    let columns = filled.flatMap { bin -> [Plot.Column] in
      guard let accuracy = bin.accuracy, let confidence = bin.confidence else { return [] }
      let note =
        "confidence \(ReportText.percent(bin.lower)) to \(ReportText.percent(bin.upper)): "
        + "\(ReportText.plural(bin.count, "picture")), \(ReportText.percent(accuracy)) right, mean confidence "
        + "\(ReportText.percent(confidence))"
      let (low, high) = (min(accuracy, confidence), max(accuracy, confidence))
      return [
        Plot.Column(x: bin.lower...bin.upper, y: 0...accuracy, note: note),
        Plot.Column(x: bin.lower...bin.upper, y: low...high, kind: .gap, note: note),
      ]
    }
    let diagram = Plot(
      "Reliability", x: .share("confidence"), y: .share("right answers"),
      lines: [Plot.Line("as it should be", [.init(0, 0), .init(1, 1)], style: .reference)], columns: columns,
      caption:
        "Blue: the share of right answers. Orange: what is missing to the confidence, or more than that.")
    let most = Double(filled.map(\.count).max() ?? 1)
    let histogram = Plot(
      "How sure the model is", x: .share("confidence"), y: Axis("pictures", range: 0...most),
      columns: filled.map {
        Plot.Column(
          x: $0.lower...$0.upper, y: 0...Double($0.count),
          note:
            "\(ReportText.percent($0.lower)) to \(ReportText.percent($0.upper)): \(ReportText.plural($0.count, "picture"))"
        )
      })
    var blocks: [ReportPage.Block] = [.plot(diagram), .plot(histogram)]
    if let effect = assessment.calibration { blocks.append(.table(Self.table(effect))) }
    return .init(
      "Do the probabilities mean what they say?",
      text: "Of the answers given with 80 %, 80 % should be right. The mean difference is "
        + "\(ReportText.percent(evaluation.reliability.expectedError)) (expected calibration error).",
      blocks: blocks)
  }

  private static func table(_ effect: CalibrationEffect) -> ReportTable {
    func row(_ name: String, _ value: (CalibrationEffect.Figures) -> Double) -> [ReportTable.Cell] {
      [
        name, ReportText.decimal(value(effect.before), 4),
        ReportText.decimal(value(effect.after), 4),
      ]
      .map { .init($0) }
    }
    return ReportTable(
      "Calibrated with temperature \(ReportText.decimal(effect.scaling.temperature)), fitted on "
        + "\(ReportText.plural(effect.scaling.count, "other picture"))",
      headings: [
        .init("on the pictures of this page"), .init("before", isNumeric: true),
        .init("after", isNumeric: true),
      ],
      rows: [
        row("log loss", \.logLoss), row("Brier score", \.brier),
        row("calibration error", \.expectedCalibrationError),
      ])
  }

  var thresholds: ReportPage.Section? {
    let curves = assessment.curves.filter { $0.rocArea.isFinite }
    guard !curves.isEmpty else { return nil }
    let worst = curves.sorted { ($0.rocArea, $0.label) < ($1.rocArea, $1.label) }.prefix(Self.curveLimit)
    func points(_ all: [RankingCurves.Point]) -> [Plot.Point] { all.map { .init($0.x, $0.y) } }
    let grid = (0...100).map { Double($0) / 100 }
    var roc = worst.map {
      Plot.Line("\($0.label) \(ReportText.decimal($0.rocArea))", points($0.roc))
    }
    var precision = worst.map {
      Plot.Line(
        "\($0.label) \(ReportText.decimal($0.averagePrecision))", Self.steps($0.precisionRecall))
    }
    if curves.count > 2 {
      let count = Double(curves.count)
      let (area, mean) = (assessment.curves.macroROCArea, assessment.curves.macroAveragePrecision)
      roc.append(
        Plot.Line(
          "mean of all \(ReportText.decimal(area))",
          [.init(0, 0)]
            + grid.map { x in .init(x, curves.reduce(0) { $0 + Self.height($1.roc, at: x) } / count) },
          style: .dashed))
      precision.append(
        Plot.Line(
          "mean of all \(ReportText.decimal(mean))",
          grid.map { x in .init(x, curves.reduce(0) { $0 + Self.step($1.precisionRecall, at: x) } / count) },
          style: .dashed))
    }
    let caption =
      worst.count < curves.count
      ? "The \(worst.count) classes told apart worst, of \(curves.count), and the mean of all." : nil
    return .init(
      "Each class against the rest",
      text:
        "What is gained and lost when a class is said from a higher or lower probability on. The numbers are areas.",
      blocks: [
        .plot(
          Plot(
            "ROC", x: .share("false alarms"), y: .share("found"),
            lines: roc + [Plot.Line("chance", [.init(0, 0), .init(1, 1)], style: .reference)],
            caption: caption)),
        .plot(
          Plot(
            "Precision and recall", x: .share("recall"), y: .share("precision"), lines: precision,
            caption: caption)),
      ])
  }

  /// The height of a rising curve at `x`, on straight lines between its points; the highest where it is upright.
  private static func height(_ points: [RankingCurves.Point], at x: Double) -> Double {
    guard let after = points.firstIndex(where: { $0.x > x }) else { return points.last?.y ?? 0 }
    guard after > 0 else { return points[0].y }
    let (a, b) = (points[after - 1], points[after])
    return a.y + (x - a.x) / (b.x - a.x) * (b.y - a.y)
  }

  /// The precision at the highest threshold that reaches a recall, which is what the average precision adds up.
  private static func step(_ points: [RankingCurves.Point], at recall: Double) -> Double {
    points.last { $0.x >= recall && $0.threshold.isFinite }?.y ?? 1
  }

  /// A curve of precision over recall as steps, from the left.
  private static func steps(_ points: [RankingCurves.Point]) -> [Plot.Point] {
    var drawn: [Plot.Point] = []
    for point in points.reversed() where point.threshold.isFinite {
      // The precision counts for the recall gained up to it.
      drawn.append(.init(drawn.last?.x ?? 0, point.y))
      drawn.append(.init(point.x, point.y))
    }
    return drawn
  }
}
