internal import Foundation
internal import GraftSupport

/// How well the probability of one class tells its pictures from all others, whatever the threshold.
///
/// The figures are those of scikit-learn's `roc_curve`, `roc_auc_score`, `precision_recall_curve` (both with
/// `drop_intermediate=True`) and `average_precision_score`, one class against the rest. Where a class has no pictures, or
/// all pictures are of it, scikit-learn warns and gives a figure that means nothing; here areas are then not a number.
public struct RankingCurves: Hashable, Sendable {
  /// A place on a curve.
  public struct Point: Hashable, Sendable {
    /// The false positive rate of a ROC curve; the recall of a precision-recall curve.
    public let x: Double
    /// The true positive rate of a ROC curve; the precision of a precision-recall curve.
    public let y: Double
    /// Pictures with at least this probability are taken for the class; infinite where none is.
    public let threshold: Double
  }

  /// The name of the class.
  public let label: String
  /// The receiver operating characteristic, from (0, 0) to (1, 1); empty where it is not defined.
  public let roc: [Point]
  /// The area under it by trapezoids, 0.5 for guesses; not a number where it is not defined.
  public let rocArea: Double
  /// Precision over recall, from recall 1 down to (0, 1); empty where it is not defined.
  public let precisionRecall: [Point]
  /// The average precision: the sum over thresholds of precision times the recall gained; not a number where it is not
  /// defined.
  public let averagePrecision: Double

  /// Ranks pictures by a score.
  ///
  /// - Parameters:
  ///   - label: the name of the class.
  ///   - scores: how likely the class was said to be, for each picture.
  ///   - isPositive: whether the picture is of the class.
  /// - Precondition: there are as many scores as pictures.
  public init(label: String, scores: [Float], isPositive: [Bool]) {
    precondition(scores.count == isPositive.count, "\(scores.count) scores for \(isPositive.count) pictures")
    self.label = label
    let positives = isPositive.count { $0 }
    guard positives > 0, !scores.contains(where: \.isNaN) else {
      (roc, rocArea, precisionRecall, averagePrecision) = ([], .nan, [], .nan)
      return
    }
    let steps = Self.steps(scores, isPositive)
    (precisionRecall, averagePrecision) = Self.precisionRecall(steps, positives: positives)
    if positives < scores.count {
      (roc, rocArea) = Self.roc(steps, positives: positives, negatives: scores.count - positives)
    } else {
      (roc, rocArea) = ([], .nan)
    }
  }

  /// The curves of every class, in the order of the classes.
  public static func ofClasses(_ judged: JudgedPictures) -> [RankingCurves] {
    var curves = [RankingCurves?](repeating: nil, count: judged.classes.count)
    curves.withUnsafeMutableBufferPointer { buffer in
      // Each call writes its own element.
      ThreadPool.shared.forEach(buffer.count) { index in
        buffer[index] = RankingCurves(
          label: judged.classes[index],
          scores: (0..<judged.count).map { judged.probability(row: $0, of: index) },
          isPositive: judged.truth.map { $0 == index })
      }
    }
    return curves.compactMap(\.self)
  }

  /// A threshold, and how many pictures of the class and of others have at least that score.
  private struct Step {
    var threshold: Float
    var hits: Int
    var falseAlarms: Int
  }

  /// A step for each distinct score, from the highest down.
  private static func steps(_ scores: [Float], _ isPositive: [Bool]) -> [Step] {
    let order = scores.indices.sorted { scores[$0] > scores[$1] }
    var steps: [Step] = []
    var (hits, falseAlarms) = (0, 0)
    for (position, row) in order.enumerated() {
      if isPositive[row] { hits += 1 } else { falseAlarms += 1 }
      if position == order.count - 1 || scores[order[position + 1]] != scores[row] {
        steps.append(Step(threshold: scores[row], hits: hits, falseAlarms: falseAlarms))
      }
    }
    return steps
  }

  private static func roc(_ steps: [Step], positives: Int, negatives: Int) -> ([Point], Double) {
    var area = 0.0
    var last = Step(threshold: .infinity, hits: 0, falseAlarms: 0)
    for step in steps {
      area += Double(step.falseAlarms - last.falseAlarms) * Double(step.hits + last.hits) / 2
      last = step
    }
    // A step on the straight line between its neighbours is no corner.
    let corners = steps.indices.filter { index in
      guard index > 0, index < steps.count - 1 else { return true }
      let (before, here, after) = (steps[index - 1], steps[index], steps[index + 1])
      return after.hits - here.hits != here.hits - before.hits
        || after.falseAlarms - here.falseAlarms != here.falseAlarms - before.falseAlarms
    }
    let points =
      [Point(x: 0, y: 0, threshold: .infinity)]
      + corners.map {
        Point(
          x: Double(steps[$0].falseAlarms) / Double(negatives), y: Double(steps[$0].hits) / Double(positives),
          threshold: Double(steps[$0].threshold))
      }
    return (points, area / Double(positives) / Double(negatives))
  }

  private static func precisionRecall(_ steps: [Step], positives: Int) -> ([Point], Double) {
    var area = 0.0
    var hits = 0
    for step in steps {
      area += Double(step.hits - hits) * Double(step.hits) / Double(step.hits + step.falseAlarms)
      hits = step.hits
    }
    // Of steps that gain no hit, only the first and the last of a run are corners.
    let corners = steps.indices.filter { index in
      guard index > 0, index < steps.count - 1 else { return true }
      return steps[index].hits != steps[index - 1].hits || steps[index + 1].hits != steps[index].hits
    }
    let points =
      corners.reversed().map {
        Point(
          x: Double(steps[$0].hits) / Double(positives),
          y: Double(steps[$0].hits) / Double(steps[$0].hits + steps[$0].falseAlarms),
          threshold: Double(steps[$0].threshold))
      } + [Point(x: 0, y: 1, threshold: .infinity)]
    return (points, area / Double(positives))
  }
}

extension Sequence<RankingCurves> {
  /// The mean of the areas under the ROC curves of the classes that have one; not a number where none has.
  public var macroROCArea: Double { Self.mean(map(\.rocArea)) }

  /// The mean of the average precisions of the classes that have one; not a number where none has.
  public var macroAveragePrecision: Double { Self.mean(map(\.averagePrecision)) }

  private static func mean(_ values: [Double]) -> Double {
    let defined = values.filter { !$0.isNaN }
    return defined.reduce(0, +) / Double(defined.count)
  }
}

extension RankingCurves: Encodable {
  private enum CodingKeys: String, CodingKey {
    case label = "class"
    case rocArea
    case averagePrecision
    case roc
    case precisionRecall
  }

  private enum CurveKeys: String, CodingKey {
    case falsePositiveRate
    case truePositiveRate
    case recall
    case precision
    case threshold
  }

  /// Writes areas, and curves as lists of equal length; what is not a number or infinite is null.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(label, forKey: .label)
    try values.encode(rocArea.isFinite ? rocArea : nil, forKey: .rocArea)
    try values.encode(averagePrecision.isFinite ? averagePrecision : nil, forKey: .averagePrecision)
    for (key, points, x, y) in [
      (CodingKeys.roc, roc, CurveKeys.falsePositiveRate, CurveKeys.truePositiveRate),
      (.precisionRecall, precisionRecall, .recall, .precision),
    ] {
      var curve = values.nestedContainer(keyedBy: CurveKeys.self, forKey: key)
      try curve.encode(points.map(\.x), forKey: x)
      try curve.encode(points.map(\.y), forKey: y)
      try curve.encode(points.map { $0.threshold.isFinite ? $0.threshold : nil }, forKey: .threshold)
    }
  }
}
