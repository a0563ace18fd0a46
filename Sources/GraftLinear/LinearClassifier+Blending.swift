internal import GraftData

extension LinearClassifier {
  /// One of the classifiers that another was blended of.
  public struct Member: Hashable, Sendable, Codable {
    /// What its scores were multiplied by.
    public let weight: Double
    /// The number of its features.
    public let width: Int
    /// How it was trained; nil where that is not known.
    public let training: Training?
  }

  /// One classifier of several, each on features of its own: of the features side by side, in the order of the members.
  ///
  /// Its probabilities are in proportion to the product of the members', each to the power of its weight. That is a linear
  /// classifier too: its scores are the members' scores, weighted and added up.
  ///
  /// - Parameter members: classifiers with a softmax for the same classes, and weights of 0 or more.
  /// - Throws: `LinearError` with the code `.invalidOption`.
  public init(blending members: [(classifier: LinearClassifier, weight: Double)]) throws {
    guard let first = members.first else {
      throw LinearError(.invalidOption, "there is no classifier to blend")
    }
    for (classifier, weight) in members {
      guard classifier.labels == first.classifier.labels else {
        throw LinearError(.invalidOption, "classifiers for different classes cannot be blended")
      }
      guard classifier.activation == .softmax else {
        throw LinearError(.invalidOption, "classifiers of several labels a picture cannot be blended")
      }
      guard weight >= 0, weight.isFinite else {
        throw LinearError(.invalidOption, "the weight of a classifier must be 0 or more; it is \(weight)")
      }
    }
    let outputs = first.classifier.labels.count
    var (weights, biases): ([Double], [Double]) = ([], [Double](repeating: 0, count: outputs))
    for (classifier, weight) in members {
      let values = classifier.parameters.values
      let count = classifier.width * outputs
      weights += values[..<count].map { weight * $0 }
      for place in 0..<outputs { biases[place] += weight * values[count + place] }
    }
    let known = members.compactMap(\.classifier.standardization)
    try self.init(
      labels: first.classifier.labels, parameters: LinearParameters(weights + biases, outputs: outputs),
      standardization: known.count == members.count
        ? Standardization(mean: known.flatMap(\.mean), scale: known.flatMap(\.scale)) : nil,
      training: nil, activation: .softmax,
      members: members.map {
        Member(weight: $0.weight, width: $0.classifier.width, training: $0.classifier.training)
      })
  }
}
