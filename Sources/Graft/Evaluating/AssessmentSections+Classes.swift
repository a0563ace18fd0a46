internal import GraftData
internal import GraftReport

extension AssessmentSections {
  /// Classes shown as bars: the worst.
  private static let barLimit = 24
  /// Classes shown as a square.
  private static let squareLimit = 40

  /// Whatever a reader should do something about.
  var remarks: [String] {
    var remarks: [String] = []
    if !evaluation.skipped.isEmpty {
      remarks.append(
        "\(ReportText.plural(evaluation.skipped.count, "picture")) could not be judged, such as "
          + "\(evaluation.skipped[0].path): \(evaluation.skipped[0].reason).")
    }
    let absent = evaluation.absentClasses
    if !absent.isEmpty {
      let names = absent.prefix(3).joined(separator: ", ") + (absent.count > 3 ? ", …" : "")
      remarks.append(
        "There is no picture of \(ReportText.plural(absent.count, "class", "classes")) that the model knows: \(names)."
      )
    }
    if present.count > 1, let worst = present.min(by: { $0.f1 < $1.f1 }), worst.f1 < evaluation.macroF1 {
      remarks.append(
        "The class recognised worst is \(worst.label): \(ReportText.percent(worst.recall)) of its "
          + "\(ReportText.plural(worst.support, "picture")) found, and \(ReportText.percent(worst.precision)) of what was "
          + "taken for it is it.")
    }
    if let pair = pairs.first {
      remarks.append("The most frequent confusion: \(pair.count) × \(pair.shown) taken for \(pair.said).")
    }
    if let remark = confidenceRemark { remarks.append(remark) }
    if !assessment.suspiciousLabels.isEmpty {
      remarks.append(
        "\(ReportText.plural(assessment.suspiciousLabels.count, "label")) may be wrong: see the pictures below."
      )
    }
    if let found = assessment.trainingDuplicates, !found.pairs.isEmpty {
      remarks.append(
        "\(ReportText.plural(found.pairs.count, "picture")) look like pictures that the model was trained on. Of those "
          + "that are the same, the figures above flatter the model: remove them from one of the sets.")
    }
    if evaluation.count < 100 {
      remarks.append("With \(evaluation.count) pictures every figure is uncertain; look at the intervals.")
    }
    return remarks
  }

  private var confidenceRemark: String? {
    let bins = evaluation.reliability.bins
    let mean = bins.reduce(0) { $0 + ($1.confidence ?? 0) * Double($1.count) } / Double(evaluation.count)
    // A difference within the interval of the accuracy may be chance.
    guard let interval = assessment.intervals?.accuracy, mean < interval.lower || mean > interval.upper else {
      return nil
    }
    let how = mean > evaluation.accuracy ? "too sure of itself" : "surer than it says"
    return "The model is \(how): on average it gives its answer \(ReportText.percent(mean)), and "
      + "\(ReportText.percent(evaluation.accuracy)) are right. graft evaluate --calibrate mends that."
  }

  /// Pairs of classes that were taken for each other, the most frequent first.
  private var pairs: [(count: Int, shown: String, said: String)] {
    let names = evaluation.classes.names
    var pairs: [(count: Int, shown: String, said: String)] = []
    for (row, counts) in evaluation.confusion.enumerated() {
      for (column, count) in counts.enumerated() where count > 0 && row != column {
        pairs.append((count, names[row], names[column]))
      }
    }
    return pairs.sorted { ($1.count, $0.shown, $0.said) < ($0.count, $1.shown, $1.said) }
  }

  var classes: ReportPage.Section {
    let worst = present.sorted { ($0.f1, $0.label) < ($1.f1, $1.label) }
    let shown = worst.prefix(Self.barLimit)
    let chart = BarChart(
      "Precision, recall and F1", series: ["precision", "recall", "F1"],
      rows: shown.map { .init($0.label, [$0.precision, $0.recall, $0.f1]) },
      caption: shown.count < worst.count
        ? "The \(shown.count) classes recognised worst, of \(worst.count)."
        : "The class recognised worst first.")
    func cell(_ value: Double, _ isDefined: Bool = true) -> ReportTable.Cell {
      isDefined && value.isFinite ? .init(ReportText.percent(value), value: value) : .init("–", value: .nan)
    }
    func number(_ value: Double) -> ReportTable.Cell {
      .init(value.isFinite ? ReportText.decimal(value) : "–", value: value)
    }
    let rows = zip(evaluation.perClass, assessment.curves).map { score, curves -> [ReportTable.Cell] in
      let isPresent = score.support > 0
      return [
        .init(score.label), .init("\(score.support)", value: Double(score.support)), cell(score.precision),
        cell(score.recall, isPresent), cell(score.f1, isPresent), number(curves.rocArea),
        number(curves.averagePrecision),
      ]
    }
    let (macro, weighted) = (evaluation.macro, evaluation.weighted)
    let table = ReportTable(
      headings: [
        .init("class"), .init("pictures", isNumeric: true), .init("precision", isNumeric: true),
        .init("recall", isNumeric: true), .init("F1", isNumeric: true), .init("ROC area", isNumeric: true),
        .init("avg. precision", isNumeric: true),
      ], rows: rows,
      caption: "Macro average: precision \(ReportText.percent(macro.precision)), recall "
        + "\(ReportText.percent(macro.recall)), F1 \(ReportText.percent(macro.f1)). Weighted by pictures: precision "
        + "\(ReportText.percent(weighted.precision)), recall \(ReportText.percent(weighted.recall)), F1 "
        + "\(ReportText.percent(weighted.f1)).")
    return .init(
      "Classes", text: "Which classes are recognised, and which are not.",
      blocks: [.bars(chart), .table(table)])
  }

  var confusions: ReportPage.Section? {
    guard evaluation.classes.count > 1 else { return nil }
    var blocks: [ReportPage.Block] = []
    let indices = squareClasses
    if !indices.isEmpty {
      let caption =
        indices.count < evaluation.classes.count
        ? "The \(indices.count) classes with the most mistakes, of \(evaluation.classes.count)." : nil
      blocks.append(
        .confusion(
          ConfusionChart(
            "A row for what is shown, a column for what was said",
            names: indices.map { evaluation.classes[$0] },
            counts: indices.map { row in indices.map { evaluation.confusion[row][$0] } }, caption: caption)))
    }
    let pairs = pairs.prefix(15)
    if pairs.count > 1 {
      blocks.append(
        .table(
          ReportTable(
            "Most frequent confusions",
            headings: [.init("shown"), .init("said"), .init("pictures", isNumeric: true)],
            rows: pairs.map {
              [.init($0.shown), .init($0.said), .init("\($0.count)", value: Double($0.count))]
            })))
    }
    return .init(
      "Confusions", text: "Which classes are taken for which: blue is right, orange is wrong.", blocks: blocks
    )
  }

  /// The classes of the square: all, or those with the most mistakes.
  private var squareClasses: [Int] {
    let all = Array(0..<evaluation.classes.count)
    guard all.count > Self.squareLimit else { return all }
    let confusion = evaluation.confusion
    let mistakes = all.map { index in
      confusion[index].reduce(0, +) + confusion.reduce(0) { $0 + $1[index] } - 2 * confusion[index][index]
    }
    return all.filter { mistakes[$0] > 0 }.sorted { (mistakes[$1], $0) < (mistakes[$0], $1) }
      .prefix(Self.squareLimit).sorted()
  }
}
