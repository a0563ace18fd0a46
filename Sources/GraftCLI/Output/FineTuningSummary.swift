import Foundation
import Graft

/// How fine-tuning went, as `--json` prints it.
struct FineTuningSummary: Encodable {
  /// An epoch.
  struct Row: Encodable {
    let epoch: Int
    let learningRate: Double?
    let trainLoss: Double?
    let trainTop1: Double?
    let valLoss: Double?
    let valTop1: Double?
    let valFigures: [String: Double]?
    /// Seconds that it took; none for epochs of a run before it was resumed.
    let seconds: Double?
  }

  let model: String
  let task: PictureTask
  let bestEpoch: Int
  let valTop1: Double?
  /// Of other tasks than classes, the figures by name.
  let valFigures: [String: Double]?
  let trainSeconds: Double
  let extractSeconds: Double
  let cacheBytes: Int
  let classes: Labels
  let trainedParameters: Int
  let frozenParameters: Int
  let boundary: [String]
  let history: [Row]
  let skipped: [SkippedPicture]

  init(model: String, result: FineTuningResult) {
    self.model = model
    bestEpoch = result.best.number
    task = result.model.task
    let names = MeasureNames(task)
    valTop1 = names.top1(of: result.best.validation)
    valFigures = names.figures(of: result.best.validation)
    trainSeconds = result.trainSeconds
    extractSeconds = result.plan.extractSeconds
    cacheBytes = result.plan.cacheBytes
    classes = result.model.classes
    trainedParameters = result.plan.trainedParameters
    frozenParameters = result.plan.frozenParameters
    boundary = result.plan.boundary.map(\.layer)
    skipped = result.skipped
    history = result.history.epochs.map {
      Row(
        epoch: $0.number, learningRate: $0.learningRate, trainLoss: $0.training?.loss,
        trainTop1: names.top1(of: $0.training), valLoss: $0.validation?.loss,
        valTop1: names.top1(of: $0.validation), valFigures: names.figures(of: $0.validation),
        seconds: result.epochSeconds[$0.number])
    }
  }
}

/// The history as comma-separated values.
struct HistoryTable {
  let rows: [FineTuningSummary.Row]

  /// Writes the table.
  func write(to path: String) throws {
    func text(_ value: Double?) -> String { value.map { "\($0)" } ?? "" }
    let figures = Set(rows.flatMap { $0.valFigures?.keys.map(\.self) ?? [] }).sorted()
    var lines = [
      (["epoch,learning_rate,train_loss,train_top1,val_loss,val_top1"] + figures.map { "val_\($0)" } + [
        "seconds"
      ])
      .joined(separator: ",")
    ]
    for row in rows {
      lines.append(
        "\(row.epoch),"
          + ([row.learningRate, row.trainLoss, row.trainTop1, row.valLoss, row.valTop1]
          + figures.map { row.valFigures?[$0] } + [row.seconds]).map(text)
          .joined(separator: ","))
    }
    try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: URL(filePath: path), options: .atomic)
  }
}
