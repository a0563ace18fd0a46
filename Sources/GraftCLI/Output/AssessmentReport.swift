import Graft

/// All figures about a model as people read them.
struct AssessmentReport {
  let assessment: Assessment
  private var evaluation: Evaluation { assessment.evaluation }

  init(_ assessment: Assessment) { self.assessment = assessment }

  /// The evaluation, then the other measures, then what was asked for beside them.
  var text: String {
    let first = EvaluationReport(evaluation).text
    guard evaluation.count > 0 else { return first }
    return ([first, measures, averages] + [comparison, calibration, suspicious, duplicates]).compactMap(
      \.self
    )
    .joined(separator: "\n\n")
  }

  private var measures: String {
    let intervals = assessment.intervals
    var table = TextTable([
      ("measure", .left), ("value", .right), (intervals == nil ? "" : "95 % interval", .left),
    ])
    func add(
      _ name: String, _ value: Double, _ interval: BootstrapIntervals.Interval?, _ format: (Double) -> String
    ) {
      table.add([
        name, value.isFinite ? format(value) : "-",
        interval.map { "\(format($0.lower)) to \(format($0.upper))" } ?? "",
      ])
    }
    func decimal(_ value: Double) -> String { Format.decimal(value, 4) }
    add("accuracy", evaluation.accuracy, intervals?.accuracy, Format.percent)
    add("balanced accuracy", evaluation.balancedAccuracy, intervals?.balancedAccuracy, Format.percent)
    add("macro F1", evaluation.macroF1, intervals?.macroF1, Format.percent)
    add("log loss", evaluation.logLoss, intervals?.logLoss, decimal)
    add("Brier score", evaluation.brier, intervals?.brier, decimal)
    add(
      "calibration error", evaluation.reliability.expectedError, intervals?.expectedCalibrationError,
      Format.percent)
    add("area under ROC", assessment.curves.macroROCArea, nil, decimal)
    add("average precision", assessment.curves.macroAveragePrecision, nil, decimal)
    return table.text
  }

  private var averages: String {
    var table = TextTable([("mean", .left), ("precision", .right), ("recall", .right), ("F1", .right)])
    for (name, average) in [("macro", evaluation.macro), ("weighted", evaluation.weighted)] {
      table.add([name] + [average.precision, average.recall, average.f1].map(Format.percent))
    }
    return table.text
  }

  private var comparison: String? {
    guard let comparison = assessment.comparison else { return nil }
    let test = comparison.test
    let interval = comparison.difference.map {
      " (95 % interval \(Format.percent($0.lower)) to \(Format.percent($0.upper)))"
    }
    let gain = comparison.otherAccuracy - comparison.accuracy
    return """
      compared   the other model gets \(Format.percent(comparison.otherAccuracy)) right, \
      \(Format.percent(abs(gain))) \(gain < 0 ? "fewer" : "more")\(interval ?? "")
      McNemar    \(test.onlyFirst) right by this one only, \(test.onlySecond) by the other only; \
      p = \(Format.strength(test.pValue)) (\(test.method.rawValue))
      """
  }

  private var calibration: String? {
    guard let effect = assessment.calibration else { return nil }
    var table = TextTable([("calibrated", .left), ("before", .right), ("after", .right)])
    let rows: [(String, Double, Double)] = [
      ("log loss", effect.before.logLoss, effect.after.logLoss),
      ("Brier score", effect.before.brier, effect.after.brier),
      ("calibration error", effect.before.expectedCalibrationError, effect.after.expectedCalibrationError),
    ]
    for (name, before, after) in rows {
      table.add([name, Format.decimal(before, 4), Format.decimal(after, 4)])
    }
    let scaling = effect.scaling
    var line =
      "temperature  \(Format.decimal(scaling.temperature, 3)), fitted on \(Format.plural(scaling.count, "held-out picture"))"
    if scaling.isAtLimit { line += "; they do not tell it: take more pictures, some of them hard" }
    return line + "\n" + table.text
  }

  private var suspicious: String? {
    let all = assessment.suspiciousLabels
    guard !all.isEmpty else { return nil }
    var table = TextTable([
      ("labels that may be wrong", .left), ("label", .left), ("said", .left), ("", .right),
    ])
    for mistake in all.prefix(10) {
      table.add([
        Format.printable(mistake.path ?? "row \(mistake.row)"), Format.printable(mistake.label),
        Format.printable(mistake.predicted), Format.percent(Double(mistake.probability)),
      ])
    }
    return table.text
      + (all.count > 10 ? "\n… and \(Format.count(all.count - 10)) more (--report, --json)" : "")
  }

  private var duplicates: String? {
    guard let found = assessment.trainingDuplicates else { return nil }
    guard !found.pairs.isEmpty else {
      return
        "none of \(Format.plural(found.count, "picture")) is like one of the \(Format.count(found.otherCount)) trained on"
    }
    var table = TextTable([("may be in the training set too", .left), ("there", .left), ("alike", .right)])
    for pair in found.pairs.prefix(10) {
      table.add([
        Format.printable(pair.path), Format.printable(pair.other),
        pair.isSameFile ? "same file" : Format.decimal(pair.similarity, 3),
      ])
    }
    let rest = found.pairs.count - 10
    return table.text + (rest > 0 ? "\n… and \(Format.count(rest)) more (--report, --json)" : "")
  }
}
