/// What a classifier says about one picture: its classes, the likeliest first.
public struct Prediction: Hashable, Sendable {
  /// A class and how likely it is.
  public struct Guess: Hashable, Sendable {
    /// The name of the class.
    public let label: String
    /// The word that stands for no other class: the name, or the data set's number of the class.
    public let identifier: String
    /// The index of the class among the classifier's.
    public let index: Int
    /// How likely the class is, from 0 to 1.
    public let probability: Float

    /// A class and how likely it is.
    public init(label: String, identifier: String? = nil, index: Int, probability: Float) {
      self.label = label
      self.identifier = identifier ?? label
      self.index = index
      self.probability = probability
    }
  }

  /// The classes, all or as many as were kept, the likeliest first; among equals the one with the lower index. Never
  /// empty.
  public let guesses: [Guess]

  /// Ranks classes by probability. A probability that is not a number ranks last.
  ///
  /// - Parameter top: how many of the likeliest classes are kept, at least 1; all where there are no more.
  /// - Precondition: there is a probability for each class.
  public init(probabilities: some Collection<Float>, classes: Labels, top: Int = .max) {
    precondition(
      probabilities.count == classes.count,
      "\(probabilities.count) probabilities for \(classes.count) classes")
    guesses = probabilities.enumerated()
      .map { ($0.offset, $0.element) }
      .sorted { a, b in Self.precedes(a.1, a.0, b.1, b.0) }
      .prefix(max(top, 1))
      .map { Guess(label: classes[$0], identifier: classes.identifiers[$0], index: $0, probability: $1) }
  }

  /// The likeliest class.
  public var best: Guess { guesses[0] }

  /// The name of the likeliest class.
  public var label: String { best.label }

  /// The probability of the likeliest class, from 0 to 1.
  public var probability: Float { best.probability }

  /// The likeliest classes, at most `count` of them.
  public func top(_ count: Int) -> [Guess] { Array(guesses.prefix(max(count, 0))) }

  /// Whether class `i` with probability `p` ranks before class `j` with probability `q`.
  static func precedes(_ p: Float, _ i: Int, _ q: Float, _ j: Int) -> Bool {
    if p.isNaN || q.isNaN { return p.isNaN == q.isNaN ? i < j : q.isNaN }
    return p == q ? i < j : p > q
  }
}

extension Prediction.Guess: Encodable {
  private enum CodingKeys: String, CodingKey {
    case label = "class"
    case identifier = "id"
    case index
    case probability
  }

  /// Writes class, its identifier where it has one, its index and probability as `graft predict --json` prints
  /// them; a probability that is not a number is null.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(label, forKey: .label)
    if identifier != label { try values.encode(identifier, forKey: .identifier) }
    try values.encode(index, forKey: .index)
    // JSON knows no value that is not a number.
    try values.encode(probability.isFinite ? probability : nil, forKey: .probability)
  }
}
