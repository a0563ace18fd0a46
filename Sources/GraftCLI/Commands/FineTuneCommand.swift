import ArgumentParser
import Graft

/// `graft finetune`: pictures to a model whose network was trained further.
struct FineTuneCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "finetune",
    abstract: "Train a pretrained network further on your pictures.",
    discussion: """
      The pictures are a folder with train and val in it, a folder with one sub-folder per class, of which a part is \
      held out, or a table (.csv) with the columns path, label and perhaps split; a table may also give several labels \
      a picture, or the box of its one object. The network gets a new head that \
      starts from a linear classifier on its features; that starting point is epoch 0, and the epoch that does best \
      on the held-out pictures is saved. What is frozen is computed once. A run that was stopped goes on with \
      --resume, and ends with the same bytes. Pictures that cannot be read are skipped and named; the exit code \
      is then 2.
      """)

  @Argument(
    help: "A folder with train and val, a folder with one sub-folder per class, or a table.",
    completion: .file())
  var data: String

  @Option(name: [.short, .long], help: "The model to write (HDF5).", completion: .file())
  var output: String?

  @Option(
    parsing: .unconditional,
    help: "The share of each class that is held out where the pictures are not divided.")
  var validation = 0.2

  @OptionGroup(title: "Table") var table: TableReadingOptions
  @OptionGroup(title: "Network") var network: NetworkOptions
  @OptionGroup(title: "What trains") var freezing: FreezingOptions
  @OptionGroup(title: "Head") var head: HeadOptions
  @OptionGroup(title: "Training") var training: TrainingOptions
  @OptionGroup(title: "Regularization") var regularization: RegularizationOptions
  @OptionGroup(title: "Frozen part") var caching: CachingOptions

  @OptionGroup(title: "Before training") var exploration: ExplorationOptions

  @Flag(help: "Go on where the same command was interrupted.")
  var resume = false

  @Option(help: "The folder for the states of the run (default: OUTPUT.run).", completion: .directory)
  var checkpoints: String?

  @Option(help: "Also write the history as comma-separated values.", completion: .file())
  var historyCsv: String?

  @Flag(
    help: """
      With --schedule restarts: also write the model at the end of each cosine (OUTPUT-1.h5 …); give them all to \
      predict --model for the mean of their opinions.
      """)
  var snapshots = false

  @Option(
    name: .customLong("report"), help: "Also write a page with the curves of the run (.html).",
    completion: .file(extensions: ["html"]))
  var reportPath: String?

  @Flag(help: "Print how it went as JSON.")
  var json = false

  @OptionGroup(title: "General") var common: CommonOptions

  func validate() throws {
    guard validation >= 0, validation < 1 else {
      throw ValidationError("--validation must be from 0 to below 1, not \(validation)")
    }
    guard output != nil || exploration.isGiven else {
      throw ValidationError("Missing expected argument '--output <output>'")
    }
    try training.refuseSteps(regularization)
    guard training.clip == nil || regularization.clipValue == nil else {
      throw ValidationError("give --clip or --clip-value, not both")
    }
    let ofTraining = [
      ("snapshots", snapshots), ("report", reportPath != nil), ("resume", resume),
      ("checkpoints", checkpoints != nil), ("history-csv", historyCsv != nil),
      ("optimizer lbfgs", training.fitsHead),
    ]
    if exploration.isGiven, let (name, _) = ofTraining.first(where: { $0.1 }) {
      throw ValidationError("--\(name) goes with training, not with what is looked into before")
    }
    if snapshots, try training.learningRateSchedule(peak: 1).snapshots(epochs: training.epochs).count < 2 {
      throw ValidationError(
        "--snapshots needs --schedule restarts and two cosines at least within the epochs, such as restarts=4 of 12"
      )
    }
  }

  func run() throws {
    common.apply()
    if let output { try ImageClassifier.checkDestination(output) }
    for page in [reportPath, exploration.plot].compactMap(\.self) { try ReportPage.checkDestination(page) }
    if let historyCsv { try Destination.check(historyCsv, example: "history.csv") }
    let pictures = try DividedPictures(
      data, holdingOut: validation, seed: training.seed, table: table.options)
    let start = try FineTuningStart(
      WeightSource(parsing: network.weights), architecture: network.model.map { try Architecture.named($0) },
      inputSize: network.size,
      preprocessing: PreprocessingChoice(
        mode: network.preprocessing, resize: network.resize, decoding: network.decode),
      labels: pictures.labels, task: pictures.task)
    let tuner = try tuner(start, for: pictures)
    let report = FineTuningReport(output: output ?? "", pictures: pictures, tuner: tuner, common: common)
    report.introduce(start)
    if let output, !exploration.isGiven {
      try train(start, pictures, tuner, report, output: output)
    } else {
      try explore(start, pictures, tuner, report)
    }
  }

  /// The options as the library has them.
  private func tuner(_ start: FineTuningStart, for pictures: DividedPictures) throws -> FineTuner {
    var training = training
    if exploration.search != nil { training.epochs = exploration.searchEpochs }
    let graph = start.pretrained.network.graph
    let head = try head.design(
      keepsHead: start.keepsHead, task: pictures.task, isTrained: !training.fitsHead)
    var trainer = try training.trainer(
      try freezing.selection(in: graph), statistics: freezing.statistics, task: pictures.task,
      pictures: pictures.training.items.count)
    regularization.apply(to: &trainer)
    if training.fitsHead { try training.fitHeadOnly(&trainer, head, freezing) }
    var tuner = FineTuner(trainer, head: head, caching: caching.caching)
    tuner.classWeights = try regularization.weighting(of: pictures)
    return exploration.search != nil ? tuner.searching : tuner
  }

  private func train(
    _ start: FineTuningStart, _ pictures: DividedPictures, _ tuner: FineTuner, _ report: FineTuningReport,
    output: String
  ) throws {
    let folder = CheckpointChoice(output: output, folder: checkpoints)
    folder.note(resumes: resume, common)
    let stop = Interruption.deferring("resume with the same command and --resume")
    do {
      let result = try tuner.fit(
        start.pretrained, on: pictures, checkpointsIn: folder.path, resumes: resume,
        snapshot: snapshots ? { try report.save($0) } : nil,
        salvage: { report.salvage($0) },
        report: { event in
          report.show(event)
          try stop.check()
        })
      report.end()
      try result.model.save(to: output)
      folder.finish()
      if let reportPath {
        try report.page(of: result, data).write(to: reportPath, generator: "graft \(GraftVersion.current)")
      }
      if let historyCsv { try report.history(of: result).write(to: historyCsv) }
      if json { try Report.json(report.summary(of: result)) } else { try report.print(result) }
      Report.note("\n\(Format.printable(output)): saved", common)
      try Report.finish(skipped: result.skipped)
    } catch is Interruption.Stop {
      report.end()
      stop.end()
    }
  }
}
