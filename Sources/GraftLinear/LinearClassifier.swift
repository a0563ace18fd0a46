public import GraftData
internal import GraftSupport
public import GraftTensor

/// A trained linear classifier: probabilities are softmax(x W + b) of a row x of features as they are.
///
/// The standardization that training used is folded into `kernel` and `bias`, which are a Keras `Dense` layer's.
public struct LinearClassifier: Hashable, Sendable {
  /// The classes.
  public let labels: Labels
  /// The weights W, D x C.
  public let kernel: Tensor
  /// The biases b, C.
  public let bias: Tensor
  /// The standardization that was folded into kernel and bias; nil where that is not known.
  public let standardization: Standardization?
  /// How the classifier was trained; nil where that is not known.
  public let training: Training?

  /// Puts a classifier together.
  ///
  /// - Throws: `LinearError` with the code `.widthMismatch` when the shapes do not agree.
  public init(
    labels: Labels, kernel: Tensor, bias: Tensor, standardization: Standardization? = nil,
    training: Training? = nil
  ) throws {
    guard kernel.shape.rank == 2, kernel.shape[1] == labels.count, bias.shape == [labels.count] else {
      throw LinearError(
        .widthMismatch,
        """
        a classifier of \(labels.count) classes has a kernel of D×\(labels.count) and a bias of \(labels.count); \
        there are \(kernel.shape) and \(bias.shape)
        """)
    }
    guard standardization == nil || standardization?.width == kernel.shape[0] else {
      throw LinearError(
        .widthMismatch,
        "the standardization of \(standardization?.width ?? 0) features is not for \(kernel.shape[0])")
    }
    self.labels = labels
    self.kernel = kernel
    self.bias = bias
    self.standardization = standardization
    self.training = training
  }

  /// Folds a standardization into parameters for standardized features: the rows of W, then b.
  init(labels: Labels, parameters: [Double], standardization: Standardization, training: Training) {
    self.labels = labels
    (kernel, bias) = standardization.folded(into: parameters, outputs: labels.count)
    self.standardization = standardization
    self.training = training
  }

  /// The number of features.
  public var width: Int { kernel.shape[0] }

  /// The probability of each class for each row: N x C, rows adding up to 1 but for rounding.
  ///
  /// Computed in Double, row by row in one fixed order: a row's result does not depend on the others.
  ///
  /// - Parameter features: N x D; rows with more axes count as vectors.
  /// - Throws: `LinearError` with the code `.widthMismatch`.
  public func probabilities(of features: Tensor) throws -> Tensor {
    let rows = FeatureRows(features: features)
    guard features.shape.rank >= 2, rows.width == width else {
      throw LinearError(
        .widthMismatch,
        """
        the classifier is for rows of \(width) features; these have the shape \(features.shape). Were they extracted \
        with the same network, layer and pooling?
        """)
    }
    let scorer = LinearScorer(kernel: kernel, bias: bias)
    return Tensor(shape: [rows.count, labels.count]) { target in
      // Shares write to parts of their own.
      nonisolated(unsafe) let target = target
      features.withUnsafeScalars { source in
        nonisolated(unsafe) let source = source
        let share = 16
        ThreadPool.shared.forEach((rows.count + share - 1) / share) { index in
          for row in index * share..<min((index + 1) * share, rows.count) {
            scorer.probabilities(
              of: UnsafeBufferPointer(rebasing: source[row * width..<(row + 1) * width]),
              into: UnsafeMutableBufferPointer(
                rebasing: target[row * labels.count..<(row + 1) * labels.count]))
          }
        }
      }
    }
  }

  /// What the classifier says about one row of features.
  ///
  /// - Precondition: there are `width` features.
  public func predict(_ vector: [Float]) -> Prediction {
    precondition(vector.count == width, "\(vector.count) features for a classifier of \(width)")
    var result = [Float](repeating: 0, count: labels.count)
    let scorer = LinearScorer(kernel: kernel, bias: bias)
    vector.withUnsafeBufferPointer { vector in
      result.withUnsafeMutableBufferPointer { scorer.probabilities(of: vector, into: $0) }
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
