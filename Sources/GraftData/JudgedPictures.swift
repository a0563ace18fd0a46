/// What a classifier said about pictures whose classes are known: what every measure is computed from.
public struct JudgedPictures: Hashable, Sendable {
  /// The classes of the model.
  public let classes: Labels
  /// Row by row, one value from 0 to 1 for each class.
  public let probabilities: [Float]
  /// The index of each row's class among `classes`.
  public let truth: [Int]
  /// The file of each row; nil where the rows have no names.
  public let paths: [String]?
  /// Pictures that could not be judged.
  public let skipped: [SkippedPicture]

  /// The number of pictures judged.
  public var count: Int { truth.count }

  /// Takes probabilities and the truth.
  ///
  /// - Parameters:
  ///   - probabilities: row by row, one value from 0 to 1 for each class.
  ///   - truth: the index of each row's class.
  ///   - classes: the classes of the model.
  ///   - paths: the file of each row.
  ///   - skipped: pictures that could not be judged, to be carried along.
  /// - Precondition: there are `truth.count * classes.count` probabilities, the indices exist, and there are as
  ///   many paths as rows.
  public init(
    probabilities: some RandomAccessCollection<Float>, truth: [Int], classes: Labels, paths: [String]? = nil,
    skipped: [SkippedPicture] = []
  ) {
    precondition(
      probabilities.count == truth.count * classes.count,
      "\(probabilities.count) probabilities for \(truth.count) rows and \(classes.count) classes")
    precondition(
      paths == nil || paths?.count == truth.count, "\(paths?.count ?? 0) paths for \(truth.count) rows")
    for (row, label) in truth.enumerated() {
      precondition(
        (0..<classes.count).contains(label), "row \(row) has class \(label) of \(classes.count)")
    }
    self.classes = classes
    self.probabilities = Array(probabilities)
    self.truth = truth
    self.paths = paths
    self.skipped = skipped
  }

  /// Takes probabilities and a truth whose classes are some of the model's, perhaps in another order: those of a
  /// folder of pictures. Classes are matched by name.
  ///
  /// - Parameters:
  ///   - probabilities: row by row, one value from 0 to 1 for each of the model's classes.
  ///   - truth: the index of each row's class, an index into `labels`.
  ///   - labels: the classes of the data.
  ///   - classes: the classes of the model.
  ///   - paths: the file of each row.
  ///   - skipped: pictures that could not be judged, to be carried along.
  /// - Throws: `DataError` with the code `.unknownClass` when a row is of a class that the model does not know.
  /// - Precondition: as for the other initializer.
  public init(
    probabilities: some RandomAccessCollection<Float>, truth: [Int], labels: Labels, classes: Labels,
    paths: [String]? = nil, skipped: [SkippedPicture] = []
  ) throws {
    for (row, label) in truth.enumerated() {
      precondition((0..<labels.count).contains(label), "row \(row) has class \(label) of \(labels.count)")
    }
    let places = try labels.indices(in: classes, used: Set(truth))
    self.init(
      probabilities: probabilities, truth: truth.compactMap { places[$0] }, classes: classes, paths: paths,
      skipped: skipped)
  }

  /// How likely a class was said to be for a row.
  func probability(row: Int, of index: Int) -> Float { probabilities[row * classes.count + index] }

  /// What was said of each picture, and how well.
  var outcomes: [PictureOutcome] {
    let width = classes.count
    return truth.enumerated().map { row, label in
      PictureOutcome(label: label, values: probabilities[row * width..<(row + 1) * width])
    }
  }

  /// A wrong answer as people read it.
  func mistake(row: Int, _ outcome: PictureOutcome) -> Evaluation.Mistake {
    Evaluation.Mistake(
      row: row, path: paths?[row], label: classes[outcome.label], predicted: classes[outcome.predicted],
      probability: outcome.probability, labelProbability: outcome.labelProbability)
  }
}
