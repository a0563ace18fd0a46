public import GraftTensor

/// Pictures in memory, preprocessed as a network expects, with their classes.
public struct LabelledTensors: Hashable, Sendable {
  /// Pictures x height x width x channels.
  public let inputs: Tensor
  /// The class of each picture, from 0 on.
  public let labels: [Int]

  /// Pictures with a label each.
  ///
  /// - Throws: `TrainingError` with code `.input` if there are more of one than of the other.
  public init(inputs: Tensor, labels: [Int]) throws {
    guard inputs.shape.dimensions.first == labels.count else {
      throw TrainingError(
        .input, "\(labels.count) labels for inputs of shape \(inputs.shape); one each is needed")
    }
    self.inputs = inputs
    self.labels = labels
  }
}

extension Tensor {
  /// The pictures with the given numbers, in that order.
  func selecting(_ pictures: some Collection<Int>) -> Tensor {
    let size = count / max(shape.dimensions.first ?? 1, 1)
    var scalars: [Float] = []
    scalars.reserveCapacity(pictures.count * size)
    for picture in pictures { scalars += self.scalars[picture * size..<(picture + 1) * size] }
    return Tensor(shape: Shape([pictures.count] + shape.dimensions.dropFirst()), scalars: scalars)
  }
}
