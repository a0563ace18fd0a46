internal import Foundation
internal import GraftSupport
public import GraftTensor

/// Pictures of a batch mixed in pairs, and their targets with them: a network that must say how much of each it sees
/// is less sure of itself where it knows nothing.
///
/// A batch is mixed with a shuffled copy of itself, by one share drawn from the beta distribution with both parameters
/// equal to `alpha`: small for pictures that stay nearly themselves, 1 for all shares alike. Numbers are drawn from the
/// seed and the step.
public enum BatchMixing: Hashable, Sendable, Codable {
  /// Weighted sums of pictures (Zhang et al., 2018, arXiv 1710.09412).
  case mixup(alpha: Double)
  /// A rectangle of each picture from another (Yun et al., 2019, arXiv 1905.04899).
  case cutmix(alpha: Double)

  /// How a batch is mixed.
  package struct Draw: Hashable, Sendable {
    /// The picture that each is mixed with.
    package var partners: [Int]
    /// The share of each that stays.
    package var share: Double
    /// What comes from the other, for cutmix.
    package var columns = 0..<0
    package var rows = 0..<0
  }

  /// Returns a mixed batch.
  ///
  /// - Parameters:
  ///   - inputs: pictures first; for cutmix pictures x height x width x channels.
  ///   - targets: pictures x classes.
  ///   - seed: chosen for a whole run.
  ///   - step: the number of the step.
  /// - Throws: `TrainingError` with code `.input` if the shapes do not fit, or `alpha` is not positive.
  public func mix(
    _ inputs: Tensor, _ targets: Tensor, seed: UInt64, step: Int
  ) throws -> (inputs: Tensor, targets: Tensor) {
    let size = inputs.shape.dimensions
    guard let count = size.first, count > 0, targets.shape.dimensions.first == count else {
      throw TrainingError(.input, "inputs of shape \(inputs.shape) and targets of shape \(targets.shape)")
    }
    switch self {
    case .mixup:
      let draw = try draw(count, height: 1, width: 1, seed: seed, step: step)
      return (blend(inputs, draw), blend(targets, draw))
    case .cutmix:
      guard size.count == 4 else {
        throw TrainingError(
          .input, "cutmix needs pictures x height x width x channels; the shape is \(inputs.shape)")
      }
      let draw = try draw(count, height: size[1], width: size[2], seed: seed, step: step)
      var scalars = inputs.scalars
      let length = draw.columns.count * size[3]
      for (picture, partner) in draw.partners.enumerated() {
        for row in draw.rows {
          let to = ((picture * size[1] + row) * size[2] + draw.columns.lowerBound) * size[3]
          let from = ((partner * size[1] + row) * size[2] + draw.columns.lowerBound) * size[3]
          scalars.replaceSubrange(to..<to + length, with: inputs.scalars[from..<from + length])
        }
      }
      return (Tensor(shape: inputs.shape, scalars: scalars), blend(targets, draw))
    }
  }

  /// The numbers of a step.
  package func draw(_ count: Int, height: Int, width: Int, seed: UInt64, step: Int) throws -> Draw {
    let (alpha, isCut) =
      switch self {
      case .mixup(let alpha): (alpha, false)
      case .cutmix(let alpha): (alpha, true)
      }
    guard alpha > 0 && alpha.isFinite else {
      throw TrainingError(.input, "the alpha of mixing is \(alpha); it must be positive")
    }
    var generator = SeededGenerator(seed: seed, stream: "mixing/\(step)")
    var draw = Draw(partners: generator.permutation(count), share: generator.symmetricBeta(alpha))
    guard isCut else { return draw }
    // A rectangle of the picture's aspect, its centre anywhere; what lies outside is cut off and counted as such.
    let side = (1 - draw.share).squareRoot()
    func range(_ length: Int) -> Range<Int> {
      let extent = Int(side * Double(length))
      let center = generator.below(length)
      return max(center - extent / 2, 0)..<min(center - extent / 2 + extent, length)
    }
    draw.columns = range(width)
    draw.rows = range(height)
    draw.share = 1 - Double(draw.columns.count * draw.rows.count) / Double(width * height)
    return draw
  }

  private func blend(_ values: Tensor, _ draw: Draw) -> Tensor {
    let length = values.count / draw.partners.count
    let (stays, comes) = (Float(draw.share), Float(1 - draw.share))
    var scalars = values.scalars
    values.scalars.withUnsafeBufferPointer { old in
      for (picture, partner) in draw.partners.enumerated() {
        for i in 0..<length {
          scalars[picture * length + i] =
            stays * old[picture * length + i] + comes * old[partner * length + i]
        }
      }
    }
    return Tensor(shape: values.shape, scalars: scalars)
  }
}

extension SeededGenerator {
  /// A number in 0...1 from the beta distribution with both parameters equal: a gamma-distributed number over the sum of
  /// two.
  fileprivate mutating func symmetricBeta(_ alpha: Double) -> Double {
    let (a, b) = (logGamma(alpha), logGamma(alpha))
    // Through logarithms: for small parameters both may be too small for a number.
    return 1 / (1 + exp(b - a))
  }

  /// The logarithm of a gamma-distributed number (Marsaglia and Tsang, 2000, "A simple method for generating gamma
  /// variables"; for parameters below 1 with their boost by a power of a uniform number).
  private mutating func logGamma(_ alpha: Double) -> Double {
    if alpha < 1 { return logGamma(alpha + 1) + log(1 - unit()) / alpha }
    let d = alpha - 1.0 / 3
    let c = 1 / (9 * d).squareRoot()
    while true {
      let x = normal()
      let v = 1 + c * x
      guard v > 0 else { continue }
      let cube = v * v * v
      if log(1 - unit()) < 0.5 * x * x + d - d * cube + d * log(cube) { return log(d * cube) }
    }
  }
}
