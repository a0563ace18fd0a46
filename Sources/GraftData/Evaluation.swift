internal import Foundation

/// How well a classifier does on pictures whose classes are known.
///
/// The figures are those of scikit-learn: `accuracy_score`, `top_k_accuracy_score`,
/// `precision_recall_fscore_support` with `zero_division=0` over all of the model's classes, `confusion_matrix`
/// and `log_loss` of 32-bit probabilities. Equally likely classes rank by their index, the lower first (where
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
  /// The figures of each class, in the order of the classes.
  public let perClass: [ClassScore]
  /// How many pictures of each class (outer) were given each class (inner).
  public let confusion: [[Int]]
  /// The pictures that were given a wrong class, those whose right class was thought least likely first; at most
  /// as many as were asked for.
  public let worstMistakes: [Mistake]

  /// Compares probabilities with the truth.
  ///
  /// - Parameters:
  ///   - probabilities: row by row, one value from 0 to 1 for each class.
  ///   - truth: the index of each row's class.
  ///   - classes: the classes of the model.
  ///   - paths: the file of each row.
  ///   - skipped: pictures that could not be judged, to be carried along.
  ///   - mistakeLimit: how many mistakes to keep.
  /// - Precondition: there are `truth.count * classes.count` probabilities, the indices exist, and there are as
  ///   many paths as rows.
  public init(
    probabilities: some RandomAccessCollection<Float>, truth: [Int], classes: Labels, paths: [String]? = nil,
    skipped: [SkippedPicture] = [], mistakeLimit: Int = 20
  ) {
    let tally = EvaluationTally(
      probabilities: Array(probabilities), truth: truth, width: classes.count)
    precondition(
      paths == nil || paths?.count == truth.count, "\(paths?.count ?? 0) paths for \(truth.count) rows")
    self.init(
      classes: classes, count: truth.count, skipped: skipped,
      accuracy: Double(tally.hits) / Double(truth.count), topCount: tally.top,
      topAccuracy: Double(tally.topHits) / Double(truth.count),
      logLoss: tally.loss / Double(truth.count),
      perClass: Self.scores(confusion: tally.confusion, classes: classes), confusion: tally.confusion,
      worstMistakes: tally.worst(mistakeLimit).map { miss in
        Mistake(
          row: miss.row, path: paths?[miss.row], label: classes[truth[miss.row]],
          predicted: classes[miss.predicted], probability: miss.probability,
          labelProbability: miss.labelProbability)
      })
  }

  /// Compares probabilities with a truth whose classes are some of the model's, perhaps in another order: those of
  /// a folder of pictures. Classes are matched by name.
  ///
  /// - Parameters:
  ///   - probabilities: row by row, one value from 0 to 1 for each of the model's classes.
  ///   - truth: the index of each row's class, an index into `labels`.
  ///   - labels: the classes of the data.
  ///   - classes: the classes of the model.
  ///   - paths: the file of each row.
  ///   - skipped: pictures that could not be judged, to be carried along.
  ///   - mistakeLimit: how many mistakes to keep.
  /// - Throws: `DataError` with the code `.unknownClass` when a row is of a class that the model does not know.
  /// - Precondition: as for the other initializer.
  public init(
    probabilities: some RandomAccessCollection<Float>, truth: [Int], labels: Labels, classes: Labels,
    paths: [String]? = nil, skipped: [SkippedPicture] = [], mistakeLimit: Int = 20
  ) throws {
    for (row, label) in truth.enumerated() {
      precondition((0..<labels.count).contains(label), "row \(row) has class \(label) of \(labels.count)")
    }
    let places = try labels.indices(in: classes, used: Set(truth))
    self.init(
      probabilities: probabilities, truth: truth.compactMap { places[$0] }, classes: classes, paths: paths,
      skipped: skipped, mistakeLimit: mistakeLimit)
  }

  init(
    classes: Labels, count: Int, skipped: [SkippedPicture], accuracy: Double, topCount: Int,
    topAccuracy: Double, logLoss: Double, perClass: [ClassScore], confusion: [[Int]],
    worstMistakes: [Mistake]
  ) {
    self.classes = classes
    self.count = count
    self.skipped = skipped
    self.accuracy = accuracy
    self.topCount = topCount
    self.topAccuracy = topAccuracy
    self.logLoss = logLoss
    self.perClass = perClass
    self.confusion = confusion
    self.worstMistakes = worstMistakes
  }

  /// The number of pictures whose likeliest class is the right one.
  public var correct: Int { confusion.indices.reduce(0) { $0 + confusion[$1][$1] } }

  /// The mean of the classes' F1, each class counting the same, those without pictures too.
  public var macroF1: Double { perClass.reduce(0) { $0 + $1.f1 } / Double(perClass.count) }

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
}
