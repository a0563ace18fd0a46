internal import GraftEngine
public import GraftTensor

/// What training makes small, as the mean over pictures.
public struct Loss: Hashable, Sendable, Codable {
  /// How a network's outputs are compared with their targets.
  public enum Form: Hashable, Sendable, Codable {
    /// Cross-entropy between the softmax of the outputs and a distribution over classes, of which there is one a
    /// picture: -sum over classes of target x log(softmax). Outputs are logits.
    case softmax
    /// Cross-entropy between the sigmoid of each output and 0 or 1, for classes that may hold together; the mean over
    /// classes. Outputs are logits.
    case sigmoid
    /// The square of the difference, the mean over outputs: for coordinates.
    case squares
    /// Half the square of differences up to `delta`, and `delta` x (difference - `delta` / 2) beyond, so that a
    /// mislabelled box pulls no harder than one that is a little off; the mean over outputs. `Huber` in Keras; with a
    /// `delta` of 1 the smooth L1 of Girshick, 2015, arXiv 1504.08083.
    case smoothL1(delta: Double)
  }

  /// How outputs are compared with targets.
  public var form: Form
  /// The share of a target that is spread over all classes (Szegedy et al., 2016, arXiv 1512.00567, section 7); for
  /// `sigmoid`, over yes and no. In 0...1; coordinates take no notice of it.
  public var labelSmoothing: Double
  /// How much the pictures of each class count, for `sigmoid` the class's own term; empty where all count the same. As
  /// `class_weight` in Keras: the sum over pictures is still divided by their number.
  public var classWeights: [Double]

  private init(_ form: Form, labelSmoothing: Double = 0, classWeights: [Double] = []) {
    self.form = form
    self.labelSmoothing = labelSmoothing
    self.classWeights = classWeights
  }

  /// Cross-entropy between softmax of the network's result and the labels.
  ///
  /// - Parameters:
  ///   - labelSmoothing: the share of a target that is spread over all classes, in 0...1.
  ///   - classWeights: how much the pictures of each class count; empty where all count the same.
  public static func crossEntropy(labelSmoothing: Double = 0, classWeights: [Double] = []) -> Loss {
    Loss(.softmax, labelSmoothing: labelSmoothing, classWeights: classWeights)
  }

  /// Cross-entropy of each class by itself, for pictures that belong to several classes or none.
  ///
  /// - Parameters:
  ///   - labelSmoothing: the share of a target that is spread over yes and no, in 0...1.
  ///   - classWeights: how much each class counts; empty where all count the same.
  public static func binaryCrossEntropy(labelSmoothing: Double = 0, classWeights: [Double] = []) -> Loss {
    Loss(.sigmoid, labelSmoothing: labelSmoothing, classWeights: classWeights)
  }

  /// The mean squared difference.
  public static let meanSquaredError = Loss(.squares)

  /// The mean of squared differences that grows only linearly beyond `delta`.
  ///
  /// - Precondition: `delta` is positive.
  public static func smoothL1(delta: Double = 1) -> Loss {
    precondition(delta > 0, "a smooth L1 loss turns linear at a difference above 0, not at \(delta)")
    return Loss(.smoothL1(delta: delta))
  }

  /// The loss of each picture, and the gradient of the mean with respect to the logits.
  func evaluate(_ logits: Tensor, _ labels: [Int]) throws -> (losses: [Double], gradient: Tensor) {
    if form == .softmax && classWeights.isEmpty {
      return try SoftmaxCrossEntropy(labelSmoothing: Float(labelSmoothing)).evaluate(logits, labels: labels)
    }
    let pictures = max(logits.shape.dimensions.first ?? 0, 1)
    return try evaluate(logits, targets: Self.targets(labels, classes: logits.count / pictures))
  }

  /// Labels as distributions: 1 at the label, 0 elsewhere.
  ///
  /// - Returns: labels x classes.
  /// - Throws: `TrainingError` with code `.input` if a label is none of the classes.
  public static func targets(_ labels: [Int], classes: Int) throws -> Tensor {
    var scalars = [Float](repeating: 0, count: labels.count * classes)
    for (picture, label) in labels.enumerated() {
      guard (0..<classes).contains(label) else {
        throw TrainingError(.input, "label \(label) is none of the \(classes) classes, which start at 0")
      }
      scalars[picture * classes + label] = 1
    }
    return Tensor(shape: Shape([labels.count, classes]), scalars: scalars)
  }
}
