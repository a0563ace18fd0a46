public import GraftFeatures
public import GraftLinear
internal import GraftModels

extension ImageClassifier {
  /// Puts a linear classifier on the network that its features came from, which is loaded again.
  ///
  /// - Parameters:
  ///   - origin: what the feature store says about its making.
  ///   - layer: the layer whose features the classifier was trained on.
  ///   - weights: where the same pretrained weights are now; by default where they were.
  /// - Throws: `WeightError` with code `.digest` if the weights are not the same, and what loading throws.
  public init(
    _ head: LinearClassifier, onFeaturesFrom origin: FeatureOrigin, layer: String,
    weights: WeightSource? = nil
  ) throws {
    let pretrained = try PretrainedNetwork(of: origin, layer: layer, weights: weights)
    let pooling = FeaturePooling(rawValue: origin.pooling) ?? .avg
    try self.init(FeatureExtractor(pretrained, at: [layer], pooling: pooling), head: head)
  }
}

extension FeatureStore {
  /// Checks that the features of two stores can be compared.
  ///
  /// - Throws: `WeightError` with code `.unsuitable` naming what differs.
  public func requireSameOrigin(as other: FeatureStore, path: String, than otherPath: String) throws {
    let differences = origin.differences(from: other.origin)
    guard !differences.isEmpty else { return }
    throw WeightError(
      .unsuitable,
      "\(path): made otherwise than \(otherPath): "
        + differences.map { "\($0.what) \($0.here), there \($0.there)" }.joined(separator: "; ")
        + "; extract both with the same options")
  }
}
