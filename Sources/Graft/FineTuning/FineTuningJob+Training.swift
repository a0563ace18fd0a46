internal import Foundation
internal import GraftData
internal import GraftEngine
internal import GraftFeatures
internal import GraftGraph
internal import GraftImage
internal import GraftLinear
internal import GraftSupport
internal import GraftTensor
internal import GraftTraining

extension FineTuningJob {
  private static let linearFacts = "linear"

  /// Lets the new head start from the linear classifier, where that is wanted.
  mutating func fitHead(_ report: (FineTuningEvent) throws -> Void) throws {
    guard let headed, let head = tuner.head else { return }
    guard head.initialization == .linear, let features else {
      if let mean = try meanTarget() { network = try headed.replacingClassifier(kernel: nil, bias: mean) }
      return
    }
    func told(_ event: LogisticRegression.Event) throws {
      guard case .crossValidating(let done, let total) = event else { return }
      try report(.fittingHead(done: done, total: total))
    }
    let table = try features.table(
      layer: headed.features, rows: training.rows(), labels: targets.task == .classes ? labels : nil,
      skipped: [])
    let plain = try linearHead(LogisticRegression(l2: head.l2, seed: trainer.seed), table, told)
    network = try headed.replacingClassifier(kernel: plain.kernel, bias: plain.bias)
    linear = plain.training
    guard let startSmoothing else { return }
    startingPoint = network
    let smooth = try linearHead(
      LogisticRegression(l2: head.l2, seed: trainer.seed, labelSmoothing: startSmoothing), table, told)
    network = try headed.replacingClassifier(kernel: smooth.kernel, bias: smooth.bias)
  }

  /// A linear map from the features to what the task asks for.
  private func linearHead(
    _ regression: LogisticRegression, _ table: FeatureTable,
    _ told: (LogisticRegression.Event) throws -> Void
  ) throws -> (kernel: Tensor, bias: Tensor, training: LinearClassifier.Training?) {
    switch (targets.task, try plainTargets()) {
    case (.labels, .rows(let marks)):
      let map = try regression.fit(
        features: table.features, marks: marks, strata: training.strata, digests: table.digests,
        paths: table.paths, progress: told)
      return (map.kernel, map.bias, map.training)
    case (_, .rows(let boxes)):
      let map = try regression.fit(
        features: table.features, values: boxes, digests: table.digests, paths: table.paths, progress: told)
      return (map.kernel, map.bias, map.training)
    case (_, .classes(let classIndices)):
      // As much as the pictures of each class count in training.
      let weights = trainer.loss.classWeights
      let classifier = try regression.fit(
        features: table.features, classIndices: classIndices, labels: labels,
        sampleWeights: weights.isEmpty ? nil : classIndices.map { weights[$0] }, digests: table.digests,
        paths: table.paths, progress: told)
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

  /// What must be equal for a run to go on from a state.
  func run() throws -> [String: String] {
    var run = try trainer.optionTexts(for: network.graph)
    run["network"] =
      try headed?.network.digest(upTo: [headed?.features ?? ""])
      ?? network.digest(upTo: [network.graph.output.name])
    run["preprocessing"] = pretrained.preprocessing.summary(size: pretrained.inputSize)
    run["classes"] = Digest.sha256(of: Array("\(labels.identifiers)".utf8))
    func pictures(_ part: SoundPictures) -> String {
      let lines = zip(part.digests, part.items).map { digest, item in
        "\(digest) \(item.label ?? -1) \(item.marks ?? []) \(item.box?.coordinates ?? [])\n"
      }
      return Digest.sha256(of: Array(lines.joined().utf8))
    }
    run["training pictures"] = pictures(training)
    run["validation pictures"] = pictures(validation)
    run["task"] = targets.task.rawValue
    run["head"] = tuner.head.map { "\($0)" } ?? "kept"
    run["cached views"] = isAugmented ? "\(tuner.caching.views)" : "none"
    run["cache precision"] = tuner.caching.precision.rawValue
    return run
  }

  /// Checks that a state belongs to this run.
  func requireSameRun(as checkpoint: Checkpoint, path: String) throws {
    let differences = checkpoint.differences(from: try run())
    guard !differences.isEmpty else { return }
    throw TrainingError(
      .checkpoint,
      "\(path): belongs to a run with other options or pictures (\(differences.joined(separator: "; "))); resume with "
        + "the same ones, or begin anew without resuming")
  }

  /// Trains.
  func train(
    from state: TrainingState?, keeping folder: CheckpointFolder?,
    snapshot: ((FineTuningSnapshot) throws -> Void)?, salvage: (ImageClassifier) -> Void,
    _ report: (FineTuningEvent) throws -> Void
  ) throws -> FineTuningResult {
    let (trainingSource, validationSource) = try sources()
    let (run, facts) = (try run(), try checkpointFacts())
    let plan = try plan(from: state)
    try report(.planned(plan))
    var last = state
    // The step of the last snapshot that was given; a state at the end of an epoch was kept after its snapshot.
    var given = state.flatMap { $0.seen == 0 ? $0.step : nil }
    let bytes = plan.trainedParameters * MemoryLayout<Float>.stride * (2 + trainer.optimizer.slots)
    var keeper = folder.map {
      CheckpointKeeper(path: $0.path, run: run, facts: facts, bytes: bytes, standing: state)
    }
    let surroundings = TrainingSurroundings(
      training: trainingSource, validation: validationSource, validationBoundary: boundary,
      startingPoint: startingPoint
    ) { brief, isUrgent, whole in
      if brief.history.epochs.count >= last?.history.epochs.count ?? 0 { last = brief }
      var copy: TrainingState?
      func state() -> TrainingState {
        let state = copy ?? whole()
        copy = state
        return state
      }
      // Before the state is kept: a run that is killed in between gives it once more.
      if let snapshot, given != brief.step, let (number, epoch) = snapshotPlace(brief) {
        try snapshot(try self.snapshot(number, epoch, at: state()))
        given = brief.step
      }
      try keeper?.keep(isUrgent: isUrgent, state)
    }
    let start = Date.now
    var (epochStart, epochSeconds) = (start, [Int: Double]())
    do {
      let end = try trainer.run(network, from: state, in: surroundings) { event in
        if case .epochFinished(let epoch) = event {
          epochSeconds[epoch.number] = Date.now.timeIntervalSince(epochStart)
          epochStart = .now
        }
        try report(.training(event))
      }
      // A model that cannot be written must not cost the last epochs.
      try keeper?.finish(end)
      guard let best = end.history.best else {
        throw TrainingError(.input, "no epoch was finished; this is a mistake in Graft")
      }
      return FineTuningResult(
        model: try model(of: end), history: end.history, best: best, plan: plan, skipped: skipped,
        trainSeconds: Date.now.timeIntervalSince(start), epochSeconds: epochSeconds, trainer: trainer)
    } catch {
      if let last, last.best != nil, let model = try? model(of: last) { salvage(model) }
      throw error
    }
  }

  /// Where training reads its pictures.
  func sources() throws -> (training: any PictureSource, validation: (any PictureSource)?) {
    let supply = try supply()
    func source(_ pictures: SoundPictures, varies: Bool) -> any PictureSource {
      if varies {
        guard let views else { return StreamedPictures(pictures, supply, varies: true) }
        return KeptPictures(
          pictures, supply, views: min(tuner.caching.views, trainer.epochs), store: views.recorder,
          boundary: outputs,
          layers: Array(outputs.indices))
      }
      guard let kept else { return StreamedPictures(pictures, supply, varies: false) }
      return KeptPictures(
        pictures, supply, views: nil, store: kept.recorder, boundary: outputs, layers: Array(outputs.indices))
    }
    return (
      source(training, varies: isAugmented),
      validation.items.isEmpty ? nil : source(validation, varies: false)
    )
  }

  /// What the run is going to do.
  func plan(from state: TrainingState?) throws -> FineTuningPlan {
    let keys = try trainer.trainable.orderedKeys(in: network.graph)
    let trained = keys.reduce(0) { $0 + (network.parameters[$1]?.count ?? 0) }
    let steps = max((training.items.count + trainer.batchSize - 1) / max(trainer.batchSize, 1), 1)
    return FineTuningPlan(
      task: targets.task, trainedParameters: trained,
      frozenParameters: network.graph.parameterCount - trained,
      boundary: outputs.map { ($0.name, $0.shape) }, trainsFromInput: trainsFromInput,
      trainingCount: training.items.count, validationCount: validation.items.count,
      trainingStorage: isAugmented ? views?.storage : kept?.storage,
      validationStorage: isAugmented ? kept?.storage : nil, extractSeconds: extractSeconds,
      extractedCount: extracted, linear: linear,
      startSmoothing: startSmoothing, resumed: state.map { ($0.step / steps, $0.step % steps) })
  }

  private func checkpointFacts() throws -> [String: String] {
    guard let linear else { return [:] }
    return [Self.linearFacts: try linear.json()]
  }

  /// The model of the best epoch of a state.
  private func model(of state: TrainingState) throws -> ImageClassifier {
    let keys = try TrainingRun.stateKeys(of: network.graph, trainer)
    return try model(
      of: state, network.replacing(keys, with: state.best ?? state.weights),
      description: description(of: state))
  }

  /// Which cosine of the schedule has just ended, from 1 on, and the epoch that ended it; nil if none has.
  private func snapshotPlace(_ state: TrainingState) -> (number: Int, epoch: TrainingHistory.Epoch)? {
    let ends = trainer.learningRate.snapshots(epochs: trainer.epochs)
    guard state.seen == 0, let epoch = state.history.epochs.last,
      let place = ends.firstIndex(of: epoch.number)
    else { return nil }
    return (place + 1, epoch)
  }

  /// The model at a state.
  private func snapshot(
    _ number: Int, _ epoch: TrainingHistory.Epoch, at state: TrainingState
  ) throws -> FineTuningSnapshot {
    // As the run judges it: the moving average of the weights where there is one.
    let network = try TrainingRun(network, trainer, from: state).result()
    return FineTuningSnapshot(
      number: number, epoch: epoch,
      model: try model(of: state, network, description: description(of: state, snapshot: epoch.number)))
  }

  /// A model with what is known at a state.
  private func model(
    of state: TrainingState, _ network: Network, description: String
  ) throws -> ImageClassifier {
    var facts: ModelFacts
    if let headed {
      facts = ModelFacts(
        architecture: pretrained.name, preprocessing: pretrained.preprocessing,
        inputSize: pretrained.inputSize, classes: labels, weights: pretrained.source.lasting,
        weightsDigest: pretrained.digest, layer: headed.trunkEnd, pooling: .avg)
    } else {
      facts = try ImageClassifier(pretrained).facts
    }
    facts.task = targets.task
    facts.training = description
    facts.history = state.history
    return ImageClassifier(
      network: network, classes: labels, preprocessing: pretrained.preprocessing,
      summary: pretrained.summary, warnings: pretrained.warnings, facts: facts,
      plan: try InferencePlan(network))
  }

  /// How the model was trained, in JSON: the same text for equal runs.
  private func description(of state: TrainingState, snapshot: Int? = nil) throws -> String {
    struct Description: Encodable {
      let options: [String: String]
      let bestEpoch: Int?
      let snapshotEpoch: Int?
      let head: LinearClassifier.Training?
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let text = try encoder.encode(
      Description(
        options: trainer.optionTexts(for: network.graph), bestEpoch: state.history.best?.number,
        snapshotEpoch: snapshot, head: linear)
    )
    return String(decoding: text, as: UTF8.self)
  }
}
