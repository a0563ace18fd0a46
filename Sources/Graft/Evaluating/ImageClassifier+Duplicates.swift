internal import GraftData
internal import GraftFeatures
public import GraftImage
internal import Foundation

extension ImageClassifier {
  /// Pictures of a folder that are all but the same as pictures that were trained on.
  ///
  /// - Parameters:
  ///   - folder: the pictures to look at.
  ///   - training: a feature store of the training pictures, or a folder of them. Features of a store are compared with
  ///     those of the network it was made with, whose weights have to be where they were; those of a folder are computed
  ///     with this model's network.
  ///   - threshold: how alike two pictures are at least; see `NearDuplicates`.
  ///   - progress: called with the number of pictures done; stops the work by throwing.
  /// - Throws: `FeatureError` for a damaged store, `ImageError` for a folder without pictures, `WeightError` for weights
  ///   that are not there any more, `EngineError`, and what `progress` throws.
  public func nearDuplicates(
    of folder: ImageFolder, inTraining training: String, threshold: Double = NearDuplicates.threshold,
    progress: (_ done: Int, _ total: Int) throws -> Void = { _, _ in }
  ) throws -> NearDuplicates {
    guard FeatureStore.isStore(training) else {
      let extractor = try FeatureExtractor(
        PretrainedNetwork(
          network: network, name: facts.architecture, preprocessing: preprocessing, classes: classes,
          source: .file(facts.weights), digest: facts.weightsDigest, facts: facts, matches: nil))
      let others = try ImageFolder(training)
      let total = folder.items.count + others.items.count
      let first = try extractor.features(of: folder) { done, _ in try progress(done, total) }
      let second = try extractor.features(of: others) { done, _ in
        try progress(folder.items.count + done, total)
      }
      return try NearDuplicates(
        first.named(by: folder), in: second.named(by: others), threshold: threshold)
    }
    let store = try FeatureStore(path: training)
    let layer = store.origin.layers.contains(facts.layer) ? facts.layer : store.origin.layers.first ?? ""
    let table = try store.table(layer: layer)
    guard let pooling = FeaturePooling(rawValue: store.origin.pooling) else {
      throw WeightError(
        .unsuitable,
        "\(training): the store's pooling \"\(store.origin.pooling)\" is unknown; extract again")
    }
    let extractor = try FeatureExtractor(
      PretrainedNetwork(of: store.origin, layers: [layer]), at: [layer], pooling: pooling)
    let features = try extractor.features(of: folder, progress: progress)
    return try NearDuplicates(features.named(by: folder), in: table, threshold: threshold)
  }
}

extension FeatureTable {
  /// The same rows under the paths that open their pictures.
  fileprivate func named(by folder: ImageFolder) -> FeatureTable {
    let paths = Dictionary(
      folder.items.map { ($0.relativePath, $0.path) }, uniquingKeysWith: { first, _ in first })
    return FeatureTable(
      features: features, classIndices: classIndices, labels: labels,
      paths: self.paths.map { paths[$0] ?? $0 }, digests: digests, skipped: skipped, layer: layer,
      origin: origin)
  }
}
