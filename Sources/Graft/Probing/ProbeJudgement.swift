internal import GraftData
internal import GraftFeatures
internal import GraftGraph
internal import GraftImage

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

  init(layers: [ProbedLayer], table: FeatureTable, keys: [String], ensembleLimit: Int, graph: Graph) {
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
      predictions: layers.map(\.heldOut.probabilities), folds: folds, statistics: statistics,
      mostMembers: ensembleLimit)
    hits = layers.map { statistics.hits($0.heldOut.probabilities) }
  }

  func result(
    probe: Probe, network: String, pictures: DividedPictures, used: ImageFolder, skipped: [SkippedPicture],
    mixedAccuracy: Double
  ) throws -> ProbeResult {
    let last = layers.count - 1
    let (best, members) = (selection.single(), selection.ensemble())
    let chosen = (
      best: selection.heldOut { [selection.single(excluding: $0)] },
      ensemble: selection.heldOut { selection.ensemble(excluding: $0) }
    )
    let (bestHits, ensembleHits) = (statistics.hits(chosen.best), statistics.hits(chosen.ensemble))
    let bestLayer = ProbeResult.Ensemble(
      members: [best], score: score(chosen.best, of: [best]),
      overLast: ProbeDifference(bestHits, over: hits[last], statistics))
    let ensemble = ProbeResult.Ensemble(
      members: members, score: score(chosen.ensemble, of: members),
      overLast: ProbeDifference(ensembleHits, over: hits[last], statistics))
    let scored = layers.indices.map { index in
      ProbeResult.Layer(
        point: layers[index].point, width: layers[index].width, l2: layers[index].heldOut.path.l2,
        trainingAccuracy: layers[index].trainingAccuracy,
        score: score(layers[index].heldOut.probabilities, of: [index]))
    }
    var counts = [Int](repeating: 0, count: table.labels?.count ?? 0)
    for label in table.classIndices ?? [] { counts[label] += 1 }
    let advice = ProbeAdvice(
      layers: scored, best: bestLayer, ensemble: ensemble,
      ensembleOverBest: ProbeDifference(ensembleHits, over: bestHits, statistics),
      plateau: plateau(best), picturesPerClass: counts.sorted()[counts.count / 2], graph: graph)
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

  private func score(_ probabilities: [Double], of members: [Int]) -> ProbeResult.Score {
    let hits = statistics.hits(probabilities)
    return ProbeResult.Score(
      accuracy: ProbeStatistics.mean(hits), interval: statistics.interval(hits),
      logLoss: ProbeStatistics.mean(statistics.losses(probabilities)),
      validationAccuracy: validationAccuracy(of: members))
  }

  /// The share of the data set's held-out pictures that the averaged classifiers get right.
  private func validationAccuracy(of members: [Int]) -> Double? {
    let known = members.compactMap { layers[$0].validation }
    guard known.count == members.count, let truth = known.first?.truth, !truth.isEmpty else { return nil }
    let classes = statistics.classes
    var right = 0
    for (row, label) in truth.enumerated() {
      let sums = (0..<classes).map { place in
        known.reduce(0) { $0 + $1.probabilities[row * classes + place] }
      }
      if sums.firstIndex(of: sums.max() ?? 0) == label { right += 1 }
    }
    return Double(right) / Double(truth.count)
  }
}
