import ArgumentParser
import Graft

/// What can be looked into before training: augmentation, the learning rate, the weight decay.
extension FineTuneCommand {
  /// Does what was asked instead of training.
  func explore(
    _ start: FineTuningStart, _ pictures: DividedPictures, _ tuner: FineTuner, _ report: FineTuningReport
  ) throws {
    if let path = exploration.previewAugmentation {
      try preview(start, pictures, tuner, to: path)
    } else if let trials = exploration.search {
      try search(start, pictures, tuner, report, trials: trials)
    } else {
      try findLearningRate(start, pictures, tuner, report)
    }
  }

  private func preview(
    _ start: FineTuningStart, _ pictures: DividedPictures, _ tuner: FineTuner, to path: String
  ) throws {
    guard !tuner.trainer.augmentation.isEmpty else {
      throw ValidationError("--preview-augmentation has nothing to show: --augment is none")
    }
    try tuner.augmentationPreview(start.pretrained, on: pictures).writeJPEG(to: path)
    Report.note(
      "\(Format.printable(path)): the first column without augmentation, the others as the first epochs see them",
      common)
  }

  private func findLearningRate(
    _ start: FineTuningStart, _ pictures: DividedPictures, _ tuner: FineTuner, _ report: FineTuningReport
  ) throws {
    let range = exploration.findLrRange.bounds
    let test = RateRangeTest(
      lowest: range.lowerBound, highest: range.upperBound, steps: exploration.findLrSteps, smoothing: 0.8)
    let finding = try tuner.findLearningRate(start.pretrained, on: pictures, test: test) { report.show($0) }
    report.end()
    let summary = LearningRateSummary(
      finding, command: finding.test.suggestion.map { trainingCommand(rate: $0) })
    if let plot = exploration.plot {
      try finding.page.write(to: plot, generator: "graft \(GraftVersion.current)")
      Report.note("\(Format.printable(plot)): drawn", common)
    }
    if json { try Report.json(summary) } else { try Report.result(summary.text) }
    try Report.finish(skipped: finding.skipped)
  }

  private func search(
    _ start: FineTuningStart, _ pictures: DividedPictures, _ tuner: FineTuner, _ report: FineTuningReport,
    trials: Int
  ) throws {
    let search = try CoarseToFineSearch(
      count: trials,
      learningRates: exploration.searchRates?.bounds ?? tuner.trainer.optimizer.usualRates,
      weightDecays: exploration.searchDecays.bounds, seed: training.seed)
    Interruption.advise("what was computed of the frozen part is kept; the trials begin anew")
    // The plan is told of as the trials have it.
    let names = MeasureNames(pictures.task)
    let progress = SearchReport(search, report, names, common)
    let result = try tuner.search(search, start.pretrained, on: pictures) { progress.show($0) }
    let command = result.best.map { trainingCommand(rate: $0.learningRate, decay: $0.weightDecay) }
    let summary = SearchSummary(result, search, names, command: command)
    if json { try Report.json(summary) } else { try Report.result(summary.text) }
    try Report.finish(skipped: result.skipped)
  }

  /// The command that trains as this one explored, with a learning rate and a weight decay.
  private func trainingCommand(rate: Double, decay: Double? = nil) -> String {
    var options: Set<String> = [
      "--find-lr-range", "--find-lr-steps", "--plot", "--search", "--search-epochs", "--search-rates",
      "--search-decays", "--learning-rate",
    ]
    if decay != nil { options.insert("--weight-decay") }
    let command = CommandText(Array(CommandLine.arguments.dropFirst())).without(
      options: options, flags: ["--find-lr", "--json"])
    var added = command.has(["-o", "--output"]) ? [] : ["-o", "model.h5"]
    added += ["--learning-rate", Format.strength(rate)]
    if let decay { added += ["--weight-decay", Format.strength(decay)] }
    return command.adding(added).description
  }
}
