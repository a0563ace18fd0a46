/// How well a classifier does on pictures whose classes are known.
///
/// The figures are those of scikit-learn: `accuracy_score`, `top_k_accuracy_score`,
/// `precision_recall_fscore_support` with `zero_division=0` over all of the model's classes, `confusion_matrix`,
/// `log_loss` of 32-bit probabilities, `brier_score_loss` with `scale_by_half=False` and `calibration_curve`. Equally likely classes rank by their index, the lower first (where
/// scikit-learn's top-k ranks the higher first), and a probability that is not a number ranks last.
public struct Evaluation: Hashable, Sendable {
  /// How well one class is recognised.
  public struct ClassScore: Hashable, Sendable, Codable {
    /// The name of the class.
    public let label: String
    /// The share of pictures of this class among those that were given it; 0 where none was.
    public let precision: Double
    /// The share of this class's pictures that were given it; 0 where there are none.
    public let recall: Double
    /// The harmonic mean of precision and recall; 0 where both are.
    public let f1: Double
    /// The number of pictures that are of this class.
    public let support: Int

    private enum CodingKeys: String, CodingKey {
      case label = "class"
      case precision
      case recall
      case f1
      case support
    }

    /// The figures of one class.
    public init(label: String, precision: Double, recall: Double, f1: Double, support: Int) {
      self.label = label
      self.precision = precision
      self.recall = recall
      self.f1 = f1
      self.support = support
    }
  }

  /// Means over classes.
  public struct Average: Hashable, Sendable, Codable {
    /// The mean precision.
    public let precision: Double
    /// The mean recall.
    public let recall: Double
    /// The mean of F1.
    public let f1: Double

    init(_ scores: [ClassScore], weights: [Double]) {
      let total = weights.reduce(0, +)
      func mean(_ value: (ClassScore) -> Double) -> Double {
        total > 0 ? zip(scores, weights).reduce(0) { $0 + $1.1 * value($1.0) } / total : 0
      }
      precision = mean(\.precision)
      recall = mean(\.recall)
      f1 = mean(\.f1)
    }
  }

  /// A picture that was given a wrong class.
  public struct Mistake: Hashable, Sendable {
    /// The picture's row among those judged.
    public let row: Int
    /// The picture's file; nil where the rows have no names.
    public let path: String?
    /// The class that the picture is of.
    public let label: String
    /// The class that it was given.
    public let predicted: String
    /// How likely the given class was said to be, from 0 to 1.
    public let probability: Float
    /// How likely the right class was said to be, from 0 to 1.
    public let labelProbability: Float

    /// A picture that was given a wrong class.
    public init(
      row: Int, path: String?, label: String, predicted: String, probability: Float, labelProbability: Float
    ) {
      self.row = row
      self.path = path
      self.label = label
      self.predicted = predicted
      self.probability = probability
      self.labelProbability = labelProbability
    }
  }

  /// How many guesses `topAccuracy` allows where there are so many classes.
  public static let guesses = 5

  /// The classes of the model.
  public let classes: Labels
  /// The number of pictures judged.
  public let count: Int
  /// Pictures that could not be judged.
  public let skipped: [SkippedPicture]
  /// The share of pictures whose likeliest class is the right one, from 0 to 1; not a number for no pictures.
  public let accuracy: Double
  /// How many guesses `topAccuracy` allows: 5, or the number of classes where there are fewer.
  public let topCount: Int
  /// The share of pictures whose right class is among the `topCount` likeliest, from 0 to 1; not a number for no
  /// pictures.
  public let topAccuracy: Double
  /// The mean of -ln of the probability given to the right class, each limited to 2^-23 ... 1 - 2^-23; not a
  /// number for no pictures.
  public let logLoss: Double
  /// The Brier score: the mean over pictures of the sum over classes of the squared difference between probability and
  /// truth (1 for the right class, 0 for others), from 0 to 2; not a number for no pictures.
  public let brier: Double
  /// Whether probabilities mean what they say.
  public let reliability: Reliability
  /// The figures of each class, in the order of the classes.
  public let perClass: [ClassScore]
  /// How many pictures of each class (outer) were given each class (inner).
  public let confusion: [[Int]]
  /// The pictures that were given a wrong class, those whose right class was thought least likely first; at most
  /// as many as were asked for.
  public let worstMistakes: [Mistake]

  /// Computes the figures.
  ///
  /// - Parameters:
  ///   - judged: what was said about the pictures.
  ///   - mistakeLimit: how many mistakes to keep.
  public init(_ judged: JudgedPictures, mistakeLimit: Int = 20) {
    let outcomes = judged.outcomes
    let width = judged.classes.count
    let count = Double(outcomes.count)
    var confusion = [[Int]](repeating: [Int](repeating: 0, count: width), count: width)
    for outcome in outcomes { confusion[outcome.label][outcome.predicted] += 1 }
    let top = min(Self.guesses, width)
    self.init(
      classes: judged.classes, count: outcomes.count, skipped: judged.skipped,
      accuracy: Double(outcomes.count { $0.isRight }) / count, topCount: top,
      topAccuracy: Double(outcomes.count { $0.rank < top }) / count,
      logLoss: outcomes.reduce(0) { $0 + $1.loss } / count,
      brier: outcomes.reduce(0) { $0 + $1.squaredError } / count,
      reliability: Reliability(
        confidences: outcomes.map { Double($0.probability) }, isRight: outcomes.map(\.isRight)),
      perClass: Self.scores(confusion: confusion, classes: judged.classes), confusion: confusion,
      worstMistakes: Self.worst(outcomes).prefix(max(mistakeLimit, 0)).map {
        judged.mistake(row: $0, outcomes[$0])
      })
  }

  /// Compares probabilities with the truth; see `JudgedPictures`.
  ///
  /// - Precondition: as for `JudgedPictures`.
  public init(
    probabilities: some RandomAccessCollection<Float>, truth: [Int], classes: Labels, paths: [String]? = nil,
    skipped: [SkippedPicture] = [], mistakeLimit: Int = 20
  ) {
    self.init(
      JudgedPictures(
        probabilities: probabilities, truth: truth, classes: classes, paths: paths, skipped: skipped),
      mistakeLimit: mistakeLimit)
  }

  /// Compares probabilities with a truth whose classes are some of the model's, perhaps in another order; see
  /// `JudgedPictures`.
  ///
  /// - Throws: `DataError` with the code `.unknownClass` when a row is of a class that the model does not know.
  /// - Precondition: as for `JudgedPictures`.
  public init(
    probabilities: some RandomAccessCollection<Float>, truth: [Int], labels: Labels, classes: Labels,
    paths: [String]? = nil, skipped: [SkippedPicture] = [], mistakeLimit: Int = 20
  ) throws {
    self.init(
      try JudgedPictures(
        probabilities: probabilities, truth: truth, labels: labels, classes: classes, paths: paths,
        skipped: skipped), mistakeLimit: mistakeLimit)
  }

  init(
    classes: Labels, count: Int, skipped: [SkippedPicture], accuracy: Double, topCount: Int,
    topAccuracy: Double, logLoss: Double, brier: Double, reliability: Reliability, perClass: [ClassScore],
    confusion: [[Int]], worstMistakes: [Mistake]
  ) {
    self.classes = classes
    self.count = count
    self.skipped = skipped
    self.accuracy = accuracy
    self.topCount = topCount
    self.topAccuracy = topAccuracy
    self.logLoss = logLoss
    self.brier = brier
    self.reliability = reliability
    self.perClass = perClass
    self.confusion = confusion
    self.worstMistakes = worstMistakes
  }

  /// The number of pictures whose likeliest class is the right one.
  public var correct: Int { confusion.indices.reduce(0) { $0 + confusion[$1][$1] } }

  /// The mean of the classes' F1, each class counting the same, those without pictures too.
  public var macroF1: Double { macro.f1 }

  /// The means over classes, each counting the same, those without pictures too.
  public var macro: Average { Average(perClass, weights: [Double](repeating: 1, count: perClass.count)) }

  /// The means over classes, each counting as often as it has pictures; 0 for no pictures.
  public var weighted: Average { Average(perClass, weights: perClass.map { Double($0.support) }) }

  /// The mean of the recall of the classes that have pictures, each counting the same; not a number for no
  /// pictures.
  public var balancedAccuracy: Double {
    let present = perClass.filter { $0.support > 0 }
    return present.reduce(0) { $0 + $1.recall } / Double(present.count)
  }

  /// The classes of the model of which there was no picture.
  public var absentClasses: [String] { perClass.filter { $0.support == 0 }.map(\.label) }

  private static func scores(confusion: [[Int]], classes: Labels) -> [ClassScore] {
    let given = (0..<classes.count).map { index in confusion.reduce(0) { $0 + $1[index] } }
    return (0..<classes.count).map { index in
      let support = confusion[index].reduce(0, +)
      let right = confusion[index][index]
      return ClassScore(
        label: classes[index],
        precision: given[index] == 0 ? 0 : Double(right) / Double(given[index]),
        recall: support == 0 ? 0 : Double(right) / Double(support),
        f1: given[index] + support == 0 ? 0 : 2 * Double(right) / Double(given[index] + support),
        support: support)
    }
  }

  /// The rows that were given a wrong class: those whose right class was thought least likely first; among equals those
  /// whose given class was thought likeliest, then by row.
  private static func worst(_ outcomes: [PictureOutcome]) -> [Int] {
    outcomes.indices.filter { !outcomes[$0].isRight }.sorted { first, second in
      let (a, b) = (outcomes[first], outcomes[second])
      if a.labelProbability != b.labelProbability {
        return Prediction.precedes(b.labelProbability, 1, a.labelProbability, 0)
      }
      return a.probability == b.probability ? first < second : a.probability > b.probability
    }
  }
}
