import Graft

/// What the figures of training are called, by what the pictures are asked.
struct MeasureNames {
  private let task: PictureTask

  init(_ task: PictureTask) { self.task = task }

  /// The figure of pictures as they go by in training.
  var training: String {
    switch task {
    case .classes: "accuracy"
    case .labels: "all right"
    case .boxes: "IoU"
    }
  }

  /// The figures of held-out pictures, the one that the best epoch is chosen by first.
  func all(of score: TrainingHistory.Score) -> String {
    let main = Format.percent(score.accuracy)
    func other(_ name: String) -> String { score.others[name].map(Format.percent) ?? "-" }
    return switch task {
    case .classes: "accuracy \(main)"
    case .labels:
      "mAP \(main)  F1 \(other("micro_f1")) micro, \(other("macro_f1")) macro  all right \(other("exact_match"))"
    case .boxes: "IoU \(main)  above 0.5 \(other("iou_above_half"))"
    }
  }

  /// The figure that the best epoch is chosen by.
  var judged: String {
    switch task {
    case .classes: "accuracy"
    case .labels: "mAP"
    case .boxes: "IoU"
    }
  }

  /// The share of right classes; nil for other tasks.
  func top1(of score: TrainingHistory.Score?) -> Double? { task == .classes ? score?.accuracy : nil }

  /// The figures by the names that `graft evaluate --json` has; nil for classes.
  func figures(of score: TrainingHistory.Score?) -> [String: Double]? {
    guard let score, task != .classes else { return nil }
    let names = [
      "micro_f1": "microF1", "macro_f1": "macroF1", "exact_match": "exactMatch",
      "iou_above_half": "shareAboveHalf",
    ]
    var figures = [task == .labels ? "meanAveragePrecision" : "meanIoU": score.accuracy]
    for (key, value) in score.others { figures[names[key] ?? key] = value }
    return figures
  }
}
