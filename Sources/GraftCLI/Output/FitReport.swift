import Graft

/// What `graft fit` found, as it is printed.
struct FitReport: Encodable {
  /// A layer of a blend.
  private struct Part: Encodable {
    let layer: String
    let weight: Double
    let fit: LinearClassifier.Training?
  }

  let model: String
  let classifier: LinearClassifier
  /// The layers of the classifier's members; none where one classifier was fitted.
  let blended: [String]
  let training: Evaluation
  let heldOut: Evaluation?
  /// What standardizing, choosing a strength and fitting took.
  let seconds: Double

  private var blend: [Part] {
    zip(blended, classifier.members).map { Part(layer: $0, weight: $1.weight, fit: $1.training) }
  }

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
    case blend
    case seconds
    case training
    case test
  }

  func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(model, forKey: .model)
    try values.encode(classifier.labels, forKey: .classes)
    try values.encode(classifier.training, forKey: .fit)
    if !blend.isEmpty { try values.encode(blend, forKey: .blend) }
    try values.encode(seconds, forKey: .seconds)
    try values.encode(Figures(training), forKey: .training)
    try values.encode(heldOut, forKey: .test)
  }

  /// Writes the report for people: the choice of the strength as a remark, figures as the result.
  func print(_ common: CommonOptions) throws {
    var lines: [String] = []
    if let facts = classifier.training { lines.append(Self.fit(facts, of: nil, common)) }
    for part in blend {
      let how = part.fit.map { Self.fit($0, of: part.layer, common) } ?? ""
      lines.append("\(Format.strength(part.weight)) \(Format.printable(part.layer)): \(how)")
    }
    lines.append(
      "training accuracy  \(Format.percent(training.accuracy))  "
        + "(\(Format.count(training.correct)) of \(Format.plural(training.count, "picture")))")
    try Report.result(lines.joined(separator: "\n"))
    if let heldOut { try Report.result("\nOn the held-out pictures:\n" + EvaluationReport(heldOut).text) }
  }

  /// What was minimised and how long it took; tells of the choice of the strength, and of what did not converge.
  private static func fit(
    _ facts: LinearClassifier.Training, of layer: String?, _ common: CommonOptions
  ) -> String {
    let name = layer.map { Format.printable($0) + ": " } ?? ""
    if let path = facts.path {
      if let layer { Report.note("\(Format.printable(layer)):", common) }
      Report.note(table(path).text, common)
    }
    if facts.outcome == .iterationLimit {
      Report.error(
        "warning: \(name)the solver had not converged after \(facts.iterations) steps; a larger --l2 helps, or "
          + "--max-steps")
    }
    return "\(penalty(facts)), \(Format.plural(facts.iterations, "step"))"
  }

  /// What was minimised: "l2 0.001", "svm, l1 0.01, l2 0".
  private static func penalty(_ facts: LinearClassifier.Training) -> String {
    let method = facts.method ?? .logistic
    var parts = method == .logistic ? [] : [method.rawValue]
    if let l1 = facts.l1 { parts.append("l1 \(Format.strength(l1))") }
    if method != .centroid { parts.append("l2 \(Format.strength(facts.l2))") }
    if case .balanced? = facts.classWeights { parts.append("balanced classes") }
    return parts.joined(separator: ", ")
  }

  private static func table(_ path: RegularizationPath) -> TextTable {
    let hasL1 = path.points.contains { $0.l1 != nil }
    var table = TextTable(
      (hasL1 ? [("l1", .right)] : [])
        + [("l2", .right), ("cross-validated accuracy", .right), ("log loss", .right)])
    for (index, point) in path.points.enumerated() {
      table.add(
        (hasL1 ? [Format.strength(point.l1 ?? 0)] : []) + [
          Format.strength(point.l2), Format.percent(point.accuracy),
          Format.decimal(point.logLoss, 4) + (index == path.chosen ? "  chosen" : "        "),
        ])
    }
    return table
  }
}

/// What nearest neighbors found, as it is printed.
struct NeighborReport: Encodable {
  let classifier: NeighborClassifier
  let heldOut: Evaluation

  private enum CodingKeys: CodingKey {
    case classes
    case neighbors
    case metric
    case path
    case test
  }

  func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(classifier.labels, forKey: .classes)
    try values.encode(classifier.neighbors, forKey: .neighbors)
    try values.encode(classifier.metric, forKey: .metric)
    try values.encode(classifier.path, forKey: .path)
    try values.encode(heldOut, forKey: .test)
  }

  func print(_ common: CommonOptions) throws {
    if let path = classifier.path {
      var table = TextTable([("neighbors", .right), ("cross-validated accuracy", .right)])
      for point in path.points {
        table.add([
          "\(point.neighbors)",
          Format.percent(point.accuracy) + (point.neighbors == path.neighbors ? "  chosen" : "        "),
        ])
      }
      Report.note(table.text, common)
    }
    try Report.result(
      "\(Format.plural(classifier.neighbors, "neighbor")), \(classifier.metric.rawValue) distance\n\n"
        + "On the held-out pictures:\n" + EvaluationReport(heldOut).text)
  }
}
