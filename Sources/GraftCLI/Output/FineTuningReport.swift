import Foundation
import Graft
import Synchronization

/// What `graft finetune` says while it goes on, and at the end.
final class FineTuningReport {
  private let output: String
  private let pictures: DividedPictures
  private let tuner: FineTuner
  private let common: CommonOptions
  private let start = ContinuousClock.now
  private var progress: ProgressLine?
  private var seconds: [Int: Double] = [:]
  private var epochStart = ContinuousClock.now
  private var best: TrainingHistory.Epoch?

  init(output: String, pictures: DividedPictures, tuner: FineTuner, common: CommonOptions) {
    self.output = output
    self.pictures = pictures
    self.tuner = tuner
    self.common = common
  }

  /// Says what will be worked on.
  func introduce(_ start: FineTuningStart) {
    Report.note(start.pretrained.summary, common)
    if let classes = pictures.training.classSummary { Report.note("classes        \(classes)", common) }
    Report.note(
      "pictures       \(Format.count(pictures.training.items.count)) to train on, "
        + "\(Format.count(pictures.validation?.items.count ?? 0)) to judge by (\(pictures.division))", common)
    Report.warn(pictures.warnings + pictures.training.warnings + start.warnings + start.pretrained.warnings)
  }

  /// Shows what happens.
  func show(_ event: FineTuningEvent) {
    switch event {
    case .preparing(let done, let total):
      update("prepare", "pictures", done, total)
    case .fittingHead(let done, let total):
      update("linear classifier", "fits", done, total)
    case .planned(let plan):
      end()
      for line in FineTuningPlanText(plan, tuner).lines { Report.note(line, common) }
      epochStart = .now
    case .training(.stepFinished(let step, let total, let loss)):
      update("train  loss \(Format.decimal(loss, 3))", "steps", step, total)
    case .training(.epochFinished(let epoch)):
      finish(epoch)
    }
  }

  private var title = ""

  private func update(_ name: String, _ unit: String, _ done: Int, _ total: Int) {
    let kind = String(name.prefix(5))
    if kind != title {
      end()
      progress = ProgressLine(name, unit: .things(unit), quiet: common.quiet)
      title = kind
    }
    progress?.update(done, of: total)
  }

  /// Ends the line of progress.
  func end() {
    progress?.finish()
    progress = nil
    title = ""
  }

  private func finish(_ epoch: TrainingHistory.Epoch) {
    end()
    let now = ContinuousClock.now
    seconds[epoch.number] = (now - epochStart) / .seconds(1)
    epochStart = now
    var line = "epoch \(epoch.number) of \(tuner.trainer.epochs)"
    if let training = epoch.training {
      line += "  loss \(Format.decimal(training.loss, 4))  accuracy \(Format.percent(training.accuracy))"
    } else {
      line += "  starting point"
    }
    if let validation = epoch.validation {
      line +=
        "  held out: loss \(Format.decimal(validation.loss, 4))  accuracy \(Format.percent(validation.accuracy))"
    }
    if let rate = epoch.learningRate { line += "  rate \(Format.strength(rate))" }
    if epoch.number > 0 {
      let took = seconds[epoch.number] ?? 0
      line += "  \(Format.duration(took))"
      let left = Double(tuner.trainer.epochs - epoch.number) * took
      if left > 0 { line += ", \(Format.duration(left)) left" }
    }
    Report.note(line, common)
  }

  /// Saves the best model so far of a run that ended early.
  func salvage(_ model: ImageClassifier) {
    end()
    guard (try? model.save(to: output)) != nil else { return }
    Report.note(
      "\(Format.printable(output)): the best model so far, of epoch \(model.facts.history?.best?.number ?? 0)",
      common)
  }

  /// The result for people.
  func print(_ result: FineTuningResult) throws {
    guard let validation = result.best.validation else {
      return try Report.result("epoch \(result.best.number), the last; there are no pictures to judge by")
    }
    let judged = "on the \(Format.plural(result.plan.validationCount, "held-out picture"))"
    if result.best.number == 0 {
      try Report.result(
        "fine-tuning did not help: no epoch does better \(judged) than the starting point, "
          + "accuracy \(Format.percent(validation.accuracy)), which is what is saved")
    } else {
      let before = result.history.epochs.first?.validation
      try Report.result(
        "best epoch \(result.best.number): accuracy \(Format.percent(validation.accuracy)) \(judged)"
          + (before.map { ", \(Format.percent($0.accuracy)) at the start" } ?? ""))
    }
  }

  /// The result for programs.
  func summary(of result: FineTuningResult) -> FineTuningSummary {
    FineTuningSummary(model: output, result: result, seconds: seconds)
  }

  /// The history.
  func history(of result: FineTuningResult) -> HistoryTable {
    HistoryTable(rows: summary(of: result).history)
  }
}
