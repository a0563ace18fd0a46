import Graft

/// What a run is going to do, for people.
struct FineTuningPlanText {
  /// A line for each fact.
  let lines: [String]

  init(_ plan: FineTuningPlan, _ tuner: FineTuner) {
    var lines: [String] = []
    let all = plan.trainedParameters + plan.frozenParameters
    lines.append(
      "trains         \(Format.count(plan.trainedParameters)) of \(Format.count(all)) parameters"
        + (plan.trainsFromInput ? "" : ", behind \(plan.boundary.map(\.layer).joined(separator: " and "))"))
    if let linear = plan.linear {
      let start =
        switch plan.task {
        case .classes: "a linear classifier"
        case .labels: "one logistic regression a label"
        case .boxes: "ridge regression of the boxes"
        }
      lines.append(
        "head           starts from \(start), l2 \(Format.strength(linear.l2))"
          + (plan.startSmoothing.map {
            "; training begins from one of labels smoothed by \(Format.strength($0))"
          } ?? ""))
    }
    if let dropout = tuner.head?.dropout, dropout > 0 {
      lines.append("dropout        \(Format.percent(dropout)) of the features are left out in each step")
    }
    let kept = tuner.trainer.optimizer.averaging
    if kept > 0, tuner.trainer.epochs > 0 {
      lines.append(
        "weights        judged and saved as a moving average, \(Format.percent(kept)) kept at each step")
    }
    if !tuner.trainer.augmentation.isEmpty { lines.append("augmentation   \(tuner.trainer.augmentation)") }
    if !plan.trainsFromInput { lines.append("frozen part    " + Self.frozen(plan, tuner)) }
    if let (epoch, step) = plan.resumed {
      lines.append("resumed        after \(Format.plural(epoch, "epoch")) and \(Format.plural(step, "step"))")
    }
    self.lines = lines
  }

  private static func frozen(_ plan: FineTuningPlan, _ tuner: FineTuner) -> String {
    let shapes = plan.boundary.map { "\($0.shape)" }.joined(separator: " and ")
    let perPicture = plan.extractSeconds / Double(max(plan.extractedCount, 1))
    guard let storage = plan.trainingStorage else {
      let why =
        tuner.trainer.augmentation.isEmpty
        ? "there is no room to keep its results" : "each epoch has new views; --cached-views keeps some"
      return "gives \(shapes), computed at each epoch (\(why))"
    }
    let place =
      switch storage.place {
      case .memory: "in memory"
      case .memoryAndDisk(let folder): "in memory, and in \(folder) for later runs"
      case .disk(let folder): "in \(folder)"
      }
    let views =
      tuner.trainer.augmentation.isEmpty
      ? "" : ", \(Format.plural(tuner.caching.views, "view")) of each picture"
    var text = "gives \(shapes)\(views), kept \(place): \(Format.bytes(storage.bytes))"
    if plan.extractedCount > 0 {
      let saved = perPicture * Double(plan.trainingCount)
      text +=
        "; took \(Format.duration(plan.extractSeconds)) once, saves about \(Format.duration(saved)) an epoch"
    } else {
      text += "; known from an earlier run"
    }
    return text
  }
}
