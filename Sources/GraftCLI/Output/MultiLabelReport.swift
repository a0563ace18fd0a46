import Graft

/// How well labels were told, as people read it.
struct MultiLabelReport {
  let evaluation: MultiLabelEvaluation

  init(_ evaluation: MultiLabelEvaluation) { self.evaluation = evaluation }

  /// Figures, then a line a label.
  var text: String {
    guard evaluation.count > 0 else { return "no picture could be judged" }
    var table = TextTable([
      ("label", .left), ("pictures", .right), ("precision", .right), ("recall", .right), ("F1", .right),
      ("average precision", .right),
    ])
    for score in evaluation.perLabel {
      table.add([
        Format.printable(score.label), Format.count(score.support), Format.percent(score.precision),
        // Of a label without pictures there is nothing to recall.
        score.support > 0 ? Format.percent(score.recall) : "-",
        score.support > 0 ? Format.percent(score.f1) : "-",
        score.averagePrecision.map(Format.percent) ?? "-",
      ])
    }
    return """
      mean average precision  \(Format.percent(evaluation.meanAveragePrecision))
      micro F1                \(Format.percent(evaluation.microF1))
      macro F1                \(Format.percent(evaluation.macroF1))
      all labels right        \(Format.percent(evaluation.exactMatch))  (of \(Format.plural(evaluation.count, "picture")))

      \(table.text)
      """
  }
}
