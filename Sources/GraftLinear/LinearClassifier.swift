internal import Foundation
public import GraftData
public import GraftFeatures
internal import GraftSupport
public import GraftTensor

/// A trained linear classifier: probabilities are softmax(x W + b), or the sigmoid of it, of a row x of features as
/// they are.
///
/// The standardization that training used is folded into W and b; and so is the temperature of a classifier whose scores
/// are no logits by themselves. Both are kept as they were fitted, in double precision: rounded, rows on the very edge of
/// a hinge would fall to either side of it. `kernel` and `bias`, a Keras `Dense` layer's, are rounded.
public struct LinearClassifier: Hashable, Sendable {
  /// What makes probabilities of scores.
  public enum Activation: String, Hashable, Sendable, Codable {
    /// One distribution over the classes.
    case softmax
    /// A yes or no for each class.
    case sigmoid
  }

  /// The classes.
  public let labels: Labels
  /// The weights W, D x C, rounded to single precision, as a network's layer has them.
  public let kernel: Tensor
  /// The biases b, C, rounded to single precision.
  public let bias: Tensor
  /// What makes probabilities of scores.
  public let activation: Activation
  /// The standardization that was folded into kernel and bias; nil where that is not known.
  public let standardization: Standardization?
  /// How the classifier was trained; nil where that is not known, and for one that is blended.
  public let training: Training?
  /// The classifiers that it was blended of, in the order of their features; none for one that was fitted by itself.
  public let members: [Member]
  /// W and b in double precision.
  package let parameters: LinearParameters

  /// Puts a classifier together of weights in single precision. (Of a fitted one's `kernel` and `bias` it makes one that
  /// predicts the same but for rounding; `Codable` keeps all.)
  ///
  /// - Throws: `LinearError` with the code `.widthMismatch` when the shapes do not agree.
  public init(
    labels: Labels, kernel: Tensor, bias: Tensor, standardization: Standardization? = nil,
    training: Training? = nil, activation: Activation = .softmax
  ) throws {
    guard kernel.shape.rank == 2, kernel.shape[1] == labels.count, bias.shape == [labels.count] else {
      throw LinearError(
        .widthMismatch,
        """
        a classifier of \(labels.count) classes has a kernel of D×\(labels.count) and a bias of \(labels.count); \
        there are \(kernel.shape) and \(bias.shape)
        """)
    }
    try self.init(
      labels: labels, parameters: LinearParameters(kernel: kernel, bias: bias),
      standardization: standardization, training: training, activation: activation, members: [])
  }

  /// Puts a classifier together of as many biases as there are classes.
  ///
  /// - Throws: `LinearError` with the code `.widthMismatch` when the standardization or the members are for another number
  ///   of features.
  init(
    labels: Labels, parameters: LinearParameters, standardization: Standardization?, training: Training?,
    activation: Activation, members: [Member]
  ) throws {
    guard standardization == nil || standardization?.width == parameters.width else {
      throw LinearError(
        .widthMismatch,
        "the standardization of \(standardization?.width ?? 0) features is not for \(parameters.width)")
    }
    let widths = members.reduce(0) { $0 + $1.width }
    guard members.isEmpty || widths == parameters.width else {
      throw LinearError(
        .widthMismatch, "classifiers of \(widths) features in all do not make one of \(parameters.width)")
    }
    self.init(labels, parameters, standardization, training, activation, members)
  }

  private init(
    _ labels: Labels, _ parameters: LinearParameters, _ standardization: Standardization?,
    _ training: Training?, _ activation: Activation, _ members: [Member] = []
  ) {
    self.labels = labels
    self.parameters = parameters
    (kernel, bias) = (parameters.kernel, parameters.bias)
    self.standardization = standardization
    self.training = training
    self.activation = activation
    self.members = members
  }

  /// Folds a standardization, and the temperature of the training, into parameters for standardized features: the
  /// rows of W, then b.
  init(
    labels: Labels, parameters: [Double], standardization: Standardization, training: Training,
    activation: Activation
  ) {
    let factor = 1 / (training.temperature ?? 1)
    let folded = standardization.folded(
      into: factor == 1 ? parameters : parameters.map { factor * $0 }, outputs: labels.count)
    self.init(labels, folded, standardization, training, activation)
  }

  /// The number of features.
  public var width: Int { parameters.width }

  /// The probability of each class for each row: N x C, rows adding up to 1 but for rounding (unless a row may
  /// belong to several classes).
  ///
  /// Computed in Double, row by row in one fixed order: a row's result does not depend on the others.
  ///
  /// - Parameter features: N x D; rows with more axes count as vectors.
  /// - Throws: `LinearError` with the code `.widthMismatch`.
  public func probabilities(of features: Tensor) throws -> Tensor {
    guard features.shape.rank >= 2 else { throw mismatch(features.shape) }
    return try probabilities(of: FeatureMatrix(features))
  }

  /// The probability of each class for each row of features in memory or on disk: N x C.
  ///
  /// - Throws: `LinearError` with the code `.widthMismatch`, and what reading rows from disk throws.
  public func probabilities(of features: FeatureMatrix) throws -> Tensor {
    let rows = FeatureRows(features)
    guard rows.width == width else { throw mismatch([rows.count, rows.width]) }
    let scorer = LinearScorer(parameters, activation)
    let failure = FirstFailure()
    let result = Tensor(shape: [rows.count, labels.count]) { target in
      // Shares write to parts of their own.
      nonisolated(unsafe) let target = target
      let share = features.isOnDisk ? 256 : 32
      ThreadPool.shared.forEach((rows.count + share - 1) / share) { index in
        failure.record {
          let range = index * share..<min((index + 1) * share, rows.count)
          let scratch = UnsafeMutablePointer<Float>.allocate(capacity: range.count * width)
          defer { scratch.deallocate() }
          try rows.read(range, into: scratch)
          guard let base = target.baseAddress else { return }
          scorer.probabilities(
            of: scratch, count: range.count, into: base + range.lowerBound * labels.count)
        }
      }
    }
    try failure.rethrow()
    return result
  }

  /// The logarithm of the probability of each class for each row of features, N x D, in Double, where probabilities in
  /// Float would be 0; for a softmax.
  ///
  /// - Throws: `LinearError` with the code `.widthMismatch`.
  package func logarithmsOfProbabilities(of features: Tensor) throws -> [Double] {
    let rows = FeatureRows(features: features)
    guard rows.width == width else { throw mismatch([rows.count, rows.width]) }
    let classes = labels.count
    var scores = try ScorePass.scores(
      Double.self, rows: rows, outputs: classes, standardization: Standardization(identity: width),
      parameters: parameters.values)
    for start in stride(from: 0, to: scores.count, by: classes) {
      let largest = scores[start..<start + classes].max() ?? 0
      let sum = scores[start..<start + classes].reduce(0) { $0 + exp($1 - largest) }
      for place in start..<start + classes { scores[place] -= largest + log(sum) }
    }
    return scores
  }

  private func mismatch(_ shape: Shape) -> LinearError {
    LinearError(
      .widthMismatch,
      """
      the classifier is for rows of \(width) features; these have the shape \(shape). Were they extracted with the \
      same network, layer and pooling?
      """)
  }

  /// What the classifier says about one row of features.
  ///
  /// - Precondition: there are `width` features.
  public func predict(_ vector: [Float]) -> Prediction {
    precondition(vector.count == width, "\(vector.count) features for a classifier of \(width)")
    var result = [Float](repeating: 0, count: labels.count)
    let scorer = LinearScorer(parameters, activation)
    vector.withUnsafeBufferPointer { vector in
      result.withUnsafeMutableBufferPointer { result in
        guard let vector = vector.baseAddress, let result = result.baseAddress else { return }
        scorer.probabilities(of: vector, count: 1, into: result)
      }
    }
    return Prediction(probabilities: result, classes: labels)
  }

  /// What the classifier says about each row of features, N x D.
  ///
  /// - Throws: `LinearError` with the code `.widthMismatch`.
  public func predictions(for features: Tensor) throws -> [Prediction] {
    let all = try probabilities(of: features).scalars
    return stride(from: 0, to: all.count, by: labels.count).map {
      Prediction(probabilities: all[$0..<$0 + labels.count], classes: labels)
    }
  }

  /// How well the classifier does on rows whose classes are known and are some of its own, by name.
  ///
  /// - Parameters:
  ///   - features: N x D.
  ///   - classIndices: the class of each row, an index into `labels`.
  ///   - labels: the classes of the rows.
  ///   - paths: the picture of each row.
  ///   - skipped: pictures that could not be judged, to be carried along.
  /// - Throws: `LinearError` with the code `.widthMismatch`; `DataError` with the code `.unknownClass`.
  public func evaluate(
    features: Tensor, classIndices: [Int], labels: Labels, paths: [String]? = nil,
    skipped: [SkippedPicture] = []
  ) throws -> Evaluation {
    try Evaluation(
      probabilities: try probabilities(of: features).scalars, truth: classIndices, labels: labels,
      classes: self.labels, paths: paths, skipped: skipped)
  }
}
