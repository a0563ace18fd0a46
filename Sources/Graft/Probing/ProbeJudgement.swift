internal import GraftData
internal import GraftFeatures
internal import GraftGraph
internal import GraftImage
internal import GraftLinear

/// From held-out predictions of every layer to what they mean.
struct ProbeJudgement {
  private let layers: [ProbedLayer]
  private let table: FeatureTable
  private let keys: [String]
  private let graph: Graph
  private let statistics: ProbeStatistics
  private let selection: StageSelection
  /// Of each layer, 1 for each row that is right.
  private let hits: [[Double]]
  /// What classifiers on all training pictures say of the data set's held-out ones, with the class of each.
  private let validation: (pool: LogarithmicPool, truth: [Int])?

  init(layers: [ProbedLayer], table: FeatureTable, keys: [String], graph: Graph) {
    self.layers = layers
    self.table = table
    self.keys = keys
    self.graph = graph
    // All layers have the same folds.
    let (rows, folds) = (layers[0].heldOut.rows, layers[0].heldOut.folds)
    let statistics = ProbeStatistics(
      truth: rows.map { table.classIndices?[$0] ?? 0 }, keys: rows.map { keys[$0] },
      classes: table.labels?.count ?? 0)
    self.statistics = statistics
    selection = StageSelection(
      predictions: layers.map(\.heldOut.probabilities), folds: folds, statistics: statistics)
    hits = layers.map { statistics.hits($0.heldOut.probabilities) }
    let known = layers.compactMap(\.validation)
    if let truth = known.first?.truth, known.count == layers.count, !truth.isEmpty {
      // A class that is not known to the classifiers is never the right one; the pool needs some class.
      let pool = LogarithmicPool(
        logarithms: known.map(\.logarithms), truth: truth.map { max($0, 0) }, classes: statistics.classes)
      validation = (pool, truth)
    } else {
      validation = nil
    }
  }

  func result(
    probe: Probe, network: String, pictures: DividedPictures, used: ImageFolder, skipped: [SkippedPicture],
    mixedAccuracy: Double
  ) throws -> ProbeResult {
    let (single, several) = (selection.single, selection.ensemble)
    let (bestLayer, ensemble) = (self.ensemble(single), self.ensemble(several))
    let scored = layers.indices.map { index in
      ProbeResult.Layer(
        point: layers[index].point, width: layers[index].width, l2: layers[index].heldOut.path.l2,
        trainingAccuracy: layers[index].trainingAccuracy,
        score: score(
          layers[index].heldOut.probabilities, weights: layers.indices.map { $0 == index ? 1 : 0 }))
    }
    var counts = [Int](repeating: 0, count: table.labels?.count ?? 0)
    for label in table.classIndices ?? [] { counts[label] += 1 }
    let advice = ProbeAdvice(
      layers: scored, best: bestLayer, ensemble: ensemble,
      ensembleOverBest: ProbeDifference(
        statistics.hits(several.heldOut), over: statistics.hits(single.heldOut), statistics),
      plateau: plateau(single.members[0]), picturesPerClass: counts.sorted()[counts.count / 2], graph: graph)
    return ProbeResult(
      network: network, labels: try table.labels ?? Labels(["?"]), classCounts: counts,
      trainingCount: pictures.training.items.count, validationCount: pictures.validation?.items.count ?? 0,
      division: pictures.division, folds: layers[0].heldOut.path.folds,
      groups: probe.groups > 0 ? Set(keys).count : nil, mixedAccuracy: mixedAccuracy, layers: scored,
      bestLayer: bestLayer, ensemble: ensemble, recommendations: advice.recommendations, skipped: skipped)
  }

  /// The first layer that is no worse than the best one beyond noise: what comes after it adds nothing.
  private func plateau(_ best: Int) -> Int {
    layers.indices.first { index in
      !ProbeDifference(hits[best], over: hits[index], statistics).isBeyondNoise
    } ?? best
  }

  private func ensemble(_ choice: StageSelection.Choice) -> ProbeResult.Ensemble {
    let members = choice.members
    return ProbeResult.Ensemble(
      members: members, weights: members.map { choice.weights[$0] },
      score: score(choice.heldOut, weights: choice.weights),
      overLast: ProbeDifference(
        statistics.hits(choice.heldOut), over: hits[layers.count - 1], statistics))
  }

  private func score(_ probabilities: [Double], weights: [Double]) -> ProbeResult.Score {
    let hits = statistics.hits(probabilities)
    return ProbeResult.Score(
      accuracy: ProbeStatistics.mean(hits), interval: statistics.interval(hits),
      logLoss: ProbeStatistics.mean(statistics.losses(probabilities)),
      validationAccuracy: validationAccuracy(weights))
  }

  /// The share of the data set's held-out pictures that weighted classifiers on all training pictures get right.
  private func validationAccuracy(_ weights: [Double]) -> Double? {
    guard let (pool, truth) = validation else { return nil }
    let found = pool.probabilities(weights, rows: Array(truth.indices))
    return ProbeStatistics.mean(
      ProbeStatistics.hits(found, truth: truth, classes: statistics.classes))
  }
}
