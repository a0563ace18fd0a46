/// Whether probabilities mean what they say: of the pictures whose class was given with 80 %, 80 % should be right.
///
/// The given class's probability (the confidence) is divided into bins of equal width, each including its upper edge;
/// in each, the mean confidence is compared with the share of right answers (Guo et al., 2017, arXiv 1706.04599,
/// section 2). The bins are those of scikit-learn's `calibration_curve` with `strategy="uniform"`.
public struct Reliability: Hashable, Sendable {
  /// Pictures of like confidence.
  public struct Bin: Hashable, Sendable, Codable {
    /// The confidence that all are above; the first bin includes it.
    public let lower: Double
    /// The confidence that none is above.
    public let upper: Double
    /// How many pictures there are.
    public let count: Int
    /// The mean of their confidence; nil where there are none.
    public let confidence: Double?
    /// The share of right answers among them; nil where there are none.
    public let accuracy: Double?
  }

  /// How many bins there are by default, as in Guo et al.
  public static let binCount = 15

  /// The bins, from 0 to 1.
  public let bins: [Bin]
  /// The expected calibration error: the mean over pictures of the difference between confidence and share of right
  /// answers in their bin, from 0 to 1; not a number for no pictures and where a confidence is none.
  public let expectedError: Double
  /// The largest such difference of a bin that has pictures.
  public let maximumError: Double

  /// Bins and errors that were computed before.
  init(bins: [Bin], expectedError: Double, maximumError: Double) {
    self.bins = bins
    self.expectedError = expectedError
    self.maximumError = maximumError
  }

  /// Compares confidences with the share of right answers.
  ///
  /// - Precondition: there are as many confidences as answers, and at least one bin.
  public init(confidences: [Double], isRight: [Bool], bins count: Int = binCount) {
    precondition(count >= 1, "\(count) bins; at least 1 is needed")
    precondition(
      confidences.count == isRight.count, "\(confidences.count) confidences for \(isRight.count) answers")
    var tally = ReliabilityTally(bins: count)
    for (confidence, right) in zip(confidences, isRight) {
      tally.add(tally.bin(of: confidence), confidence, right: right)
    }
    let edges = (0...count).map { ReliabilityTally.edge($0, of: count) }
    self.init(
      bins: (0..<count).map { bin in
        let n = Double(tally.counts[bin])
        return Bin(
          lower: edges[bin], upper: edges[bin + 1], count: tally.counts[bin],
          confidence: n > 0 ? tally.confidences[bin] / n : nil, accuracy: n > 0 ? tally.right[bin] / n : nil)
      }, expectedError: tally.expectedError, maximumError: tally.maximumError)
  }
}

/// Sums over bins of confidence.
struct ReliabilityTally {
  private(set) var counts: [Int]
  private(set) var confidences: [Double]
  private(set) var right: [Double]
  private var hasInvalid = false

  init(bins: Int) {
    counts = [Int](repeating: 0, count: bins)
    confidences = [Double](repeating: 0, count: bins)
    right = [Double](repeating: 0, count: bins)
  }

  /// An edge as NumPy's `linspace` computes it.
  static func edge(_ index: Int, of bins: Int) -> Double {
    index == bins ? 1 : Double(index) * (1 / Double(bins))
  }

  /// The bin whose upper edge is the first not below `confidence`; nil for what is no number.
  func bin(of confidence: Double) -> Int? {
    guard !confidence.isNaN else { return nil }
    var bin = min(max(Int(confidence * Double(counts.count)), 0), counts.count - 1)
    while bin > 0, confidence <= Self.edge(bin, of: counts.count) { bin -= 1 }
    while bin < counts.count - 1, confidence > Self.edge(bin + 1, of: counts.count) { bin += 1 }
    return bin
  }

  mutating func add(_ bin: Int?, _ confidence: Double, right isRight: Bool) {
    guard let bin else {
      hasInvalid = true
      return
    }
    counts[bin] += 1
    confidences[bin] += confidence
    if isRight { right[bin] += 1 }
  }

  var expectedError: Double {
    let total = counts.reduce(0, +)
    guard total > 0, !hasInvalid else { return .nan }
    // |right / n - confidence / n| weighted by n.
    return counts.indices.reduce(0) { $0 + abs(right[$1] - confidences[$1]) } / Double(total)
  }

  var maximumError: Double {
    guard counts.contains(where: { $0 > 0 }), !hasInvalid else { return .nan }
    return counts.indices.reduce(0) {
      counts[$1] == 0 ? $0 : max($0, abs(right[$1] - confidences[$1]) / Double(counts[$1]))
    }
  }
}

extension Reliability: Codable {
  private enum CodingKeys: String, CodingKey {
    case bins
    case expectedError = "expectedCalibrationError"
    case maximumError = "maximumCalibrationError"
  }

  /// Writes bins and errors; an error that is not a number is null.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(bins, forKey: .bins)
    try values.encode(expectedError.isFinite ? expectedError : nil, forKey: .expectedError)
    try values.encode(maximumError.isFinite ? maximumError : nil, forKey: .maximumError)
  }

  /// Reads what `encode(to:)` wrote.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      bins: try values.decode([Bin].self, forKey: .bins),
      expectedError: try values.decode(Double?.self, forKey: .expectedError) ?? .nan,
      maximumError: try values.decode(Double?.self, forKey: .maximumError) ?? .nan)
  }
}
