import Graft

/// What a search says while it goes on.
final class SearchReport {
  private let search: CoarseToFineSearch
  private let report: FineTuningReport
  private let common: CommonOptions
  private let names: MeasureNames
  private var progress: ProgressLine?

  init(
    _ search: CoarseToFineSearch, _ report: FineTuningReport, _ names: MeasureNames, _ common: CommonOptions
  ) {
    self.names = names
    self.search = search
    self.report = report
    self.common = common
  }

  /// Shows what happens.
  func show(_ event: FineTuningSearchEvent) {
    switch event {
    case .preparing(let event):
      report.show(event)
      if case .planned(let plan) = event {
        Report.note(
          "search         \(Format.plural(search.count, "trial")) on \(Format.count(plan.trainingCount)) of the pictures "
            + "to train on, judged by the other \(Format.count(plan.validationCount))", common)
      }
    case .training(let trial, let done, let total):
      // One line for all trials, so that the time left is that of the whole search.
      if progress == nil { progress = ProgressLine("trials", unit: .things("steps"), quiet: common.quiet) }
      progress?.update((trial - 1) * total + done, of: search.count * total)
    case .finished(let number, let trial):
      progress?.finish()
      let score =
        trial.score.map { "loss \(Format.decimal($0.loss, 4))  \(names.all(of: $0))" }
        ?? "the loss became no number"
      Report.note(
        "trial \(number) of \(search.count)  rate \(Format.strength(trial.learningRate))  "
          + "weight decay \(Format.strength(trial.weightDecay))  \(score)", common)
    }
  }
}

/// What a search came to, as `--json` prints it.
struct SearchSummary: Encodable {
  /// A trial.
  struct Row: Encodable {
    let round: Int
    let learningRate: Double
    let weightDecay: Double
    let loss: Double?
    let accuracy: Double?

    init(_ trial: CoarseToFineSearch.Trial) {
      round = trial.round
      learningRate = trial.learningRate
      weightDecay = trial.weightDecay
      loss = trial.score?.loss
      accuracy = trial.score?.accuracy
    }
  }

  let best: Row?
  let command: String?
  let remarks: [String]
  let startLoss: Double?
  let startAccuracy: Double?
  let trainingPictures: Int
  let heldOutPictures: Int
  let extractSeconds: Double
  let searchSeconds: Double
  let trials: [Row]
  let skipped: [SkippedPicture]

  /// What the table calls the accuracy.
  private let measure: String

  private enum CodingKeys: CodingKey {
    case best, command, remarks, startLoss, startAccuracy, trainingPictures, heldOutPictures, extractSeconds
    case searchSeconds, trials, skipped
  }

  init(
    _ result: FineTuningSearchResult, _ search: CoarseToFineSearch, _ names: MeasureNames, command: String?
  ) {
    measure = names.judged
    best = result.best.map(Row.init)
    self.command = command
    remarks = Self.remarks(result, search)
    startLoss = result.start?.loss
    startAccuracy = result.start?.accuracy
    trainingPictures = result.plan.trainingCount
    heldOutPictures = result.plan.validationCount
    extractSeconds = result.plan.extractSeconds
    searchSeconds = result.seconds
    trials = result.trials.map(Row.init)
    skipped = result.skipped
  }

  private static func remarks(_ result: FineTuningSearchResult, _ search: CoarseToFineSearch) -> [String] {
    guard let best = result.best, let score = best.score else {
      return ["no trial ended with a number: search lower learning rates"]
    }
    var remarks: [String] = []
    if let start = result.start, start.loss <= score.loss {
      remarks.append(
        "no trial does better than the starting point, whose loss is \(Format.decimal(start.loss, 4)): longer runs may, or "
          + "there is nothing to gain")
    }
    if search.isNearEdge(best) {
      remarks.append("the best rate lies at the edge of the range that was searched: search beyond it")
    }
    return remarks
  }

  /// The trials as a table, the best one marked, and the command that trains with it.
  var text: String {
    var table = TextTable([
      ("", .left), ("round", .right), ("rate", .right), ("weight decay", .right), ("loss", .right),
      (measure, .right),
    ])
    func cells(_ loss: Double?, _ accuracy: Double?) -> [String] {
      [loss.map { Format.decimal($0, 4) } ?? "no number", accuracy.map(Format.percent) ?? ""]
    }
    if startLoss != nil { table.add(["start", "", "", ""] + cells(startLoss, startAccuracy)) }
    for trial in trials {
      let isBest = trial.learningRate == best?.learningRate && trial.weightDecay == best?.weightDecay
      table.add(
        [
          isBest ? "best" : "", "\(trial.round)", Format.strength(trial.learningRate),
          Format.strength(trial.weightDecay),
        ] + cells(trial.loss, trial.accuracy))
    }
    return ([table.text] + remarks + [command].compactMap(\.self)).joined(separator: "\n\n")
  }
}
