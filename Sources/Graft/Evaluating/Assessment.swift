public import GraftData
public import GraftImage

/// Everything there is to say about how well a model does on pictures whose classes are known.
///
/// ```swift
/// let judged = try model.judge(ImageFolder("photos/val"))
/// let assessment = Assessment(judged)
/// print(assessment.evaluation.accuracy, assessment.curves.macroROCArea)
/// try ReportPage(assessment, title: "Birds").write(to: "report.html")
/// ```
public struct Assessment: Sendable {
  /// What the model said about each picture.
  public let judged: JudgedPictures
  /// Accuracy, scores of the classes, confusions, calibration.
  public let evaluation: Evaluation
  /// How well each class is told from the rest at every threshold.
  public let curves: [RankingCurves]
  /// How far the figures would move with other pictures; nil without draws and without pictures.
  public let intervals: BootstrapIntervals?
  /// Pictures whose label may be wrong, the likeliest first.
  public let suspiciousLabels: [Evaluation.Mistake]
  /// Another model on the same pictures.
  public var comparison: ModelComparison?
  /// What calibration on other pictures changed on these.
  public var calibration: CalibrationEffect?
  /// Pictures that are in the training set too, or all but.
  public var trainingDuplicates: NearDuplicates?

  private let draws: Int
  private let seed: UInt64

  /// Computes every measure.
  ///
  /// - Parameters:
  ///   - draws: how often pictures are drawn anew for intervals; 0 for no intervals.
  ///   - seed: fixes the draws.
  public init(_ judged: JudgedPictures, draws: Int = 1000, seed: UInt64 = 0) {
    self.judged = judged
    self.draws = draws
    self.seed = seed
    evaluation = Evaluation(judged)
    curves = RankingCurves.ofClasses(judged)
    intervals = draws > 0 && judged.count > 0 ? BootstrapIntervals(judged, draws: draws, seed: seed) : nil
    suspiciousLabels = judged.suspiciousLabels
  }

  /// Compares with what another model said about the same pictures.
  ///
  /// - Throws: `DataError` with code `.differentPictures` if they are not the same.
  public mutating func compare(with other: JudgedPictures) throws {
    comparison = try ModelComparison(judged, other, draws: draws, seed: seed)
  }

  /// Calibrates the model on pictures that are kept for that, and finds out what that changes on those judged.
  ///
  /// - Parameters:
  ///   - ensemble: what judged: one model, asked once or several times.
  ///   - heldOut: the pictures to fit the temperature on; none of them is among those judged.
  ///   - folder: the pictures judged.
  ///   - progress: called with the number of pictures done; stops the work by throwing.
  /// - Returns: the calibrated model.
  /// - Throws: `DataError` with code `.differentPictures` if a picture is in both sets; what
  ///   `ImageClassifier.calibrated(on:)` and `ClassifierEnsemble.judge` throw.
  public mutating func calibrate(
    _ ensemble: ClassifierEnsemble, on heldOut: ImageFolder, judging folder: ImageFolder,
    progress: (_ done: Int, _ total: Int) throws -> Void = { _, _ in }
  ) throws -> ImageClassifier {
    try heldOut.requireDisjoint(
      from: folder, because: "a model must not be judged on what it was calibrated on")
    let total = heldOut.items.count + folder.items.count
    let (model, scaling, _) = try ensemble.models[0].calibrated(on: heldOut) { done, _ in
      try progress(done, total)
    }
    let again = try ClassifierEnsemble([model], crops: ensemble.crops, sizes: ensemble.sizes).judge(folder) {
      done, _ in try progress(heldOut.items.count + done, total)
    }
    calibration = CalibrationEffect(scaling, before: evaluation, after: Evaluation(again))
    return model
  }
}

/// What calibration changed, on pictures that had no part in it.
public struct CalibrationEffect: Sendable, Hashable, Encodable {
  /// Figures that calibration can change.
  public struct Figures: Sendable, Hashable, Encodable {
    /// The mean log loss.
    public let logLoss: Double
    /// The Brier score.
    public let brier: Double
    /// The expected calibration error.
    public let expectedCalibrationError: Double

    /// Those of an evaluation.
    public init(_ evaluation: Evaluation) {
      logLoss = evaluation.logLoss
      brier = evaluation.brier
      expectedCalibrationError = evaluation.reliability.expectedError
    }

    private enum CodingKeys: String, CodingKey {
      case logLoss
      case brier
      case expectedCalibrationError
    }

    /// Writes the figures; what is not a number is null.
    public func encode(to encoder: any Encoder) throws {
      var values = encoder.container(keyedBy: CodingKeys.self)
      for (key, value) in [
        (CodingKeys.logLoss, logLoss), (.brier, brier), (.expectedCalibrationError, expectedCalibrationError),
      ] {
        try values.encode(value.isFinite ? value : nil, forKey: key)
      }
    }
  }

  /// The temperature, and what it did where it was fitted.
  public let scaling: TemperatureScaling
  /// The figures of the model as it was, on the pictures judged.
  public let before: Figures
  /// The figures of the calibrated model, on the same pictures.
  public let after: Figures

  /// Compares a model and its calibrated self.
  public init(_ scaling: TemperatureScaling, before: Evaluation, after: Evaluation) {
    self.scaling = scaling
    self.before = Figures(before)
    self.after = Figures(after)
  }
}

extension Assessment: Encodable {
  private enum CodingKeys: String, CodingKey {
    case intervals
    case rocArea
    case averagePrecision
    case curves
    case suspiciousLabels
    case comparison
    case calibration
    case trainingDuplicates
  }

  /// Writes the evaluation's keys and beside them what else there is; what is not a number is null.
  public func encode(to encoder: any Encoder) throws {
    try evaluation.encode(to: encoder)
    var values = encoder.container(keyedBy: CodingKeys.self)
    let (area, precision) = (curves.macroROCArea, curves.macroAveragePrecision)
    try values.encode(area.isFinite ? area : nil, forKey: .rocArea)
    try values.encode(precision.isFinite ? precision : nil, forKey: .averagePrecision)
    try values.encode(curves, forKey: .curves)
    try values.encode(suspiciousLabels, forKey: .suspiciousLabels)
    try values.encodeIfPresent(intervals, forKey: .intervals)
    try values.encodeIfPresent(comparison, forKey: .comparison)
    try values.encodeIfPresent(calibration, forKey: .calibration)
    try values.encodeIfPresent(trainingDuplicates, forKey: .trainingDuplicates)
  }
}
