extension MultiLabelEvaluation: Encodable {
  private enum CodingKeys: String, CodingKey {
    case task
    case count = "images"
    case skipped
    case meanAveragePrecision
    case microF1
    case macroF1
    case exactMatch
    case perLabel
    case labels
  }

  /// Writes the figures under the names that `graft evaluate --json` prints.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(PictureTask.labels, forKey: .task)
    try values.encode(count, forKey: .count)
    try values.encode(skipped, forKey: .skipped)
    try values.encode(meanAveragePrecision, forKey: .meanAveragePrecision)
    try values.encode(microF1, forKey: .microF1)
    try values.encode(macroF1, forKey: .macroF1)
    try values.encode(exactMatch, forKey: .exactMatch)
    try values.encode(perLabel, forKey: .perLabel)
    try values.encode(labels, forKey: .labels)
  }
}

extension MultiLabelEvaluation.LabelScore: Encodable {
  private enum CodingKeys: String, CodingKey {
    case label
    case threshold
    case precision
    case recall
    case f1
    case averagePrecision
    case support
  }

  /// Writes the figures of a label; an average precision that there is not is null.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(label, forKey: .label)
    try values.encode(threshold, forKey: .threshold)
    try values.encode(precision, forKey: .precision)
    try values.encode(recall, forKey: .recall)
    try values.encode(f1, forKey: .f1)
    try values.encode(averagePrecision, forKey: .averagePrecision)
    try values.encode(support, forKey: .support)
  }
}
