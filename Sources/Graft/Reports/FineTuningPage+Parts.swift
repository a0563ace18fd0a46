internal import Foundation
internal import GraftData
internal import GraftGraph
internal import GraftLinear
internal import GraftReport
internal import GraftTensor
internal import GraftTraining

extension FineTuningPage {
  /// Loss, accuracy and learning rate over the epochs.
  var curves: ReportPage.Section {
    func points(_ value: (TrainingHistory.Epoch) -> Double?) -> [Plot.Point] {
      result.history.epochs.compactMap { epoch in value(epoch).map { Plot.Point(Double(epoch.number), $0) } }
    }
    func lines(_ value: @escaping (TrainingHistory.Score) -> Double) -> [Plot.Line] {
      var lines = [
        Plot.Line("training pictures, as they went by", points { $0.training.map(value) }, hasDots: true)
      ]
      let held = points { $0.validation.map(value) }
      if !held.isEmpty { lines.append(Plot.Line("held-out pictures", held, hasDots: true)) }
      if let first = held.first, held.count > 1 {
        lines.append(
          Plot.Line(
            startName, [first, Plot.Point(held[held.count - 1].x, first.y)], style: .reference))
      }
      return lines.filter { !$0.points.isEmpty }
    }
    let epochs = Axis("epoch", range: 0...Double(max(result.trainer.epochs, 1)))
    let loss = Plot("Loss", x: epochs, y: Axis("mean loss"), lines: lines(\.loss))
    let accuracy = Plot(
      measure, x: epochs, y: Axis(measureInText, format: .percent), lines: lines(\.accuracy),
      caption: task == .labels ? "Of the training pictures, the share with all labels right." : nil)
    var blocks: [ReportPage.Block] = [.plot(loss), .plot(accuracy)]
    if result.trainer.epochs > 0 {
      blocks.append(
        .plot(Plot("Learning rate", x: epochs, y: Axis(""), lines: [Plot.Line("", rates)])))
    }
    return ReportPage.Section(
      "Course",
      text:
        "Epoch 0 is the starting point. Training pictures are counted as they went by, changed by augmentation"
        + (result.trainer.mixing == nil ? "" : ", mixed with one another")
        + " and while the weights moved, so that "
        + "their figures may be worse than those of the held-out ones.",
      blocks: blocks)
  }

  /// The learning rate at up to 400 steps of the run.
  private var rates: [Plot.Point] {
    let trainer = result.trainer
    let steps = max((plan.trainingCount + trainer.batchSize - 1) / max(trainer.batchSize, 1), 1)
    let total = steps * trainer.epochs
    return stride(from: 0, to: total, by: max(total / 400, 1)).map {
      Plot.Point(
        Double($0) / Double(steps),
        trainer.learningRate.rate(at: $0, stepsPerEpoch: steps, epochs: trainer.epochs))
    }
  }

  /// What was trained and what kept its bytes, stage by stage.
  func trained() throws -> ReportPage.Section {
    let graph = result.model.network.graph
    let keys = Set(try result.trainer.trainable.orderedKeys(in: graph))
    let trainedStages = graph.stages.filter { stage in
      graph.nodes.contains { node in node.stage == stage && keys.contains { $0.layer == node.name } }
    }
    let factors = Dictionary(
      uniqueKeysWithValues: zip(
        trainedStages,
        try result.trainer.rates.factors(
          of: trainedStages, epoch: max((result.history.epochs.last?.number ?? 0) - 1, 0))))
    let rows = graph.stages.compactMap { stage -> [ReportTable.Cell]? in
      // Statistics of batch normalizations are parameters that no gradient moves.
      var (all, trained, fixed) = (0, 0, 0)
      let nodes = graph.nodes.filter { $0.stage == stage }
      for node in nodes {
        for (name, shape) in graph.parameterShapes(of: node) {
          all += shape.count
          if name.hasPrefix("moving_") { fixed += shape.count }
          if keys.contains(.init(node.name, name)) { trained += shape.count }
        }
      }
      guard all > 0 else { return nil }
      // With gradual unfreezing its turn may not have come.
      let isAwake = factors[stage].map { $0 > 0 } ?? true
      let state =
        trained == 0 ? "frozen" : !isAwake ? "not yet" : trained + fixed == all ? "trained" : "in part"
      return [
        .init(stage), .init(state), .init(Self.count(all), value: Double(all)),
        .init(Self.count(trained), value: Double(trained)),
        .init(
          factors[stage].map { $0 == 1 ? "1" : String(format: "%.3g", $0) } ?? "", value: factors[stage] ?? 0),
      ]
    }
    let boundary = plan.boundary.map { "\($0.layer) (\($0.shape))" }.joined(separator: " and ")
    let text =
      plan.trainsFromInput
      ? "The trained part begins at the pictures: nothing before it could be computed once. Statistics of batch "
        + "normalizations are \(result.trainer.statistics == .frozen ? "those of the weights" : "moved where they train")."
      : "The trained part reads \(boundary). What is frozen has the same bytes as before."
    return ReportPage.Section(
      "What was trained", text: text,
      blocks: [
        .table(
          ReportTable(
            headings: [
              .init("Stage"), .init("State"), .init("Parameters", isNumeric: true),
              .init("Trained", isNumeric: true), .init("Rate ×", isNumeric: true),
            ], rows: rows))
      ])
  }

  /// Time and room.
  var cost: ReportPage.Section {
    let epochs = result.epochSeconds.filter { $0.key > 0 }.values.sorted()
    var figures: [ReportPage.Figure] = [
      .init(
        "Preparing", Self.duration(plan.extractSeconds),
        note: plan.trainsFromInput
          ? "pictures read, the starting point found"
          : plan.extractedCount == 0
            ? "frozen part known already"
            : "\(Self.count(plan.extractedCount)) pictures through the frozen part")
    ]
    if !epochs.isEmpty {
      figures.append(.init("An epoch", Self.duration(epochs[epochs.count / 2]), note: "the median"))
    }
    figures.append(
      .init("Kept activations", plan.cacheBytes == 0 ? "none" : Self.bytes(plan.cacheBytes), note: place))
    if let saved {
      figures.append(.init("Saved by them", Self.duration(saved), note: "over all epochs, about"))
    }
    return ReportPage.Section("What it cost", blocks: [.figures(figures)])
  }

  private var place: String? {
    switch plan.trainingStorage?.place ?? plan.validationStorage?.place {
    case .memory: "in memory"
    case .memoryAndDisk(let folder): "in memory and in \(folder)"
    case .disk(let folder): "in \(folder)"
    case nil: nil
    }
  }

  /// Seconds that computing the frozen part at each epoch would have taken more.
  private var saved: Double? {
    guard plan.trainingStorage != nil, plan.extractedCount > 0, !plan.trainsFromInput else { return nil }
    let one = plan.extractSeconds / Double(plan.extractedCount)
    let passes = Double(max((result.history.epochs.last?.number ?? 0) - 1, 0))
    return one * Double(plan.trainingCount + plan.validationCount) * passes
  }

  /// All epochs as a table.
  var epochs: ReportPage.Section {
    func cell(_ value: Double?, _ format: String) -> ReportTable.Cell {
      .init(value.map { String(format: format, $0) } ?? "", value: value)
    }
    let rows = result.history.epochs.map { epoch -> [ReportTable.Cell] in
      [
        .init(
          "\(epoch.number)" + (epoch.number == result.best.number ? " (saved)" : ""),
          value: Double(epoch.number)),
        cell(epoch.training?.loss, "%.4f"), cell(epoch.training.map { 100 * $0.accuracy }, "%.1f %%"),
        cell(epoch.validation?.loss, "%.4f"), cell(epoch.validation.map { 100 * $0.accuracy }, "%.1f %%"),
        cell(epoch.learningRate, "%.3g"), cell(result.epochSeconds[epoch.number], "%.1f"),
      ]
    }
    return ReportPage.Section(
      "Epochs",
      blocks: [
        .table(
          ReportTable(
            headings: [
              .init("Epoch", isNumeric: true), .init("Training loss", isNumeric: true),
              .init("Training: \(trainingMeasure)", isNumeric: true),
              .init("Held-out loss", isNumeric: true),
              .init("Held-out: \(measureInText)", isNumeric: true), .init("Rate", isNumeric: true),
              .init("Seconds", isNumeric: true),
            ], rows: rows))
      ])
  }

  /// How the strength of the linear classifier's penalty was chosen.
  var linear: ReportPage.Section? {
    guard let path = plan.linear?.path, path.points.count > 1 else { return nil }
    let chosen = path.points[path.chosen]
    let low = path.points.map(\.logLoss).min() ?? 0
    let high = path.points.map(\.logLoss).max() ?? 1
    let plot = Plot(
      "Strength of the penalty", x: Axis("l2", isLogarithmic: true),
      y: Axis(task == .boxes ? "loss" : "log loss"),
      lines: [
        Plot.Line(
          "held-out folds", path.points.reversed().map { Plot.Point($0.l2, $0.logLoss) }, hasDots: true),
        Plot.Line("chosen", [Plot.Point(chosen.l2, low), Plot.Point(chosen.l2, high)], style: .reference),
      ])
    let kind =
      switch task {
      case .classes: "multinomial logistic regression"
      case .labels: "one logistic regression a label"
      case .boxes: "ridge regression of the boxes"
      }
    let right =
      switch task {
      case .classes: ", with \(Self.percent(chosen.accuracy)) right in held-out folds"
      case .labels: ", with \(Self.percent(chosen.accuracy)) of all answers right in held-out folds"
      case .boxes: ""
      }
    return ReportPage.Section(
      task == .boxes ? "The linear regression" : "The linear classifier",
      text:
        "The starting point: \(kind) on the features of the network as it was. The strength of its penalty was chosen "
        + "by cross-validation on the training pictures: \(String(format: "%.3g", chosen.l2))\(right)."
        + (plan.startSmoothing.map {
          " Training began from one that was fitted to labels smoothed by \(String(format: "%.3g", $0)), as sure of "
            + "itself as training wants it."
        } ?? ""),
      blocks: [.plot(plot)])
  }

  /// The options of the run.
  func options() throws -> ReportPage.Section {
    let texts = try result.trainer.optionTexts(for: result.model.network.graph)
    let rows = texts.keys.sorted().map { [ReportTable.Cell($0), ReportTable.Cell(texts[$0] ?? "")] }
    return ReportPage.Section(
      "Options", blocks: [.table(ReportTable(headings: [.init("Option"), .init("Value")], rows: rows))])
  }
}
