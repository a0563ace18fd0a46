/// How well a model does that says of each of several labels whether it holds.
///
/// The figures are those of scikit-learn: `precision_recall_fscore_support` with `zero_division=0`, `f1_score` with
/// `average="micro"` and `"macro"`, `accuracy_score` of whole rows, `average_precision_score` a label. Of a label that
/// no picture has there is no average precision, and it is left out of the mean.
public struct MultiLabelEvaluation: Hashable, Sendable {
  /// How well one label is recognised.
  public struct LabelScore: Hashable, Sendable {
    /// The label.
    public let label: String
    /// From which probability on the label was given.
    public let threshold: Double
    /// The share of pictures with this label among those that were given it; 0 where none was.
    public let precision: Double
    /// The share of this label's pictures that were given it; 0 where there are none.
    public let recall: Double
    /// The harmonic mean of precision and recall; 0 where both are.
    public let f1: Double
    /// The mean of the precision over the pictures that have the label, each with those that are thought likelier or as
    /// likely; nil where no picture has it. No threshold has a say in it.
    public let averagePrecision: Double?
    /// The number of pictures that have the label.
    public let support: Int
  }

  /// The labels of the model.
  public let labels: Labels
  /// The number of pictures judged.
  public let count: Int
  /// Pictures that could not be judged.
  public let skipped: [SkippedPicture]
  /// The figures of each label, in the order of the labels.
  public let perLabel: [LabelScore]
  /// The mean of the labels' average precisions (mAP), from 0 to 1; 0 where no picture has any label.
  public let meanAveragePrecision: Double
  /// F1 over all yes and no together, from 0 to 1.
  public let microF1: Double
  /// The mean of the labels' F1, each label counting the same, those without pictures too.
  public let macroF1: Double
  /// The share of pictures with all labels right, from 0 to 1; 0 for no pictures.
  public let exactMatch: Double

  /// Compares probabilities with the truth.
  ///
  /// - Parameters:
  ///   - probabilities: row by row, one value from 0 to 1 for each label.
  ///   - truth: of each row the labels that hold, as indices.
  ///   - labels: the labels of the model.
  ///   - thresholds: from which probability on each label is given; one a label.
  ///   - skipped: pictures that could not be judged, to be carried along.
  /// - Precondition: there are `truth.count * labels.count` probabilities, a threshold a label, and the indices exist.
  public init(
    probabilities: [Float], truth: [[Int]], labels: Labels, thresholds: [Float],
    skipped: [SkippedPicture] = []
  ) {
    let width = labels.count
    precondition(
      probabilities.count == truth.count * width && thresholds.count == width,
      "\(probabilities.count) probabilities and \(thresholds.count) thresholds for \(truth.count) rows of \(width)"
    )
    var tally = MultiLabelTally(width: width)
    for (row, own) in truth.enumerated() {
      tally.add(
        probabilities[row * width..<(row + 1) * width], has: Set(own), thresholds: thresholds)
    }
    self.labels = labels
    self.skipped = skipped
    count = truth.count
    perLabel = (0..<width).map { label in
      LabelScore(
        label: labels[label], threshold: Double(thresholds[label]), precision: tally.precision(label),
        recall: tally.recall(label), f1: tally.f1(label),
        averagePrecision: averagePrecision(
          (0..<truth.count).map { (probabilities[$0 * width + label], truth[$0].contains(label)) }),
        support: tally.support[label])
    }
    let precisions = perLabel.compactMap(\.averagePrecision)
    meanAveragePrecision = precisions.isEmpty ? 0 : precisions.reduce(0, +) / Double(precisions.count)
    microF1 = tally.microF1
    macroF1 = perLabel.reduce(0) { $0 + $1.f1 } / Double(width)
    exactMatch = truth.isEmpty ? 0 : Double(tally.exact) / Double(truth.count)
  }
}

/// What one walk over the rows counts.
private struct MultiLabelTally {
  /// Pictures with each label, given it, and both.
  var support: [Int]
  var given: [Int]
  var right: [Int]
  /// Pictures with all labels right.
  var exact = 0

  init(width: Int) {
    support = [Int](repeating: 0, count: width)
    (given, right) = (support, support)
  }

  mutating func add(_ row: ArraySlice<Float>, has truth: Set<Int>, thresholds: [Float]) {
    var isExact = true
    for (label, probability) in row.enumerated() {
      // Written so that what is not a number is not given.
      let (says, holds) = (probability >= thresholds[label], truth.contains(label))
      support[label] += holds ? 1 : 0
      given[label] += says ? 1 : 0
      right[label] += says && holds ? 1 : 0
      isExact = isExact && says == holds
    }
    exact += isExact ? 1 : 0
  }

  func precision(_ label: Int) -> Double {
    given[label] == 0 ? 0 : Double(right[label]) / Double(given[label])
  }

  func recall(_ label: Int) -> Double {
    support[label] == 0 ? 0 : Double(right[label]) / Double(support[label])
  }

  func f1(_ label: Int) -> Double {
    let sum = given[label] + support[label]
    return sum == 0 ? 0 : 2 * Double(right[label]) / Double(sum)
  }

  var microF1: Double {
    let sum = given.reduce(0, +) + support.reduce(0, +)
    return sum == 0 ? 0 : 2 * Double(right.reduce(0, +)) / Double(sum)
  }
}

/// The sum over falling scores of (recall - recall before) x precision, equal scores taken together:
/// `sklearn.metrics.average_precision_score`. A score that is not a number ranks last.
private func averagePrecision(_ rows: [(score: Float, holds: Bool)]) -> Double? {
  let support = rows.count(where: \.holds)
  guard support > 0 else { return nil }
  let ranked = rows.map { (score: $0.score.isNaN ? -Float.infinity : $0.score, holds: $0.holds) }
    .sorted { $0.score > $1.score }
  var (sum, right, seen, place) = (0.0, 0, 0, 0)
  while place < ranked.count {
    let before = right
    let score = ranked[place].score
    while place < ranked.count, ranked[place].score == score {
      right += ranked[place].holds ? 1 : 0
      place += 1
    }
    seen = place
    sum += Double(right - before) / Double(support) * (Double(right) / Double(seen))
  }
  return sum
}
