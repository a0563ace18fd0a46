import Graft

/// An evaluation as people read it.
struct EvaluationReport {
  let evaluation: Evaluation
  /// Classes shown in full; of more, only those with pictures, the worst first.
  private static let fullClasses = 20

  init(_ evaluation: Evaluation) { self.evaluation = evaluation }

  /// Figures, classes, confusions and the worst mistakes.
  var text: String {
    guard evaluation.count > 0 else { return "no picture could be judged" }
    return [summary, classes, confusion, mistakes].compactMap(\.self).joined(separator: "\n\n")
  }

  /// One or two lines: how many were right.
  var summary: String {
    let right = "\(Format.count(evaluation.correct)) of \(Format.plural(evaluation.count, "picture"))"
    var line = "accuracy  \(Format.percent(evaluation.accuracy))  (\(right))"
    if evaluation.classes.count > evaluation.topCount {
      line += "\ntop-\(evaluation.topCount)     \(Format.percent(evaluation.topAccuracy))"
    }
    return line
  }

  private var classes: String {
    let present = evaluation.perClass.filter { $0.support > 0 }
    var shown = evaluation.classes.count <= Self.fullClasses ? evaluation.perClass : present
    var title = ""
    if shown.count > Self.fullClasses {
      title = "The \(Self.fullClasses) classes recognised worst, of \(present.count):\n"
      shown = Array(shown.sorted { ($0.f1, $0.label) < ($1.f1, $1.label) }.prefix(Self.fullClasses))
    }
    var table = TextTable([
      ("class", .left), ("pictures", .right), ("precision", .right), ("recall", .right), ("F1", .right),
    ])
    for score in shown {
      table.add([
        Format.printable(score.label), Format.count(score.support), Format.percent(score.precision),
        // Of a class without pictures there is nothing to recall.
        score.support > 0 ? Format.percent(score.recall) : "-",
        score.support > 0 ? Format.percent(score.f1) : "-",
      ])
    }
    return title + table.text
  }

  private var confusion: String? {
    guard evaluation.correct < evaluation.count else { return nil }
    let names = evaluation.classes.names.map(Format.printable)
    guard names.count <= 12 else { return confusedPairs }
    var table = TextTable([("shown \\ said", .left)] + names.map { ($0, .right) })
    for (row, counts) in evaluation.confusion.enumerated() where counts.contains(where: { $0 > 0 }) {
      table.add([names[row]] + counts.map { $0 == 0 ? "." : Format.count($0) })
    }
    return table.text
  }

  private var confusedPairs: String {
    let names = evaluation.classes.names.map(Format.printable)
    var pairs: [(count: Int, shown: String, said: String)] = []
    for (row, counts) in evaluation.confusion.enumerated() {
      for (column, count) in counts.enumerated() where count > 0 && row != column {
        pairs.append((count, names[row], names[column]))
      }
    }
    pairs.sort { ($1.count, $0.shown, $0.said) < ($0.count, $1.shown, $1.said) }
    var table = TextTable([("confused most", .right), ("shown", .left), ("said", .left)])
    for pair in pairs.prefix(10) { table.add([Format.count(pair.count), pair.shown, pair.said]) }
    return table.text
  }

  private var mistakes: String? {
    let worst = evaluation.worstMistakes.prefix(10)
    guard !worst.isEmpty else { return nil }
    var table = TextTable([
      ("worst mistakes", .left), ("shown", .left), ("", .right), ("said", .left), ("", .right),
    ])
    for mistake in worst {
      table.add([
        Format.printable(mistake.path ?? "row \(mistake.row)"), Format.printable(mistake.label),
        Format.percent(Double(mistake.labelProbability)), Format.printable(mistake.predicted),
        Format.percent(Double(mistake.probability)),
      ])
    }
    return table.text
  }
}
