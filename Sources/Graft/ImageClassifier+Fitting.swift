public import GraftFeatures
public import GraftLinear
internal import Foundation
internal import GraftHDF5
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
    try self.init(
      head, on: PretrainedNetwork(of: origin, layers: [layer], weights: weights), featuresFrom: origin,
      layers: [layer])
  }

  /// Puts a linear classifier on the network that its features came from.
  ///
  /// - Parameters:
  ///   - pretrained: the network, from `PretrainedNetwork(of:layers:weights:)`.
  ///   - origin: what the feature store says about its making.
  ///   - layers: the layers whose features, side by side, the classifier was trained on.
  /// - Throws: `WeightError` with code `.unsuitable` for a store whose pooling is unknown, `GraphError` for a
  ///   layer that is not there.
  public init(
    _ head: LinearClassifier, on pretrained: PretrainedNetwork, featuresFrom origin: FeatureOrigin,
    layers: [String]
  ) throws {
    guard let pooling = FeaturePooling(rawValue: origin.pooling) else {
      throw WeightError(
        .unsuitable, "the feature store's pooling \"\(origin.pooling)\" is unknown; extract again")
    }
    try self.init(FeatureExtractor(pretrained, at: layers, pooling: pooling), head: head)
  }
}

extension FeatureStore {
  /// Checks that the features of two stores can be compared.
  ///
  /// - Parameter layers: the layers whose features are used; which others the stores have makes no difference.
  /// - Throws: `WeightError` with code `.unsuitable` naming what differs.
  public func requireSameOrigin(
    as other: FeatureStore, at layers: [String] = [], path: String, than otherPath: String
  ) throws {
    var (here, there) = (origin, other.origin)
    if !layers.isEmpty, layers.allSatisfy({ here.layers.contains($0) && there.layers.contains($0) }) {
      (here.layers, there.layers) = (layers, layers)
    }
    let differences = here.differences(from: there)
    guard !differences.isEmpty else { return }
    throw WeightError(
      .unsuitable,
      "\(path): made otherwise than \(otherPath): "
        + differences.map { "\($0.what) \($0.here), there \($0.there)" }.joined(separator: "; ")
        + "; extract both with the same options")
  }
}

extension ImageClassifier {
  /// Checks, before the work rather than after it, that a model can be saved at `path` without loss.
  ///
  /// - Throws: `WeightError` with code `.unsuitable` for a name that does not end in .h5 or .hdf5, a folder that
  ///   is missing or cannot be written, and a file that is there and is no model of Graft.
  public static func checkDestination(_ path: String) throws {
    guard path.lowercased().hasSuffix(".h5") || path.lowercased().hasSuffix(".hdf5") else {
      throw WeightError(.unsuitable, "\"\(path)\": a model's name ends in .h5 (or .hdf5), such as model.h5")
    }
    try Destination.check(path, isReplaceable: isModel, or: "and no model that graft fit made")
  }

  private static func isModel(_ path: String) -> Bool {
    guard HDF5File.isHDF5(path), !FeatureStore.isStore(path), let file = try? HDF5File(path) else {
      return false
    }
    return (try? ModelFacts(in: file)) != nil
  }
}
