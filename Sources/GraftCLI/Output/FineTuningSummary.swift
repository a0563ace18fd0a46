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
    /// Seconds that it took; none for epochs of a run before it was resumed.
    let seconds: Double?
  }

  let model: String
  let bestEpoch: Int
  let valTop1: Double?
  let trainSeconds: Double
  let extractSeconds: Double
  let cacheBytes: Int
  let classes: Labels
  let trainedParameters: Int
  let frozenParameters: Int
  let boundary: [String]
  let history: [Row]
  let skipped: [SkippedPicture]

  init(model: String, result: FineTuningResult, seconds: [Int: Double]) {
    self.model = model
    bestEpoch = result.best.number
    valTop1 = result.best.validation?.accuracy
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
        trainTop1: $0.training?.accuracy, valLoss: $0.validation?.loss, valTop1: $0.validation?.accuracy,
        seconds: seconds[$0.number])
    }
  }
}

/// The history as comma-separated values.
struct HistoryTable {
  let rows: [FineTuningSummary.Row]

  /// Writes the table.
  func write(to path: String) throws {
    func text(_ value: Double?) -> String { value.map { "\($0)" } ?? "" }
    var lines = ["epoch,learning_rate,train_loss,train_top1,val_loss,val_top1"]
    for row in rows {
      lines.append(
        "\(row.epoch),"
          + [row.learningRate, row.trainLoss, row.trainTop1, row.valLoss, row.valTop1].map(text)
          .joined(separator: ","))
    }
    try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: URL(filePath: path), options: .atomic)
  }
}
