import ArgumentParser
import Graft

/// `graft evaluate`: how good a model is.
struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Judge a model on pictures whose classes are known.",
    discussion: """
      The pictures are a folder with one sub-folder per class, named as the model's classes (for ImageNet weights: by \
      name or by synset number). Pictures that cannot be read are skipped and named; the exit code is then 2.
      """)

  @Argument(help: "A folder with one sub-folder per class.", completion: .directory)
  var pictures: String

  @OptionGroup(title: "Model") var model: ModelOptions

  @OptionGroup(title: "Averaging") var opinions: OpinionOptions

  @Flag(help: "Print the figures as JSON.")
  var json = false

  @OptionGroup(title: "General") var common: CommonOptions

  func run() throws {
    common.apply()
    let folder = try ImageFolder(pictures)
    let ensemble = try model.load(opinions)
    for classifier in ensemble.models {
      Report.note(classifier.summary, common)
      Report.warn(classifier.warnings)
    }
    let progress = ProgressLine("evaluate", unit: .things("pictures"), quiet: common.quiet)
    let evaluation = try ensemble.evaluate(folder) { done, total in progress.update(done, of: total) }
    progress.finish()
    if json { try Report.json(evaluation) } else { try Report.result(EvaluationReport(evaluation).text) }
    try Report.finish(skipped: evaluation.skipped)
  }
}
