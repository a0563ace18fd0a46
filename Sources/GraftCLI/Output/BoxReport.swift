import Graft

/// How well boxes were found, as people read it.
struct BoxReport {
  let evaluation: BoxEvaluation

  init(_ evaluation: BoxEvaluation) { self.evaluation = evaluation }

  /// Figures, then the worst pictures.
  var text: String {
    guard evaluation.count > 0 else { return "no picture could be judged" }
    let errors = zip(Box.coordinateNames, evaluation.meanErrors)
      .map { "\($0) \(Format.percent($1))" }.joined(separator: ", ")
    var table = TextTable([("worst boxes", .left), ("IoU", .right)])
    for row in evaluation.worst.prefix(10) {
      table.add([Format.printable(row.path), Format.percent(row.intersectionOverUnion)])
    }
    return """
      mean IoU       \(Format.percent(evaluation.meanIoU))  (of \(Format.plural(evaluation.count, "picture")))
      IoU > 0.5      \(Format.percent(evaluation.shareAboveHalf))
      IoU > 0.75     \(Format.percent(evaluation.shareAboveThreeQuarters))
      off on average \(errors)

      \(table.text)
      """
  }
}
