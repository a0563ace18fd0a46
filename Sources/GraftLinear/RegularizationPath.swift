/// How cross-validation judged strengths of the penalty.
public struct RegularizationPath: Hashable, Sendable, Codable {
  /// The judgement on one strength.
  public struct Point: Hashable, Sendable, Codable {
    /// The strength of the penalty on squares.
    public let l2: Double
    /// The strength of the penalty on magnitudes; nil for none.
    public let l1: Double?
    /// What the scores of a classifier without probabilities were divided by, as suits all held-out rows best.
    public let temperature: Double?
    /// The share of held-out rows whose likeliest class was the right one.
    public let accuracy: Double
    /// The mean of -ln of the probability given to the right class of held-out rows.
    public let logLoss: Double
    /// The accuracy in each fold.
    public let foldAccuracies: [Double]
    /// The log loss in each fold.
    public let foldLogLosses: [Double]

    /// The judgement on one strength.
    public init(
      l2: Double, accuracy: Double, logLoss: Double, foldAccuracies: [Double], foldLogLosses: [Double],
      l1: Double? = nil, temperature: Double? = nil
    ) {
      self.l2 = l2
      self.l1 = l1
      self.temperature = temperature
      self.accuracy = accuracy
      self.logLoss = logLoss
      self.foldAccuracies = foldAccuracies
      self.foldLogLosses = foldLogLosses
    }
  }

  /// The strengths tried, the strongest first.
  public let points: [Point]
  /// The place of the chosen strength among `points`.
  public let chosen: Int
  /// How many folds there were.
  public let folds: Int
  /// How many rows were held out in one of the folds.
  public let rows: Int

  /// The judgements and the choice.
  ///
  /// - Precondition: the chosen point exists.
  public init(points: [Point], chosen: Int, folds: Int, rows: Int) {
    precondition(points.indices.contains(chosen), "there is no point \(chosen) of \(points.count)")
    self.points = points
    self.chosen = chosen
    self.folds = folds
    self.rows = rows
  }

  /// The chosen strength.
  public var l2: Double { points[chosen].l2 }

  /// Reads judgements, refusing a choice that is not among them.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    let points = try values.decode([Point].self, forKey: .points)
    let chosen = try values.decode(Int.self, forKey: .chosen)
    guard points.indices.contains(chosen) else {
      throw DecodingError.dataCorruptedError(
        forKey: .chosen, in: values, debugDescription: "there is no point \(chosen) of \(points.count)")
    }
    self.init(
      points: points, chosen: chosen, folds: try values.decode(Int.self, forKey: .folds),
      rows: try values.decode(Int.self, forKey: .rows))
  }
}
