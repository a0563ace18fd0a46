import Graft

/// What `graft fit` found, as it is printed.
struct FitReport: Encodable {
  let model: String
  let classifier: LinearClassifier
  let training: Evaluation
  let heldOut: Evaluation?

  private struct Figures: Encodable {
    let images: Int
    let top1: Double
    let logLoss: Double

    init(_ evaluation: Evaluation) {
      images = evaluation.count
      top1 = evaluation.accuracy
      logLoss = evaluation.logLoss
    }
  }

  private enum CodingKeys: CodingKey {
    case model
    case classes
    case fit
    case training
    case test
  }

  func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(model, forKey: .model)
    try values.encode(classifier.labels, forKey: .classes)
    try values.encode(classifier.training, forKey: .fit)
    try values.encode(Figures(training), forKey: .training)
    try values.encode(heldOut, forKey: .test)
  }

  /// Writes the report for people: the choice of the strength as a remark, figures as the result.
  func print(_ common: CommonOptions) throws {
    guard let facts = classifier.training else { return }
    if let path = facts.path {
      var table = TextTable([("l2", .right), ("cross-validated accuracy", .right), ("log loss", .right)])
      for (index, point) in path.points.enumerated() {
        table.add([
          Format.strength(point.l2), Format.percent(point.accuracy),
          Format.decimal(point.logLoss, 4) + (index == path.chosen ? "  chosen" : "        "),
        ])
      }
      Report.note(table.text, common)
    }
    if facts.outcome == .iterationLimit {
      Report.error(
        "warning: the solver had not converged after \(facts.iterations) steps; a larger --l2 helps")
    }
    try Report.result(
      "l2 \(Format.strength(facts.l2)), \(Format.plural(facts.iterations, "step"))\n"
        + "training accuracy  \(Format.percent(training.accuracy))  "
        + "(\(Format.count(training.correct)) of \(Format.plural(training.count, "picture")))")
    if let heldOut { try Report.result("\nOn the held-out pictures:\n" + EvaluationReport(heldOut).text) }
  }
}
