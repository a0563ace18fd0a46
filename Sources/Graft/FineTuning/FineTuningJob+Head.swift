internal import Foundation
internal import GraftData
internal import GraftEngine
internal import GraftFeatures
internal import GraftGraph
internal import GraftLinear
internal import GraftSupport
internal import GraftTensor
internal import GraftTraining

/// How the linear head that training begins from differs from the linear classifier that is epoch 0.
public struct HeadStart: Sendable, Hashable, CustomStringConvertible {
  /// How much the labels are smoothed that it is fitted to, in 0...1.
  public var smoothing: Double
  /// How many changed views of each picture it is fitted to, besides the picture as it is.
  public var views: Int

  /// What it is fitted to, in words.
  public var description: String {
    let parts = [
      smoothing > 0 ? "labels smoothed by \(String(format: "%.3g", smoothing))" : nil,
      views > 0 ? "\(views) changed view\(views == 1 ? "" : "s") of each picture" : nil,
    ]
    return parts.compactMap { $0 }.joined(separator: " and ")
  }
}

/// What a linear head is fitted to.
private struct HeadRows {
  /// Rows x features.
  var features: Tensor
  var targets: TrainingTargets
  /// The class of each row, or what else folds should have their share of.
  var strata: [Int]
  /// Equal for all views of a picture: cross-validation does not divide them.
  var digests: [String]
  var paths: [String]
}

extension FineTuningJob {
  private static let linearFacts = "linear"

  /// What training begins from where that is another head than the linear classifier; nil where it is that classifier
  /// itself, or a head that is not fitted.
  var headStart: HeadStart? {
    guard let head = tuner.head, linear != nil, trainer.epochs > 0 else { return nil }
    let start = HeadStart(
      smoothing: max(trainer.loss.labelSmoothing, 0),
      views: isAugmented ? head.viewCount(pictures: training.items.count, epochs: trainer.epochs) : 0)
    return start.smoothing > 0 || start.views > 0 ? start : nil
  }

  /// Lets the new head start from the linear classifier, where that is wanted.
  mutating func fitHead(_ report: (FineTuningEvent) throws -> Void) throws {
    guard let headed, let head = tuner.head else { return }
    guard head.initialization == .linear, let features else {
      if let mean = try meanTarget() { network = try headed.replacingClassifier(kernel: nil, bias: mean) }
      return
    }
    let start = Date.now
    defer { headSeconds = Date.now.timeIntervalSince(start) }
    func told(_ event: LogisticRegression.Event) throws {
      guard case .crossValidating(let done, let total) = event else { return }
      try report(.fittingHead(done: done, total: total))
    }
    let table = try features.table(
      layer: headed.features, rows: training.rows(), labels: targets.task == .classes ? labels : nil,
      skipped: [])
    let rows = HeadRows(
      features: table.features, targets: try plainTargets(), strata: training.strata, digests: table.digests,
      paths: table.paths)
    let plain = try linearHead(LogisticRegression(l2: head.l2, seed: trainer.seed), rows, told)
    network = try headed.replacingClassifier(kernel: plain.kernel, bias: plain.bias)
    linear = plain.training
    guard let headStart else { return }
    // Fitted to what training asks and shows, so that the first steps need not undo what was sure of pictures as they
    // are; and of few pictures the views make a better classifier.
    let seen = try adding(views: headStart.views, to: rows, headed.features, report)
    let begun = try linearHead(
      LogisticRegression(l2: head.l2, seed: trainer.seed, labelSmoothing: headStart.smoothing), seen, told)
    startingPoint = network
    network = try headed.replacingClassifier(kernel: begun.kernel, bias: begun.bias)
  }

  /// Rows with those of changed views of the same pictures behind them.
  private func adding(
    views count: Int, to rows: HeadRows, _ layer: String, _ report: (FineTuningEvent) throws -> Void
  ) throws -> HeadRows {
    guard count > 0 else { return rows }
    let recorder = try headViews(count, layer)
    let supply = try supply()
    var pooled = supply
    pooled.frozen = try InferencePlan(network, outputs: [layer])
    pooled.boundary = recorder.layers
    _ = try computeViews(count, recorder, pooled) { try report(.preparing(done: $0, total: $1)) }
    var all = rows
    let size = rows.features.count
    all.features = try Tensor(shape: [rows.strata.count * (1 + count), rows.features.shape[1]]) { buffer in
      rows.features.withUnsafeScalars { plain in
        for (index, value) in plain.enumerated() { buffer[index] = value }
      }
      for view in 0..<count {
        let place = (1 + view) * size..<(2 + view) * size
        try recorder.read(
          layer: 0, of: training.rows(view)[...], into: UnsafeMutableBufferPointer(rebasing: buffer[place]))
      }
    }
    for view in 0..<count {
      all.targets = try all.targets.followed(
        by: supply.targets(training, training.items.indices, .view(view)))
      all.strata += rows.strata
      all.digests += rows.digests
      all.paths += rows.paths
    }
    return all
  }

  /// Where features of views are kept.
  private func headViews(_ count: Int, _ name: String) throws -> any FeatureSource {
    // The same views that training takes in turn, if it reads features.
    if let views, boundary == [name] { return views.recorder }
    let layer = FeatureLayer(name: name, shape: try network.graph.node(named: name).shape)
    let found = try tuner.caching.recorder(
      for: origin([name], augmentation: trainer.augmentation.description, seed: trainer.seed),
      layers: [layer], count: count * training.items.count)
    return found?.recorder ?? MemoryRecorder(layers: [layer])
  }

  /// A linear map from the features to what the task asks for.
  private func linearHead(
    _ regression: LogisticRegression, _ rows: HeadRows, _ told: (LogisticRegression.Event) throws -> Void
  ) throws -> (kernel: Tensor, bias: Tensor, training: LinearClassifier.Training?) {
    switch (targets.task, rows.targets) {
    case (.labels, .rows(let marks)):
      let map = try regression.fit(
        features: rows.features, marks: marks, strata: rows.strata, digests: rows.digests,
        paths: rows.paths, progress: told)
      return (map.kernel, map.bias, map.training)
    case (_, .rows(let boxes)):
      let map = try regression.fit(
        features: rows.features, values: boxes, digests: rows.digests, paths: rows.paths, progress: told)
      return (map.kernel, map.bias, map.training)
    case (_, .classes(let classIndices)):
      // As much as the pictures of each class count in training.
      let weights = trainer.loss.classWeights
      let classifier = try regression.fit(
        features: rows.features, classIndices: classIndices, labels: labels,
        sampleWeights: weights.isEmpty ? nil : classIndices.map { weights[$0] }, digests: rows.digests,
        paths: rows.paths, progress: told)
      return (classifier.kernel, classifier.bias, classifier.training)
    }
  }

  /// What should be said of the training pictures as they are.
  private func plainTargets() throws -> TrainingTargets {
    try supply().targets(training, training.items.indices, .none)
  }

  /// The mean box, where a head with random weights starts from; nil for other tasks.
  private func meanTarget() throws -> Tensor? {
    guard targets.task == .boxes, case .rows(let boxes) = try plainTargets() else { return nil }
    let count = training.items.count
    return Tensor(
      shape: [4],
      scalars: (0..<4).map { place in
        Float((0..<count).reduce(0.0) { $0 + Double(boxes.scalars[$1 * 4 + place]) } / Double(max(count, 1)))
      })
  }

  /// Takes over what is known of the head of an earlier run; its weights are in the state.
  mutating func restoreHead(from checkpoint: Checkpoint) throws {
    guard let text = checkpoint.facts[Self.linearFacts] else { return }
    linear = try? JSONDecoder().decode(LinearClassifier.Training.self, from: Data(text.utf8))
  }

  /// What a state tells of the head besides its weights.
  func checkpointFacts() throws -> [String: String] {
    guard let linear else { return [:] }
    return [Self.linearFacts: try linear.json()]
  }
}
