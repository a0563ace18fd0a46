import Graft

/// What a range test found, as `--json` prints it.
struct LearningRateSummary: Encodable {
  /// A step.
  struct Step: Encodable {
    let learningRate: Double
    let loss: Double?
    let smoothed: Double?
  }

  let suggestion: Double?
  let reason: RateRangeTest.Reason?
  let conclusion: String
  let command: String?
  let steepest: Double?
  let tenthOfBest: Double?
  let seconds: Double
  let steps: [Step]
  let skipped: [SkippedPicture]

  init(_ finding: LearningRateFinding, command: String?) {
    let test = finding.test
    suggestion = test.suggestion
    reason = test.advice?.reason
    conclusion = finding.conclusion
    self.command = command
    steepest = test.steepest
    tenthOfBest = test.tenthOfBest
    seconds = finding.seconds
    skipped = finding.skipped
    func finite(_ value: Double) -> Double? { value.isFinite ? value : nil }
    steps = test.losses.indices.map {
      Step(
        learningRate: test.rate(at: $0), loss: finite(test.losses[$0]), smoothed: finite(test.smoothed[$0]))
    }
  }

  /// About twenty of the steps, and the conclusion.
  var text: String {
    var table = TextTable([("rate", .right), ("loss", .right), ("smoothed", .right)])
    let interval = max((steps.count + 19) / 20, 1)
    for (number, step) in steps.enumerated() where number % interval == 0 || number == steps.count - 1 {
      func cell(_ value: Double?) -> String { value.map { Format.decimal($0, 4) } ?? "no number" }
      table.add([Format.strength(step.learningRate), cell(step.loss), cell(step.smoothed)])
    }
    return [table.text, conclusion, command].compactMap(\.self).joined(separator: "\n\n")
  }
}
