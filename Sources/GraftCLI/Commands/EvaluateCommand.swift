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

      With --report report.html the figures, charts and the pictures to look at are written as a page for the browser. \
      With --calibrate HELD-OUT -o calibrated.h5 a copy of the model is written whose probabilities mean what they say; \
      the pictures that it is fitted on must not be those that it is judged on.
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

  @OptionGroup(title: "Assessment") var assessment: AssessmentOptions

  @Flag(help: "Print the figures as JSON.")
  var json = false

  @OptionGroup(title: "General") var common: CommonOptions

  func validate() throws {
    guard assessment.calibrate == nil || model.models.count + (model.weights == nil ? 0 : 1) == 1 else {
      throw ValidationError("--calibrate takes one model; calibrate each by itself before averaging")
    }
  }

  func run() throws {
    common.apply()
    try assessment.checkDestinations()
    let (folder, name) = try part.judged(pictures, table: table.options)
    if let name { Report.note("pictures       the part \(name) of the table", common) }
    let ensemble = try model.load(opinions)
    for classifier in ensemble.models {
      Report.note(classifier.summary, common)
      Report.warn(classifier.warnings)
    }
    switch ensemble.task {
    case .classes:
      try assess(ensemble, on: folder)
    case .labels:
      try assessment.refuse()
      let thresholds = threshold.map { [Float](repeating: $0, count: ensemble.classes.count) }
      let evaluation = try reporting("evaluate") {
        try ensemble.evaluateLabels(folder, thresholds: thresholds, progress: $0)
      }
      try print(evaluation, MultiLabelReport(evaluation).text, skipped: evaluation.skipped)
    case .boxes:
      try assessment.refuse()
      let evaluation = try reporting("evaluate") { try ensemble.evaluateBoxes(folder, progress: $0) }
      try print(evaluation, BoxReport(evaluation).text, skipped: evaluation.skipped)
    }
  }

  /// Judges a model that tells classes apart.
  private func assess(_ ensemble: ClassifierEnsemble, on folder: ImageFolder) throws {
    let judged = try reporting("evaluate") { try ensemble.judge(folder, progress: $0) }
    var result = Assessment(judged, draws: assessment.bootstrap, seed: assessment.seed)
    if let path = assessment.compare {
      let other = try ClassifierEnsemble(
        [ImageClassifier(contentsOf: path)], crops: opinions.cropSet, sizes: opinions.sizes())
      try result.compare(with: reporting("compare") { try other.judge(folder, progress: $0) })
    }
    if let path = assessment.calibrate, let output = assessment.output {
      let calibrated = try reporting("calibrate") {
        try result.calibrate(ensemble, on: ImageFolder(path), judging: folder, progress: $0)
      }
      try calibrated.save(to: output)
    }
    if let path = assessment.training {
      result.trainingDuplicates = try reporting("compare with training") {
        try ensemble.models[0].nearDuplicates(of: folder, inTraining: path, progress: $0)
      }
    }
    if let report = assessment.report {
      try ReportPage(result, of: ensemble, pictures: pictures, models: model.names).write(
        to: report, generator: "Graft \(GraftVersion.current)")
    }
    for file in [assessment.output, assessment.report].compactMap(\.self) {
      Report.note("\(Format.printable(file)): saved", common)
    }
    try print(result, AssessmentReport(result).text, skipped: result.evaluation.skipped)
  }

  private func print(_ result: some Encodable, _ text: String, skipped: [SkippedPicture]) throws {
    if json { try Report.json(result) } else { try Report.result(text) }
    try Report.finish(skipped: skipped)
  }

  /// Runs a job with a line that shows how far it is.
  private func reporting<Result>(
    _ title: String, _ job: ((_ done: Int, _ total: Int) throws -> Void) throws -> Result
  ) throws -> Result {
    let progress = ProgressLine(title, unit: .things("pictures"), quiet: common.quiet)
    defer { progress.finish() }
    return try job { done, total in progress.update(done, of: total) }
  }
}
