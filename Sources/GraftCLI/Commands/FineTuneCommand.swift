import ArgumentParser
import Graft

/// `graft finetune`: pictures to a model whose network was trained further.
struct FineTuneCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "finetune",
    abstract: "Train a pretrained network further on your pictures.",
    discussion: """
      The pictures are a folder with train and val in it, a folder with one sub-folder per class, of which a part is \
      held out, or a table (.csv) with the columns path, label and perhaps split. The network gets a new head that \
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
  var output: String

  @Option(
    parsing: .unconditional,
    help: "The share of each class that is held out where the pictures are not divided.")
  var validation = 0.2

  @OptionGroup(title: "Network") var network: NetworkOptions
  @OptionGroup(title: "What trains") var freezing: FreezingOptions
  @OptionGroup(title: "Head") var head: HeadOptions
  @OptionGroup(title: "Training") var training: TrainingOptions
  @OptionGroup(title: "Frozen part") var caching: CachingOptions

  @Flag(help: "Go on where the same command was interrupted.")
  var resume = false

  @Option(help: "The folder for the states of the run (default: OUTPUT.run).", completion: .directory)
  var checkpoints: String?

  @Option(help: "Also write the history as comma-separated values.", completion: .file())
  var historyCsv: String?

  @Flag(help: "Print how it went as JSON.")
  var json = false

  @OptionGroup(title: "General") var common: CommonOptions

  func validate() throws {
    guard validation >= 0, validation < 1 else {
      throw ValidationError("--validation must be from 0 to below 1, not \(validation)")
    }
  }

  func run() throws {
    common.apply()
    try ImageClassifier.checkDestination(output)
    let pictures = try DividedPictures(data, holdingOut: validation, seed: training.seed)
    let start = try FineTuningStart(
      WeightSource(parsing: network.weights), architecture: network.model.map { try Architecture.named($0) },
      inputSize: network.size,
      preprocessing: PreprocessingChoice(
        mode: network.preprocessing, resize: network.resize, decoding: network.decode),
      labels: pictures.labels)
    let graph = start.pretrained.network.graph
    let tuner = FineTuner(
      try training.trainer(try freezing.selection(in: graph), statistics: freezing.statistics),
      head: try head.design(keepsHead: start.keepsHead), caching: caching.caching)
    let report = FineTuningReport(output: output, pictures: pictures, tuner: tuner, common: common)
    report.introduce(start)
    let folder = CheckpointChoice(output: output, folder: checkpoints)
    folder.note(resumes: resume, common)
    let stop = Interruption.deferring("resume with the same command and --resume")
    do {
      let result = try tuner.fit(
        start.pretrained, on: pictures, checkpointsIn: folder.path, resumes: resume,
        salvage: { report.salvage($0) },
        report: { event in
          report.show(event)
          try stop.check()
        })
      report.end()
      try result.model.save(to: output)
      folder.finish()
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
