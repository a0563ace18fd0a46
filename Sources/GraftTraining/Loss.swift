internal import GraftEngine
internal import GraftTensor

/// What training makes small, as the mean over pictures.
public struct Loss: Hashable, Sendable, Codable {
  /// The share of a target that is spread over all classes.
  public var labelSmoothing: Double

  /// Cross-entropy between softmax of the network's result and the labels.
  ///
  /// - Parameter labelSmoothing: the share of a target that is spread over all classes, in 0...1.
  public static func crossEntropy(labelSmoothing: Double = 0) -> Loss { Loss(labelSmoothing: labelSmoothing) }

  /// The loss of each picture, and the gradient of the mean with respect to the logits.
  func evaluate(_ logits: Tensor, _ labels: [Int]) throws -> (losses: [Double], gradient: Tensor) {
    try SoftmaxCrossEntropy(labelSmoothing: Float(labelSmoothing)).evaluate(logits, labels: labels)
  }
}
