public import GraftReport
internal import Foundation
internal import GraftData
internal import GraftGraph
internal import GraftLinear
internal import GraftTensor
internal import GraftTraining

/// A run of fine-tuning as a page: what came of it, how it went, what was trained and what it cost.
public struct FineTuningPage {
  let result: FineTuningResult
  let pictures: String

  /// Takes a run.
  ///
  /// - Parameters:
  ///   - result: what `FineTuner.fit` came to.
  ///   - pictures: where the pictures are, in words.
  public init(_ result: FineTuningResult, pictures: String) {
    (self.result, self.pictures) = (result, pictures)
  }

  /// The page.
  ///
  /// - Throws: `GraphError` if the options name layers that the network does not have.
  public func page() throws -> ReportPage {
    var sections = [outcome, curves]
    sections += [try trained(), cost, epochs]
    if let linear = linear { sections.append(linear) }
    sections.append(try options())
    if !result.skipped.isEmpty { sections.append(skipped) }
    return ReportPage(
      title: "Fine-tuning", lead: lead,
      facts: [
        .init("Pictures", pictures),
        .init(
          "Trained on",
          "\(plan.trainingCount)" + (task == .boxes ? "" : " in \(result.model.classes.count) classes")),
        .init("Judged by", plan.validationCount == 0 ? "none" : "\(plan.validationCount) held out"),
        .init(
          "Network",
          "\(result.model.facts.architecture), input \(result.model.inputSize) × \(result.model.inputSize)"),
        .init("Weights", result.model.facts.weights),
        .init("Trains", "\(Self.count(plan.trainedParameters)) of \(Self.count(parameters)) parameters"),
      ], sections: sections)
  }

  var plan: FineTuningPlan { result.plan }
  private var parameters: Int { plan.trainedParameters + plan.frozenParameters }
  var task: PictureTask { result.model.task }
  /// The figure that the best epoch is chosen by.
  var measure: String {
    switch task {
    case .classes: "Accuracy"
    case .labels: "Mean average precision"
    case .boxes: "Mean overlap (IoU)"
    }
  }
  /// That inside a sentence.
  var measureInText: String { task == .boxes ? "mean overlap (IoU)" : measure.lowercased() }
  /// What is counted of the training pictures as they go by.
  var trainingMeasure: String {
    switch task {
    case .classes: "accuracy"
    case .labels: "all labels right"
    case .boxes: "mean overlap (IoU)"
    }
  }
  var start: TrainingHistory.Epoch? { result.history.epochs.first { $0.number == 0 } }
  /// What the starting point is called.
  var startName: String {
    guard plan.linear != nil else { return "the starting point" }
    return task == .boxes ? "the linear regression it starts from" : "the linear classifier it starts from"
  }

  /// The result in a sentence.
  var lead: String {
    guard let best = result.best.validation else {
      return
        "Trained for \(result.best.number) epochs. No pictures were held out, so nothing is known of how good it is."
    }
    let accuracy =
      task == .classes
      ? "\(Self.percent(best.accuracy)) of \(plan.validationCount) held-out pictures right"
      : "\(measureInText) \(Self.percent(best.accuracy)) on \(plan.validationCount) held-out pictures"
    guard result.trainer.epochs > 0 else { return "The head alone, at its optimum: \(accuracy)." }
    guard result.best.number > 0, let before = start?.validation else {
      return
        "Fine-tuning did not help: no epoch does better on the held-out pictures than \(startName), which is what "
        + "was saved: \(accuracy)."
    }
    let than = "than \(startName) (\(Self.percent(before.accuracy)))"
    let more =
      task == .classes
      ? "\(Int(((best.accuracy - before.accuracy) * Double(plan.validationCount)).rounded())) more"
      : "\(Self.points(best.accuracy - before.accuracy)) more"
    return "After epoch \(result.best.number) of \(result.history.epochs.last?.number ?? 0): \(accuracy), "
      + (best.accuracy > before.accuracy ? "\(more) \(than)." : "no more \(than), with a smaller loss.")
  }

  private var outcome: ReportPage.Section {
    var figures: [ReportPage.Figure] = []
    if let best = result.best.validation {
      let helped = result.best.number > 0 && best.accuracy > start?.validation?.accuracy ?? 1
      figures.append(
        .init(
          measure, Self.percent(best.accuracy), note: "saved: epoch \(result.best.number)",
          tone: result.trainer.epochs == 0 ? .plain : helped ? .good : .bad))
      if let before = start?.validation, result.trainer.epochs > 0 {
        figures.append(
          .init(
            "At the start", Self.percent(before.accuracy),
            note: plan.linear == nil ? nil : task == .boxes ? "linear regression" : "linear classifier"))
      }
      figures.append(.init("Loss", String(format: "%.3f", best.loss), note: "held-out pictures"))
    }
    figures.append(.init("Training", Self.duration(result.trainSeconds), note: "evaluations included"))
    return ReportPage.Section("Outcome", blocks: [.figures(figures), .remarks(remarks)])
  }

  /// What a reader should know of these figures.
  private var remarks: [String] {
    var remarks: [String] = []
    if let best = result.best.validation, plan.validationCount > 0, task == .classes {
      let n = Double(plan.validationCount)
      let error = (best.accuracy * (1 - best.accuracy) / n).squareRoot()
      remarks.append(
        "Another \(plan.validationCount) pictures of the same kind would give another accuracy: by chance it moves by about "
          + "\(Self.points(error)) either way (one standard error).")
      if result.trainer.epochs > 0 {
        remarks.append(
          "The epoch was chosen by these pictures, which flatters a little; judge the model by pictures that had no part "
            + "in it.")
      }
    }
    remarks += overfitting.map { [$0] } ?? []
    if let last = result.history.epochs.last, last.number < result.trainer.epochs {
      remarks.append(
        "The run ended early, after epoch \(last.number) of \(result.trainer.epochs): the held-out pictures gained nothing "
          + "any more.")
    }
    return remarks
  }

  /// Where the held-out loss grows while that of the training pictures falls.
  private var overfitting: String? {
    let judged = result.history.epochs.filter { $0.validation != nil && $0.number > 0 }
    guard let lowest = judged.min(by: { $0.validation?.loss ?? 0 < $1.validation?.loss ?? 0 }),
      let last = judged.last,
      let least = lowest.validation?.loss, let end = last.validation?.loss, last.number > lowest.number,
      end > 1.1 * least, let then = lowest.training?.loss, let now = last.training?.loss, now < then
    else { return nil }
    return
      "From epoch \(lowest.number) on the held-out loss grows (\(String(format: "%.3f to %.3f", least, end))) while that "
      + "of the training pictures falls: the network learns these by heart. Fewer epochs, a smaller learning rate or "
      + "more augmentation may help."
  }

  private var skipped: ReportPage.Section {
    ReportPage.Section(
      "Left out", text: "Pictures that could not be read.",
      blocks: [
        .table(
          ReportTable(
            headings: [.init("Picture"), .init("Reason")],
            rows: result.skipped.map { [.init($0.path), .init($0.reason)] }))
      ])
  }
}

extension FineTuningPage {
  static func percent(_ share: Double) -> String { String(format: "%.1f %%", 100 * share) }
  static func points(_ share: Double) -> String { String(format: "%.1f percentage points", 100 * share) }

  /// A span of time: "0.4 s", "12 s", "3 min 20 s", "2 h 5 min".
  static func duration(_ seconds: Double) -> String {
    let whole = Int(seconds.rounded())
    if seconds < 10 { return String(format: "%.1f s", seconds) }
    if whole < 60 { return "\(whole) s" }
    if whole < 3600 { return "\(whole / 60) min \(whole % 60) s" }
    return "\(whole / 3600) h \(whole / 60 % 60) min"
  }

  /// A number with its thousands apart.
  static func count(_ value: Int) -> String {
    var digits = String(value)
    var place = digits.count - 3
    while place > 0 {
      digits.insert(",", at: digits.index(digits.startIndex, offsetBy: place))
      place -= 3
    }
    return digits
  }

  /// A number of bytes: "9.4 MB".
  static func bytes(_ value: Int) -> String {
    value < 1_000_000
      ? String(format: "%.0f kB", Double(value) / 1e3)
      : value < 1_000_000_000
        ? String(format: "%.1f MB", Double(value) / 1e6) : String(format: "%.2f GB", Double(value) / 1e9)
  }
}
