public import GraftFeatures
internal import Foundation

/// The stores that a classifier is fitted to and judged on, opened and checked against each other.
public struct FittingData: Sendable {
  /// Where the features come from.
  public let origin: FeatureOrigin
  /// The layers that are used.
  public let layers: [String]
  /// What to learn from; every class has a picture.
  public let training: FeatureDataset
  /// What to judge by.
  public let heldOut: FeatureDataset?
  /// Classes of the training store without a picture, left out.
  public let emptyClasses: [String]

  /// Half of the machine's memory.
  public static var defaultMemory: Int { Int(ProcessInfo.processInfo.physicalMemory / 2) }

  /// Of the memory, what features may take; the rest is for the solver.
  private static let share = 0.7

  /// Opens stores.
  ///
  /// - Parameters:
  ///   - path: the store to learn from.
  ///   - layers: the layers to use, side by side; may be none where the store has only one.
  ///   - heldOut: the store to judge by.
  ///   - memory: how many bytes to take, about; what does not fit stays on disk.
  /// - Throws: `FeatureError`; `WeightError` with code `.unsuitable` for stores that were made in different ways;
  ///   `DataError` with code `.unknownClass` for held-out pictures of classes that are not learnt.
  public init(_ path: String, layers: [String] = [], heldOut: String? = nil, memory: Int) throws {
    let store = try FeatureStore(path: path)
    var budget = Int(Double(memory) * Self.share)
    let (training, empty) = try store.dataset(layers: layers, memory: budget).withoutEmptyClasses()
    let names = training.layers.map(\.name)
    if !training.features.isOnDisk { budget -= training.features.bytes }
    self.heldOut = try heldOut.map { other in
      let held = try FeatureStore(path: other)
      try held.requireSameOrigin(as: store, at: names, path: other, than: path)
      let dataset = try held.dataset(layers: names, memory: max(budget, 0))
      // Before the fit rather than after it.
      if let labels = dataset.labels, let known = training.labels {
        _ = try labels.indices(in: known, used: dataset.classIndices.map { Set($0) })
      }
      return dataset
    }
    origin = store.origin
    self.layers = names
    self.training = training
    emptyClasses = empty
  }
}
