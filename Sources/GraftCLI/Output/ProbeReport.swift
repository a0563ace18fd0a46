import Graft

/// What `graft probe` found, as people and programs read it.
struct ProbeReport: Encodable {
  private let result: ProbeResult
  private let commands: ProbeCommands
  /// Columns of the chart.
  private static let chartWidth = 50

  init(_ result: ProbeResult, commands: ProbeCommands) {
    self.result = result
    self.commands = commands
  }

  private enum CodingKeys: CodingKey { case commands }

  /// Writes the result, and the commands of each recommendation in their order.
  func encode(to encoder: any Encoder) throws {
    try result.encode(to: encoder)
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(result.recommendations.map(lines), forKey: .commands)
  }

  /// Data, table, chart and advice.
  var text: String {
    ([introduction, table, chart] + result.recommendations.enumerated().map { advice($0, $1) }).joined(
      separator: "\n\n")
  }

  /// The same as a page.
  func page(_ pictures: String) -> ReportPage {
    ProbePage(result, pictures: pictures, commands: result.recommendations.map(lines)).page
  }

  private func lines(_ advice: Recommendation) -> [String] {
    commands.lines(for: advice, name: result.network, hasHeldOut: result.validationCount > 0)
  }

  private var introduction: String {
    let counts = result.classCounts.sorted()
    let used = counts.reduce(0, +)
    let range =
      counts[0] == counts[counts.count - 1] ? "\(counts[0])" : "\(counts[0]) to \(counts[counts.count - 1])"
    let of = used < result.trainingCount ? " (of \(Format.count(result.trainingCount)))" : ""
    var lines = [
      "\(Format.plural(used, "training picture"))\(of) of \(Format.plural(result.labels.count, "class", "classes")), "
        + "\(range) a class; \(Format.count(result.validationCount)) held out (\(result.division))"
    ]
    let last = Format.percent(result.layers[result.layers.count - 1].score.accuracy)
    if let groups = result.groups {
      lines.append(
        "cross-validated in \(result.folds) folds; \(groups) groups of look-alike pictures are held out as wholes"
      )
      lines.append(
        "(mixed, the last layer would seem to reach \(Format.percent(result.mixedAccuracy)) instead of \(last))"
      )
    } else {
      lines.append("cross-validated in \(result.folds) folds; look-alike pictures are not held together")
    }
    return lines.joined(separator: "\n")
  }

  private var table: String {
    var headings: [(String, TextTable.Alignment)] = [
      ("stage", .left), ("layer", .left), ("features", .right), ("l2", .right), ("accuracy", .right),
      ("95 %", .right), ("log loss", .right),
    ]
    if result.validationCount > 0 { headings.append(("val", .right)) }
    var table = TextTable(headings)
    func add(_ cells: [String], _ score: ProbeResult.Score, marked: Bool) {
      table.add(
        cells + [
          Format.percent(score.accuracy),
          "\(Format.decimal(100 * score.interval.lowerBound, 1))-\(Format.decimal(100 * score.interval.upperBound, 1))",
          Format.decimal(score.logLoss, 3),
        ] + (result.validationCount > 0 ? [score.validationAccuracy.map(Format.percent) ?? "-"] : [])
          + [marked ? "recommended" : ""])
    }
    let advice = result.recommended
    for layer in result.layers {
      add(
        [
          Format.printable(layer.point.stage), Format.printable(layer.point.layer), Format.count(layer.width),
          Format.strength(layer.l2),
        ], layer.score, marked: advice.kind != .ensemble && advice.layers == [layer.point.layer])
    }
    let names = result.ensemble.members.map { result.layers[$0].point.layer }
    if names.count > 1 {
      add(
        ["ensemble", "of \(names.count) layers", "", ""], result.ensemble.score,
        marked: advice.kind == .ensemble)
    }
    var text = table.text
    if names.count > 1 {
      let parts = zip(names, result.ensemble.weights).map { "\(Format.strength($1)) \(Format.printable($0))" }
      text += "\nensemble: \(parts.joined(separator: " + "))"
    }
    if result.validationCount > 0 {
      text += "\nval is for information: every choice rests on cross-validation of the training pictures"
    }
    return text
  }

  /// Accuracy by depth: a line a layer, its interval and its value on one scale.
  private var chart: String {
    let scores = result.layers.map(\.score)
    let lowest = (scores.map { $0.interval.lowerBound }.min() ?? 0) * 10
    let start = lowest.rounded(.down) / 10
    func column(_ share: Double) -> Int {
      min(max(Int(((share - start) / (1 - start) * Double(Self.chartWidth)).rounded()), 0), Self.chartWidth)
    }
    let names = result.layers.map { Format.printable($0.point.layer) }
    let width = names.map(\.count).max() ?? 0
    func padded(_ name: String) -> String { name + String(repeating: " ", count: width - name.count) }
    var lines = [
      padded("") + "  " + Format.percent(start)
        + String(repeating: " ", count: max(Self.chartWidth - 12, 1)) + "100 %"
    ]
    for (name, score) in zip(names, scores) {
      var cells = [Character](repeating: " ", count: Self.chartWidth + 1)
      let (low, high) = (column(score.interval.lowerBound), column(score.interval.upperBound))
      for place in low...high { cells[place] = "─" }
      (cells[low], cells[high]) = ("├", "┤")
      cells[column(score.accuracy)] = "●"
      lines.append(padded(name) + "  " + String(cells[...high]))
    }
    return lines.joined(separator: "\n")
  }

  private func advice(_ place: Int, _ advice: Recommendation) -> String {
    let title = place == 0 ? "Recommended: " : "What may do better: "
    return
      ([title + Format.printable(advice.summary)] + advice.evidence.map { "  - \(Format.printable($0))" }
      + lines(advice).map { "  $ \($0)" })
      .joined(separator: "\n")
  }
}
