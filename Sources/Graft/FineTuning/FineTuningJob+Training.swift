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
    guard let headed, let head = tuner.head, head.initialization == .linear, let features else { return }
    let table = try features.table(
      layer: headed.features, rows: training.rows(), labels: labels, skipped: [])
    let classifier = try LogisticRegression(l2: head.l2, seed: trainer.seed).fit(table) { event in
      if case .crossValidating(let done, let total) = event {
        try report(.fittingHead(done: done, total: total))
      }
    }
    network = try headed.replacingClassifier(by: classifier)
    linear = classifier.training
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
      Digest.sha256(of: Array(zip(part.digests, part.labels).map { "\($0) \($1)\n" }.joined().utf8))
    }
    run["training pictures"] = pictures(training)
    run["validation pictures"] = pictures(validation)
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
    from state: TrainingState?, keeping folder: CheckpointFolder?, salvage: (ImageClassifier) -> Void,
    _ report: (FineTuningEvent) throws -> Void
  ) throws -> FineTuningResult {
    let (trainingSource, validationSource) = try sources()
    let (run, facts) = (try run(), try checkpointFacts())
    let plan = try plan(from: state)
    try report(.planned(plan))
    var last = state
    let surroundings = TrainingSurroundings(
      training: trainingSource, validation: validationSource, validationBoundary: boundary
    ) { state in
      last = state
      if let folder { try Checkpoint(run: run, facts: facts, state: state).write(to: folder.path) }
    }
    let start = Date.now
    do {
      let end = try trainer.run(network, from: state, in: surroundings) { try report(.training($0)) }
      guard let best = end.history.best else {
        throw TrainingError(.input, "no epoch was finished; this is a mistake in Graft")
      }
      return FineTuningResult(
        model: try model(of: end), history: end.history, best: best, plan: plan, skipped: skipped,
        trainSeconds: Date.now.timeIntervalSince(start))
    } catch {
      if let last, last.best != nil, let model = try? model(of: last) { salvage(model) }
      throw error
    }
  }

  /// Where training reads its pictures.
  private func sources() throws -> (training: any PictureSource, validation: (any PictureSource)?) {
    let supply = try supply()
    func source(_ pictures: SoundPictures, varies: Bool) -> any PictureSource {
      if varies {
        guard let views else { return StreamedPictures(pictures, supply, varies: true) }
        return KeptPictures(
          pictures, views: min(tuner.caching.views, trainer.epochs), store: views.recorder, boundary: outputs,
          layers: Array(outputs.indices))
      }
      guard let kept else { return StreamedPictures(pictures, supply, varies: false) }
      return KeptPictures(
        pictures, views: nil, store: kept.recorder, boundary: outputs, layers: Array(outputs.indices))
    }
    return (
      source(training, varies: isAugmented),
      validation.items.isEmpty ? nil : source(validation, varies: false)
    )
  }

  private func plan(from state: TrainingState?) throws -> FineTuningPlan {
    let keys = try trainer.trainable.orderedKeys(in: network.graph)
    let trained = keys.reduce(0) { $0 + (network.parameters[$1]?.count ?? 0) }
    let steps = max((training.items.count + trainer.batchSize - 1) / max(trainer.batchSize, 1), 1)
    return FineTuningPlan(
      trainedParameters: trained, frozenParameters: network.graph.parameterCount - trained,
      boundary: outputs.map { ($0.name, $0.shape) }, trainsFromInput: trainsFromInput,
      trainingCount: training.items.count, validationCount: validation.items.count,
      trainingStorage: isAugmented ? views?.storage : kept?.storage,
      validationStorage: isAugmented ? kept?.storage : nil, extractSeconds: extractSeconds,
      extractedCount: extracted, linear: linear,
      resumed: state.map { ($0.step / steps, $0.step % steps) })
  }

  private func checkpointFacts() throws -> [String: String] {
    guard let linear else { return [:] }
    return [Self.linearFacts: try linear.json()]
  }

  /// The model of the best epoch of a state.
  private func model(of state: TrainingState) throws -> ImageClassifier {
    let keys = try TrainingRun.stateKeys(of: network.graph, trainer)
    let network = try network.replacing(keys, with: state.best ?? state.weights)
    var facts: ModelFacts
    if let headed {
      facts = ModelFacts(
        architecture: pretrained.name, preprocessing: pretrained.preprocessing,
        inputSize: pretrained.inputSize, classes: labels, weights: pretrained.source.lasting,
        weightsDigest: pretrained.digest, layer: headed.trunkEnd, pooling: .avg)
    } else {
      facts = try ImageClassifier(pretrained).facts
    }
    facts.training = try description(of: state)
    facts.history = state.history
    return ImageClassifier(
      network: network, classes: labels, preprocessing: pretrained.preprocessing,
      summary: pretrained.summary, warnings: pretrained.warnings, facts: facts,
      plan: try InferencePlan(network))
  }

  /// How the model was trained, in JSON: the same text for equal runs.
  private func description(of state: TrainingState) throws -> String {
    struct Description: Encodable {
      let options: [String: String]
      let bestEpoch: Int?
      let head: LinearClassifier.Training?
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let text = try encoder.encode(
      Description(
        options: trainer.optionTexts(for: network.graph), bestEpoch: state.history.best?.number, head: linear)
    )
    return String(decoding: text, as: UTF8.self)
  }
}
