extension Evaluation.Mistake: Codable {
  private enum CodingKeys: String, CodingKey {
    case row
    case path
    case label = "class"
    case predicted
    case probability
    case labelProbability = "classProbability"
  }

  /// Writes a mistake; a probability that is not a number is null.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(row, forKey: .row)
    try values.encode(path, forKey: .path)
    try values.encode(label, forKey: .label)
    try values.encode(predicted, forKey: .predicted)
    try values.encode(probability.isFinite ? probability : nil, forKey: .probability)
    try values.encode(labelProbability.isFinite ? labelProbability : nil, forKey: .labelProbability)
  }

  /// Reads a mistake that was written by `encode(to:)`.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      row: try values.decode(Int.self, forKey: .row),
      path: try values.decode(String?.self, forKey: .path),
      label: try values.decode(String.self, forKey: .label),
      predicted: try values.decode(String.self, forKey: .predicted),
      probability: try values.decode(Float?.self, forKey: .probability) ?? .nan,
      labelProbability: try values.decode(Float?.self, forKey: .labelProbability) ?? .nan)
  }
}

extension Evaluation: Codable {
  private enum CodingKeys: String, CodingKey {
    case count = "images"
    case skipped
    case accuracy = "top1"
    case topCount
    case topAccuracy = "top5"
    case logLoss
    case brier
    case reliability
    case macro
    case weighted
    case balancedAccuracy
    case macroF1
    case perClass
    case absentClasses
    case confusion
    case classes
    case worstMistakes
  }

  /// Writes the figures under the names that `graft evaluate --json` prints; what is not a number is null.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(count, forKey: .count)
    try values.encode(skipped, forKey: .skipped)
    try values.encode(Self.finite(accuracy), forKey: .accuracy)
    try values.encode(topCount, forKey: .topCount)
    try values.encode(Self.finite(topAccuracy), forKey: .topAccuracy)
    try values.encode(Self.finite(logLoss), forKey: .logLoss)
    try values.encode(Self.finite(brier), forKey: .brier)
    try values.encode(reliability, forKey: .reliability)
    try values.encode(macro, forKey: .macro)
    try values.encode(weighted, forKey: .weighted)
    try values.encode(Self.finite(balancedAccuracy), forKey: .balancedAccuracy)
    try values.encode(macroF1, forKey: .macroF1)
    try values.encode(perClass, forKey: .perClass)
    try values.encode(absentClasses, forKey: .absentClasses)
    try values.encode(confusion, forKey: .confusion)
    try values.encode(classes, forKey: .classes)
    try values.encode(worstMistakes, forKey: .worstMistakes)
  }

  /// Reads figures that were written by `encode(to:)`.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      classes: try values.decode(Labels.self, forKey: .classes),
      count: try values.decode(Int.self, forKey: .count),
      skipped: try values.decode([SkippedPicture].self, forKey: .skipped),
      accuracy: try values.decode(Double?.self, forKey: .accuracy) ?? .nan,
      topCount: try values.decode(Int.self, forKey: .topCount),
      topAccuracy: try values.decode(Double?.self, forKey: .topAccuracy) ?? .nan,
      logLoss: try values.decode(Double?.self, forKey: .logLoss) ?? .nan,
      brier: try values.decode(Double?.self, forKey: .brier) ?? .nan,
      reliability: try values.decode(Reliability.self, forKey: .reliability),
      perClass: try values.decode([ClassScore].self, forKey: .perClass),
      confusion: try values.decode([[Int]].self, forKey: .confusion),
      worstMistakes: try values.decode([Mistake].self, forKey: .worstMistakes))
    let width = classes.count
    guard perClass.count == width, confusion.count == width, confusion.allSatisfy({ $0.count == width })
    else {
      throw DecodingError.dataCorruptedError(
        forKey: .confusion, in: values,
        debugDescription: "the table of confusions or of classes does not fit \(width) classes")
    }
  }

  /// JSON knows no value that is not a number.
  private static func finite(_ value: Double) -> Double? { value.isFinite ? value : nil }
}
