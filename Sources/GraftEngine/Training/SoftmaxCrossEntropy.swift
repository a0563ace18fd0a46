internal import Foundation
public import GraftTensor

/// The loss -Σ p log softmax(z) of logits z under target shares p, averaged over pictures.
///
/// With label smoothing e over K classes, the target of the labelled class is 1 - e + e / K and that of all others
/// e / K (Szegedy et al., 2016, arXiv 1512.00567; Keras computes the same).
public struct SoftmaxCrossEntropy: Hashable, Sendable {
  /// The share of a target that is spread over all classes, in 0...1.
  public var labelSmoothing: Float

  /// The loss with a label smoothing in 0...1.
  public init(labelSmoothing: Float = 0) { self.labelSmoothing = labelSmoothing }

  /// The loss of each picture, and the gradient of the mean loss with respect to the logits.
  ///
  /// - Parameters:
  ///   - logits: pictures x classes.
  ///   - labels: the class of each picture, from 0 on.
  /// - Throws: `EngineError` with code `.shape` if the numbers of pictures differ, or a label is no class.
  public func evaluate(_ logits: Tensor, labels: [Int]) throws -> (losses: [Double], gradient: Tensor) {
    let pictures = logits.shape.dimensions.first ?? 0
    let classes = logits.count / max(pictures, 1)
    guard labels.count == pictures else {
      throw EngineError(.shape, "\(labels.count) labels for \(pictures) pictures")
    }
    if let wrong = labels.first(where: { !(0..<classes).contains($0) }) {
      throw EngineError(.shape, "label \(wrong) is none of the \(classes) classes, which start at 0")
    }
    let spread = Double(labelSmoothing) / Double(max(classes, 1))
    var losses: [Double] = []
    var gradient: [Float] = []
    gradient.reserveCapacity(logits.count)
    for (picture, label) in labels.enumerated() {
      let row = logits.scalars[picture * classes..<(picture + 1) * classes].map(Double.init)
      let largest = row.max() ?? 0
      let powers = row.map { exp($0 - largest) }
      let sum = powers.reduce(0, +)
      let logSum = log(sum) + largest
      var loss = 0.0
      for (index, logit) in row.enumerated() {
        let target = spread + (index == label ? 1 - Double(labelSmoothing) : 0)
        if target > 0 { loss += target * (logSum - logit) }
        gradient.append(Float((powers[index] / sum - target) / Double(pictures)))
      }
      losses.append(loss)
    }
    return (losses, Tensor(shape: logits.shape, scalars: gradient))
  }
}
