internal import Foundation
internal import GraftGraph

/// From figures to what to do, with the reasons.
///
/// One standard error decides between linear classifiers (Breiman et al., 1984): the last layer, unless an earlier one or
/// an ensemble does better in cross-validation by more than the standard error of the difference. What to freeze follows
/// from where the curve over depth levels off and from how many pictures there are: with few, little may train; where
/// late layers add nothing, they are what has to change (Yosinski et al., 2014, arXiv 1411.1792: late layers are specific
/// to the task that they were trained on).
struct ProbeAdvice {
  let layers: [ProbeResult.Layer]
  let best: ProbeResult.Ensemble
  let ensemble: ProbeResult.Ensemble
  let ensembleOverBest: ProbeDifference
  /// The first layer that is no worse than the best beyond noise.
  let plateau: Int
  /// The median over the classes.
  let picturesPerClass: Int
  let graph: Graph

  /// Fewer pictures of a class are few: only the last quarter of the network may train.
  private static let few = 20
  /// From here on anything may train; between, the second half.
  private static let many = 100
  /// An accuracy of which nothing is left to gain.
  private static let enough = 0.99

  var recommendations: [Recommendation] { [linear, fineTuning] }

  private var last: Int { layers.count - 1 }

  // MARK: Linear classifiers

  private var linear: Recommendation {
    let earlierIsBetter = best.members[0] != last && best.overLast.isBeyondNoise
    let overChosen = earlierIsBetter ? ensembleOverBest : ensemble.overLast
    if ensemble.members.count > 1, overChosen.isBeyondNoise, ensemble.overLast.isBeyondNoise {
      return recommendation(
        .ensemble, ensemble.members, weights: ensemble.weights, evidence: ensembleEvidence)
    }
    if earlierIsBetter { return recommendation(.earlierLayer, best.members, evidence: earlierEvidence) }
    return recommendation(.lastLayer, [last], evidence: lastEvidence)
  }

  private func recommendation(
    _ kind: Recommendation.Kind, _ members: [Int], weights: [Double] = [], evidence: [String]
  ) -> Recommendation {
    Recommendation(
      kind: kind, layers: members.map { layers[$0].point.layer }, strengths: members.map { layers[$0].l2 },
      weights: weights, frozenThrough: nil, unfreezeFrom: nil, learningRate: nil, evidence: evidence)
  }

  private var ensembleEvidence: [String] {
    [
      "\(Self.percent(ensemble.score.accuracy)) of held-out training pictures are right, "
        + "\(Self.points(ensemble.overLast)) over the last layer, beyond noise",
      best.members[0] == last
        ? "no single layer does better than the last"
        : "the best single layer, \(name(best.members[0])), reaches \(Self.percent(best.score.accuracy)); the ensemble is "
          + "\(Self.points(ensembleOverBest)) over it",
    ]
  }

  private var earlierEvidence: [String] {
    [
      "\(Self.percent(best.score.accuracy)) of held-out training pictures are right, \(Self.points(best.overLast)) over "
        + "the last layer, beyond noise: what comes after \(name(best.members[0])) is too special for these pictures",
      ensemble.members.count > 1
        ? Self.compared("an ensemble of \(ensemble.members.count) layers", ensembleOverBest)
        : "no second layer makes it better",
    ]
  }

  private var lastEvidence: [String] {
    [
      "\(Self.percent(layers[last].score.accuracy)) of held-out training pictures are right "
        + "(\(Self.range(layers[last].score.interval)))",
      best.members[0] == last
        ? "no earlier layer does better"
        : Self.compared("the best earlier layer, \(name(best.members[0])),", best.overLast),
      ensemble.members.count > 1
        ? Self.compared("an ensemble of \(ensemble.members.count) layers", ensemble.overLast)
        : "no second layer makes it better",
    ]
  }

  /// How something does that is not recommended.
  private static func compared(_ what: String, _ difference: ProbeDifference) -> String {
    difference.accuracy <= 0
      ? "\(what) does no better (\(points(difference)))"
      : "\(what) is \(points(difference)) over it" + (difference.isBeyondNoise ? "" : ", within noise")
  }

  // MARK: Fine-tuning

  /// The position among the layers of the last that stays as it is; nil where everything may train.
  private var frozen: Int? {
    let least =
      picturesPerClass < Self.few ? layers.count * 3 / 4 : picturesPerClass < Self.many ? layers.count / 2 : 0
    let place = min(max(plateau, least), last - 1)
    return place < 0 ? nil : place
  }

  /// Of AdamW. Where much has to change, a smaller one hardly moves from the start: Documentation/probe.md.
  private static let learningRate = 1e-4

  private var fineTuning: Recommendation {
    let name = frozen.map { layers[$0].point.layer }
    let next = name.flatMap { graph.index(of: $0) }.map { $0 + 1 }.flatMap { index in
      graph.nodes.indices.contains(index) ? graph.nodes[index].stage : nil
    }
    let startsStage = name.flatMap { graph.index(of: $0) }.map { index in
      next != nil && graph.nodes[...index].allSatisfy { $0.stage != next }
    }
    return Recommendation(
      kind: .fineTuning, layers: [layers[last].point.layer], strengths: [], weights: [], frozenThrough: name,
      unfreezeFrom: startsStage == true ? next : nil, learningRate: Self.learningRate,
      evidence: tuningEvidence)
  }

  private var tuningEvidence: [String] {
    let top = layers[last]
    let gained =
      plateau == last
      ? "accuracy rises up to the last layer"
      : "from \(name(plateau)) on, later layers add nothing beyond noise: they are what has to change"
    let size =
      picturesPerClass < Self.few
      ? "\(picturesPerClass) pictures a class are few: only the last quarter trains, and it may not help"
      : picturesPerClass < Self.many
        ? "\(picturesPerClass) pictures a class allow the second half to train at most"
        : "\(picturesPerClass) pictures a class are enough to train whatever helps"
    let room =
      max(top.score.interval.upperBound, ensemble.score.interval.upperBound) >= Self.enough
      ? "there may be nothing left to gain: the interval reaches \(Self.percent(Self.enough))"
      : "training pictures are right in \(Self.percent(top.trainingAccuracy)), held-out ones in "
        + Self.percent(top.score.accuracy)
    return [size, gained, room]
  }

  private func name(_ index: Int) -> String { layers[index].point.layer }

  private static func percent(_ share: Double) -> String { String(format: "%.1f %%", 100 * share) }

  private static func range(_ interval: ClosedRange<Double>) -> String {
    String(format: "%.1f to %.1f %%", 100 * interval.lowerBound, 100 * interval.upperBound)
  }

  private static func points(_ difference: ProbeDifference) -> String {
    String(format: "%+.1f ± %.1f points", 100 * difference.accuracy, 100 * difference.standardError)
  }
}
