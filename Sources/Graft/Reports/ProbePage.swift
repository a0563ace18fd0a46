public import GraftReport
internal import Foundation

/// What a probe found as a page: what to do and why, accuracy by depth, every layer.
public struct ProbePage {
  private let result: ProbeResult
  private let pictures: String
  private let commands: [[String]]

  /// Takes a probe.
  ///
  /// - Parameters:
  ///   - result: what `Probe.run` came to.
  ///   - pictures: where the pictures are, in words.
  ///   - commands: for each recommendation, the commands that carry it out; none for no commands.
  public init(_ result: ProbeResult, pictures: String, commands: [[String]] = []) {
    (self.result, self.pictures, self.commands) = (result, pictures, commands)
  }

  /// The page.
  public var page: ReportPage {
    let counts = result.classCounts
    let range = "\(counts.min() ?? 0) to \(counts.max() ?? 0) a class"
    return ReportPage(
      title: "Probe", lead: "Recommended: \(result.recommended.summary).",
      facts: [
        .init("Pictures", pictures),
        .init("Trained on", "\(counts.reduce(0, +)) in \(result.labels.count) classes, \(range)"),
        .init("Held out", "\(result.validationCount) (\(result.division))"),
        .init("Network", result.network),
        .init("Cross-validation", "\(result.folds) folds; \(grouping)"),
      ], sections: [outcome] + result.recommendations.indices.map(advice) + [depth, layers])
  }

  private var last: ProbeResult.Layer { result.layers[result.layers.count - 1] }

  private var grouping: String {
    result.groups.map { "\($0) groups of look-alike pictures held out as wholes" } ?? "each picture by itself"
  }

  private var outcome: ReportPage.Section {
    var figures = [Self.figure("Last layer", last.score), Self.figure("Best layer", result.bestLayer.score)]
    if result.ensemble.members.count > 1 { figures.append(Self.figure("Ensemble", result.ensemble.score)) }
    var remarks = [
      "Figures are of training pictures while they are held out in cross-validation, the choice of the layer or the "
        + "ensemble included; ranges are 95 % intervals."
    ]
    if result.groups != nil {
      remarks.append(
        "If look-alike pictures were not held out together, the last layer would seem to reach "
          + "\(Self.percent(result.mixedAccuracy)).")
    }
    return ReportPage.Section("Accuracy", blocks: [.figures(figures), .remarks(remarks)])
  }

  private func advice(_ place: Int) -> ReportPage.Section {
    let advice = result.recommendations[place]
    var blocks: [ReportPage.Block] = [.remarks(advice.evidence)]
    if commands.indices.contains(place), !commands[place].isEmpty {
      blocks.append(
        .table(ReportTable(headings: [.init("Commands")], rows: commands[place].map { [.init($0)] })))
    }
    return ReportPage.Section(
      place == 0 ? "Recommended" : "What may do better", text: Self.sentence(advice.summary), blocks: blocks)
  }

  private var depth: ReportPage.Section {
    let scores = result.layers.map(\.score)
    func line(
      _ name: String, _ style: Plot.Line.Style = .solid, dots: Bool = false,
      _ value: (ProbeResult.Score) -> Double?
    ) -> Plot.Line {
      let points = scores.enumerated().compactMap { index, score in
        value(score).map { Plot.Point(Double(index + 1), $0) }
      }
      return Plot.Line(name, points, style: style, hasDots: dots)
    }
    var lines = [
      line("cross-validated", dots: true, \.accuracy),
      line("95 % interval, from", .reference, \.interval.lowerBound),
      line("to", .reference, \.interval.upperBound),
    ]
    if result.validationCount > 0 { lines.append(line("held-out pictures", .dashed, \.validationAccuracy)) }
    let plot = Plot(
      "Accuracy by depth", x: Axis("layer, from the pictures on"), y: Axis("accuracy", format: .percent),
      lines: lines,
      caption: result.validationCount > 0
        ? "Held-out pictures are judged for information; every choice rests on cross-validation." : nil)
    return ReportPage.Section(
      "Accuracy by depth",
      text:
        "A linear classifier on each layer. Where the curve levels off, later layers add nothing as they are.",
      blocks: [.plot(plot)])
  }

  private var layers: ReportPage.Section {
    let rows = result.layers.enumerated().map { index, layer -> [ReportTable.Cell] in
      let (score, interval) = (layer.score, layer.score.interval)
      return [
        .init("\(index + 1)", value: Double(index)), .init(layer.point.layer), .init(layer.point.stage),
        .init("\(layer.width)", value: Double(layer.width)),
        .init(String(format: "%.3g", layer.l2), value: layer.l2),
        .init(Self.percent(score.accuracy), value: score.accuracy),
        .init(
          "\(Self.percent(interval.lowerBound)) to \(Self.percent(interval.upperBound))",
          value: interval.lowerBound),
        .init(String(format: "%.3f", score.logLoss), value: score.logLoss),
        .init(score.validationAccuracy.map(Self.percent) ?? "–", value: score.validationAccuracy ?? -1),
      ]
    }
    let headings: [ReportTable.Heading] = [
      .init("No.", isNumeric: true), .init("Layer"), .init("Stage"), .init("Features", isNumeric: true),
      .init("l2", isNumeric: true), .init("Accuracy", isNumeric: true), .init("95 %", isNumeric: true),
      .init("Log loss", isNumeric: true), .init("Held out", isNumeric: true),
    ]
    return ReportPage.Section("Layers", blocks: [.table(ReportTable(headings: headings, rows: rows))])
  }

  private static func figure(_ name: String, _ score: ProbeResult.Score) -> ReportPage.Figure {
    .init(
      name, percent(score.accuracy),
      note: "\(percent(score.interval.lowerBound)) to \(percent(score.interval.upperBound))")
  }

  private static func sentence(_ text: String) -> String {
    text.prefix(1).uppercased() + text.dropFirst() + "."
  }

  private static func percent(_ share: Double) -> String { String(format: "%.1f %%", 100 * share) }
}

extension Recommendation {
  /// What to do, in words.
  public var summary: String {
    switch kind {
    case .lastLayer: "a linear classifier on the last layer, \(layers[0])"
    case .earlierLayer: "a linear classifier on an earlier layer, \(layers[0])"
    case .ensemble:
      "linear classifiers on "
        + zip(layers, weights).map { "\($0) (weight \(String(format: "%.3g", $1)))" }.joined(separator: ", ")
    case .fineTuning:
      "training "
        + (unfreezeFrom.map { "from \($0) on" } ?? frozenThrough.map { "behind \($0)" } ?? "everything")
        + String(
          format: ", from a learning rate of %.3g, starting from the linear classifier", learningRate ?? 0)
    }
  }
}
