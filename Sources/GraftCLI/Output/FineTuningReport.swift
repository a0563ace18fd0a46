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
  private var epochStart = ContinuousClock.now
  private var best: TrainingHistory.Epoch?

  init(output: String, pictures: DividedPictures, tuner: FineTuner, common: CommonOptions) {
    self.output = output
    self.pictures = pictures
    self.tuner = tuner
    self.common = common
  }

  private var names: MeasureNames { MeasureNames(pictures.task) }

  /// Says what will be worked on.
  func introduce(_ start: FineTuningStart) {
    Report.note(start.pretrained.summary, common)
    if let classes = pictures.training.classSummary {
      Report.note("\(pictures.task == .labels ? "labels         " : "classes        ")\(classes)", common)
    }
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
    case .training(.epochGoesOn(let epoch, let score, let rate)):
      going =
        "train  epoch \(epoch)  loss \(Format.decimal(score.loss, 4))  \(names.training) "
        + "\(Format.percent(score.accuracy))  "
        + "rate \(Format.strength(rate))"
    case .training(.stepFinished(let step, let total, _)):
      update(going, "steps", step, total)
    case .training(.epochFinished(let epoch)):
      finish(epoch)
    }
  }

  private var title = ""
  /// How the epoch goes.
  private var going = "steps"

  private func update(_ name: String, _ unit: String, _ done: Int, _ total: Int) {
    let kind = String(name.prefix(5))
    if kind != title {
      end()
      progress = ProgressLine(name, unit: .things(unit), quiet: common.quiet)
      title = kind
    }
    progress?.update(done, of: total, title: name)
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
    let took = (now - epochStart) / .seconds(1)
    epochStart = now
    var line = "epoch \(epoch.number) of \(tuner.trainer.epochs)"
    if let training = epoch.training {
      line +=
        "  loss \(Format.decimal(training.loss, 4))  \(names.training) \(Format.percent(training.accuracy))"
    } else {
      line += "  starting point"
    }
    if let validation = epoch.validation {
      line +=
        "  held out: loss \(Format.decimal(validation.loss, 4))  \(names.all(of: validation))"
    }
    if let rate = epoch.learningRate { line += "  rate \(Format.strength(rate))" }
    if epoch.number > 0 {
      line += "  \(Format.duration(took))"
      let left = Double(tuner.trainer.epochs - epoch.number) * took
      if left > 0 { line += ", \(Format.duration(left)) left" }
    }
    Report.note(line, common)
  }

  /// Saves a snapshot beside the model: `model-1.h5` and so on.
  func save(_ snapshot: FineTuningSnapshot) throws {
    let path = Self.name(of: snapshot.number, for: output)
    try snapshot.model.save(to: path)
    end()
    Report.note("\(Format.printable(path)): saved, of epoch \(snapshot.epoch.number)", common)
  }

  private static func name(of number: Int, for output: String) -> String {
    for suffix in [".h5", ".hdf5"] where output.hasSuffix(suffix) {
      return "\(output.dropLast(suffix.count))-\(number)\(suffix)"
    }
    return "\(output)-\(number)"
  }

  /// Saves the best model so far of a run that ended early.
  func salvage(_ model: ImageClassifier) {
    end()
    guard (try? model.save(to: output)) != nil else { return }
    Report.note(
      "\(Format.printable(output)): the best model so far, of epoch \(model.facts.history?.best?.number ?? 0)",
      common)
  }

  /// The run as a page.
  func page(of result: FineTuningResult, _ data: String) throws -> ReportPage {
    try FineTuningPage(result, pictures: "\(data) (\(pictures.division))").page()
  }

  /// The result for people.
  func print(_ result: FineTuningResult) throws {
    if let last = result.history.epochs.last, last.number < tuner.trainer.epochs {
      Report.note(
        "ended after epoch \(last.number) of \(tuner.trainer.epochs): the held-out pictures gained nothing for "
          + Format.plural(tuner.trainer.earlyStopping?.patience ?? 0, "epoch"), common)
    }
    guard let validation = result.best.validation else {
      return try Report.result("epoch \(result.best.number), the last; there are no pictures to judge by")
    }
    let judged = "on the \(Format.plural(result.plan.validationCount, "held-out picture"))"
    if tuner.trainer.epochs == 0 {
      try Report.result("the head at its optimum: \(names.all(of: validation)) \(judged)")
    } else if result.best.number == 0 {
      try Report.result(
        "fine-tuning did not help: no epoch does better \(judged) than the starting point, "
          + "\(names.all(of: validation)), which is what is saved")
    } else {
      let before = result.history.epochs.first?.validation
      try Report.result(
        "best epoch \(result.best.number): \(names.all(of: validation)) \(judged)"
          + (before.map { ", \(Format.percent($0.accuracy)) at the start" } ?? ""))
    }
  }

  /// The result for programs.
  func summary(of result: FineTuningResult) -> FineTuningSummary {
    FineTuningSummary(model: output, result: result)
  }

  /// The history.
  func history(of result: FineTuningResult) -> HistoryTable {
    HistoryTable(rows: summary(of: result).history)
  }
}
