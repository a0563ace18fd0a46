import ArgumentParser
import Graft

/// `graft evaluate`: how good a model is.
struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Judge a model on pictures whose classes are known.",
    discussion: """
      The pictures are a folder with one sub-folder per class, named as the model's classes (for ImageNet weights: by \
      name or by synset number), or a table (.csv) of paths with classes, labels or boxes, as graft finetune reads \
      it; of a table with the column split, the part test, or else val. Pictures that cannot be read are skipped \
      and named; the exit code is then 2.
      """)

  @Argument(help: "A folder with one sub-folder per class, or a table.", completion: .file())
  var pictures: String

  @OptionGroup(title: "Part") var part: PartOptions
  @OptionGroup(title: "Model") var model: ModelOptions

  @OptionGroup(title: "Averaging") var opinions: OpinionOptions

  @OptionGroup(title: "Table") var table: TableReadingOptions

  @Option(
    parsing: .unconditional,
    help:
      "With a model for several labels: from which probability on a label is given (default: the model's own, 0.5)."
  )
  var threshold: Float?

  @Flag(help: "Print the figures as JSON.")
  var json = false

  @OptionGroup(title: "General") var common: CommonOptions

  func run() throws {
    common.apply()
    let (folder, name) = try part.judged(pictures, table: table.options)
    if let name { Report.note("pictures       the part \(name) of the table", common) }
    let ensemble = try model.load(opinions)
    for classifier in ensemble.models {
      Report.note(classifier.summary, common)
      Report.warn(classifier.warnings)
    }
    let progress = ProgressLine("evaluate", unit: .things("pictures"), quiet: common.quiet)
    switch ensemble.task {
    case .classes:
      let evaluation = try ensemble.evaluate(folder) { progress.update($0, of: $1) }
      progress.finish()
      try print(evaluation, EvaluationReport(evaluation).text, skipped: evaluation.skipped)
    case .labels:
      let thresholds = threshold.map { [Float](repeating: $0, count: ensemble.classes.count) }
      let evaluation = try ensemble.evaluateLabels(folder, thresholds: thresholds) {
        progress.update($0, of: $1)
      }
      progress.finish()
      try print(evaluation, MultiLabelReport(evaluation).text, skipped: evaluation.skipped)
    case .boxes:
      let evaluation = try ensemble.evaluateBoxes(folder) { progress.update($0, of: $1) }
      progress.finish()
      try print(evaluation, BoxReport(evaluation).text, skipped: evaluation.skipped)
    }
  }

  private func print(_ evaluation: some Encodable, _ text: String, skipped: [SkippedPicture]) throws {
    if json { try Report.json(evaluation) } else { try Report.result(text) }
    try Report.finish(skipped: skipped)
  }
}
