internal import GraftTensor

/// What the values of a file say about it, whatever network it is of: damage, and weights that were never trained.
public struct WeightStatistics: Sendable, Hashable {
  /// The number of values.
  public let values: Int
  /// The number of normalizations with moving statistics.
  public let normalizations: Int
  /// Why the file cannot be that of a trained network; empty if nothing speaks against it.
  public let doubts: [String]

  /// Looks at every value of a file.
  ///
  /// - Throws: `ImportError` with code `.values` naming the first array with a value that is not finite or a negative
  ///   variance, or for what cannot be read.
  public init(_ file: KerasFile) throws {
    var (values, normalizations, fresh) = (0, 0, 0)
    var constant: [String] = []
    for layer in file.weightedLayers {
      var parts: [String: Tensor] = [:]
      for (index, weight) in layer.weights.enumerated() {
        let tensor = try file.tensor(weight)
        let name = weight.parameter ?? Self.parameter(index, of: layer)
        values += tensor.count
        try Self.check(tensor, isVariance: name == "moving_variance", weight, layer, file)
        if let name { parts[name] = tensor }
        if weight.shape.rank > 1, let first = tensor.scalars.first, tensor.count > 1,
          tensor.scalars.allSatisfy({ $0 == first })
        {
          constant.append(layer.qualifiedName)
        }
      }
      guard let mean = parts["moving_mean"], let variance = parts["moving_variance"] else { continue }
      normalizations += 1
      let isFresh =
        mean.scalars.allSatisfy { $0 == 0 } && variance.scalars.allSatisfy { $0 == 1 }
        && parts["gamma"]?.scalars.allSatisfy { $0 == 1 } ?? true
      fresh += isFresh ? 1 : 0
    }
    self.values = values
    self.normalizations = normalizations
    var doubts: [String] = []
    if normalizations > 0, fresh == normalizations {
      doubts.append(
        "all \(normalizations) normalizations are as they were made, gammas and variances 1 and means 0: the network was "
          + "never trained")
    }
    if !constant.isEmpty {
      doubts.append("kernels whose values are all the same: " + constant.listed { $0 })
    }
    self.doubts = doubts
  }

  /// What a numbered variable is, where the class of its layer settles it.
  private static func parameter(_ index: Int, of layer: KerasFile.Layer) -> String? {
    guard layer.kind == "batch_normalization", (2...4).contains(layer.weights.count) else { return nil }
    // The statistics come last; a scale comes first, where there is one and a centre, too.
    switch layer.weights.count - index {
    case 1: return "moving_variance"
    case 2: return "moving_mean"
    default: return layer.weights.count == 4 && index == 0 ? "gamma" : nil
    }
  }

  private static func check(
    _ tensor: Tensor, isVariance: Bool, _ weight: KerasFile.Weight, _ layer: KerasFile.Layer,
    _ file: KerasFile
  ) throws {
    guard let wrong = tensor.scalars.first(where: { !$0.isFinite || isVariance && $0 < 0 }) else { return }
    throw file.error(
      .values, "holds a value that no trained network has", layer: "\(layer.qualifiedName), \(weight.name)",
      expected: isVariance ? "finite values from 0 on" : "finite values", found: "\(wrong)",
      advice: "The file is damaged, or the training went astray; get it again")
  }
}
