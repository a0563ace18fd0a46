internal import Foundation
public import GraftTensor

extension Loss {
  /// The loss of each picture, and the gradient of their mean with respect to the outputs. Computed in Float64.
  ///
  /// - Parameters:
  ///   - outputs: pictures x outputs: logits for the cross-entropies.
  ///   - targets: pictures x outputs: distributions over classes for `softmax`, perhaps mixed; 0 to 1 each for
  ///     `sigmoid`; what the outputs should be for the others. With class weights, a picture counts for `softmax` as
  ///     much as the mean over its target.
  /// - Throws: `TrainingError` with code `.input` if the shapes differ, or there are not as many class weights as
  ///   outputs.
  public func evaluate(_ outputs: Tensor, targets: Tensor) throws -> (losses: [Double], gradient: Tensor) {
    guard outputs.shape.rank == 2, outputs.shape == targets.shape else {
      throw TrainingError(
        .input,
        "outputs of shape \(outputs.shape) and targets of shape \(targets.shape); both must be one row a picture"
      )
    }
    let (pictures, width) = (outputs.shape.dimensions[0], outputs.shape.dimensions[1])
    guard classWeights.isEmpty || classWeights.count == width else {
      throw TrainingError(
        .input, "\(classWeights.count) class weights for \(width) classes; one each is needed")
    }
    var losses: [Double] = []
    var gradient: [Float] = []
    gradient.reserveCapacity(outputs.count)
    for picture in 0..<pictures {
      let range = picture * width..<(picture + 1) * width
      let row = outputs.scalars[range].map(Double.init)
      let target = targets.scalars[range].map(Double.init)
      let (loss, slopes) = evaluate(row, target)
      losses.append(loss)
      gradient += slopes.map { Float($0 / Double(pictures)) }
    }
    return (losses, Tensor(shape: outputs.shape, scalars: gradient))
  }

  /// The loss of one picture and its gradient.
  private func evaluate(_ row: [Double], _ target: [Double]) -> (loss: Double, slopes: [Double]) {
    switch form {
    case .softmax: softmax(row, target)
    case .sigmoid: sigmoid(row, target)
    case .squares: mean(row, target) { ($0 * $0, 2 * $0) }
    case .smoothL1(let delta):
      mean(row, target) { difference in
        let size = abs(difference)
        if size <= delta { return (0.5 * size * size, difference) }
        return (delta * (size - 0.5 * delta), difference > 0 ? delta : -delta)
      }
    }
  }

  private func softmax(_ row: [Double], _ target: [Double]) -> (Double, [Double]) {
    let largest = row.max() ?? 0
    let powers = row.map { exp($0 - largest) }
    let sum = powers.reduce(0, +)
    let logSum = log(sum) + largest
    let weight = classWeights.isEmpty ? 1 : zip(target, classWeights).reduce(0) { $0 + $1.0 * $1.1 }
    let smooth = target.map { $0 * (1 - labelSmoothing) + labelSmoothing / Double(row.count) }
    // Mixed targets may not sum to 1 to the last bit; the gradient is that of the loss as it stands.
    let mass = smooth.reduce(0, +)
    var loss = 0.0
    for (logit, target) in zip(row, smooth) where target != 0 { loss += target * (logSum - logit) }
    return (weight * loss, zip(powers, smooth).map { weight * (mass * $0 / sum - $1) })
  }

  private func sigmoid(_ row: [Double], _ target: [Double]) -> (Double, [Double]) {
    let count = Double(row.count)
    var loss = 0.0
    var slopes: [Double] = []
    for (index, (logit, target)) in zip(row, target).enumerated() {
      let weight = classWeights.isEmpty ? 1 : classWeights[index]
      let smooth = target * (1 - labelSmoothing) + 0.5 * labelSmoothing
      // The form that never takes the exponential of a large number.
      let small = exp(-abs(logit))
      loss += weight * (max(logit, 0) - logit * smooth + log1p(small))
      let probability = logit >= 0 ? 1 / (1 + small) : small / (1 + small)
      slopes.append(weight * (probability - smooth) / count)
    }
    return (loss / count, slopes)
  }

  private func mean(
    _ row: [Double], _ target: [Double], _ term: (Double) -> (value: Double, slope: Double)
  ) -> (Double, [Double]) {
    let count = Double(max(row.count, 1))
    let terms = zip(row, target).map { term($0 - $1) }
    return (terms.reduce(0) { $0 + $1.value } / count, terms.map { $0.slope / count })
  }
}
