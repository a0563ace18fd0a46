internal import Foundation
internal import GraftData
internal import GraftFeatures
internal import GraftGraph
public import GraftImage
internal import GraftLinear
internal import GraftTensor

/// Linear classifiers on every stage of a network, in one pass over the pictures: which features suit these pictures, and
/// what to freeze.
///
/// ```swift
/// let network = try PretrainedNetwork(.file("weights.h5"))
/// let result = try Probe().run(network, on: DividedPictures("photos"))
/// print(result.recommended.layers, result.recommended.evidence)
/// ```
///
/// Everything is chosen by cross-validation on the training pictures: strengths, layers, ensembles. Pictures that look
/// alike are held out together, because photos from one place flatter each other (see `LookAlikeGroups`). Held-out
/// pictures of the data set are judged for information and have no part in any choice.
public struct Probe: Sendable, Hashable {
  /// What is kept of a feature map.
  public var pooling = FeaturePooling.avg
  /// Parts of the training pictures that are held out in turn.
  public var folds = 5
  /// Groups of look-alike pictures in each class that are held out together; 0 holds out each by itself.
  public var groups = 8
  /// Training pictures of each class that are used; nil for all, as far as `rowLimit` allows.
  public var perClass: Int?
  /// Training pictures that are used at most: beyond a few thousand, more of them hardly change the comparison.
  public var rowLimit = 5000
  /// Layers that are probed at most.
  public var layerLimit = 20
  /// Fixes folds, groups and which pictures are used where not all are.
  public var seed: UInt64 = 1
  /// Where features are kept for later runs.
  public var caching = ActivationCaching()

  /// The usual probe.
  public init() {}

  /// What a probe is doing.
  public enum Event: Sendable, Hashable {
    /// Features of `done` of `total` pictures are computed.
    case extracting(done: Int, total: Int)
    /// `done` of `total` layers are cross-validated.
    case validating(done: Int, total: Int)
  }

  /// Probes a network.
  ///
  /// - Parameters:
  ///   - pretrained: the network, loaded up to its classifier.
  ///   - pictures: the pictures to choose by, and such as are held out.
  ///   - progress: told of every step; stops the work by throwing.
  /// - Throws: `WeightError` with the code `.unsuitable` for pictures with several labels or boxes, `FeatureError`, `EngineError`, `LinearError` with the code `.cannotCrossValidate` among others,
  ///   `DataError`, and what `progress` throws.
  public func run(
    _ pretrained: PretrainedNetwork, on pictures: DividedPictures,
    progress: (Event) throws -> Void = { _ in }
  ) throws -> ProbeResult {
    guard pictures.task == .classes else {
      throw WeightError(
        .unsuitable,
        "a probe compares classifiers for pictures of one class each; these have several labels or boxes. Go on with "
          + "graft finetune")
    }
    let trunk = try pretrained.network.graph.withoutHead()
    let points = trunk.probePoints(limit: layerLimit)
    let extractor = try FeatureExtractor(pretrained, at: points.map(\.layer), pooling: pooling)
    let training = limited(pictures.training)
    let features = try ProbeFeatures(
      extractor, training: training, validation: pictures.validation, caching: caching
    ) { try progress(.extracting(done: $0, total: $1)) }
    var options = LogisticRegression(folds: folds, seed: seed)
    options.tolerance = 1e-5
    let top = try features.table(points.count - 1)
    let keys = groups > 0 ? try LookAlikeGroups(perClass: groups, seed: seed).keys(of: top) : top.digests
    var layers: [ProbedLayer] = []
    for (index, point) in points.enumerated() {
      try progress(.validating(done: index, total: points.count))
      layers.append(
        try ProbedLayer(
          point, table: index == points.count - 1 ? top : features.table(index),
          validation: features.validationTable(index), keys: keys, options: options))
    }
    let mixed =
      groups > 0 ? try options.heldOutPredictions(of: top).path : layers[layers.count - 1].heldOut.path
    try progress(.validating(done: points.count, total: points.count))
    return try ProbeJudgement(
      layers: layers, table: top, keys: keys, graph: trunk
    ).result(
      probe: self, network: pretrained.name, pictures: pictures, used: training, skipped: features.skipped,
      mixedAccuracy: mixed.points[mixed.chosen].accuracy)
  }

  /// As many pictures as the options allow.
  private func limited(_ folder: ImageFolder) -> ImageFolder {
    var cap = perClass ?? .max
    if let classes = folder.labels?.count, folder.items.count > rowLimit {
      cap = min(cap, max(rowLimit / classes, 2))
    }
    return cap == .max ? folder : folder.limited(perClass: cap, seed: seed)
  }
}

/// The features of all probed layers.
struct ProbeFeatures {
  /// Pictures that were left out, and why.
  let skipped: [SkippedPicture]

  private let recorder: any FeatureSource
  private let extractor: FeatureExtractor
  private let training: (rows: [FeatureRow], folder: ImageFolder)
  private let validation: (rows: [FeatureRow], folder: ImageFolder)?

  /// Computes what is not kept already.
  init(
    _ extractor: FeatureExtractor, training: ImageFolder, validation: ImageFolder?,
    caching: ActivationCaching, progress: (_ done: Int, _ total: Int) throws -> Void
  ) throws {
    let total = training.items.count + (validation?.items.count ?? 0)
    recorder =
      try caching.recorder(for: extractor.origin, layers: extractor.layers, count: total)?.recorder
      ?? MemoryRecorder(layers: extractor.layers)
    self.extractor = extractor
    let first = try extractor.record(training, into: recorder, options: ExtractionOptions()) { done, _ in
      try progress(done, total)
    }
    self.training = (first.rows, training)
    var skipped = first.skipped
    if let validation {
      let second = try extractor.record(validation, into: recorder, options: ExtractionOptions()) { done, _ in
        try progress(training.items.count + done, total)
      }
      skipped += second.skipped
      self.validation = second.rows.isEmpty ? nil : (second.rows, validation)
    } else {
      self.validation = nil
    }
    self.skipped = skipped
  }

  /// The training pictures' features of a layer, without classes of which nothing can be read.
  func table(_ index: Int) throws -> FeatureTable {
    try recorder.table(
      layer: extractor.layers[index].name, rows: training.rows, labels: training.folder.labels, skipped: [],
      origin: extractor.origin
    ).withoutEmptyClasses().table
  }

  /// The held-out pictures' features of a layer; nil where there are none.
  func validationTable(_ index: Int) throws -> FeatureTable? {
    guard let validation else { return nil }
    return try recorder.table(
      layer: extractor.layers[index].name, rows: validation.rows, labels: validation.folder.labels,
      skipped: [], origin: extractor.origin)
  }
}

/// What was found of one layer.
struct ProbedLayer {
  let point: ProbePoint
  let width: Int
  let heldOut: HeldOutPredictions
  /// The share of training pictures that the classifier on all of them gets right.
  let trainingAccuracy: Double
  /// The logarithms of the probabilities that classifier gives held-out pictures: rows x classes, with the class of each
  /// row.
  let validation: (logarithms: [Double], truth: [Int])?

  init(
    _ point: ProbePoint, table: FeatureTable, validation: FeatureTable?, keys: [String],
    options: LogisticRegression
  ) throws {
    self.point = point
    width = table.width
    heldOut = try options.heldOutPredictions(of: table, groups: keys)
    var options = options
    options.l2 = .fixed(heldOut.path.l2)
    let classifier = try options.fit(table)
    trainingAccuracy = try classifier.evaluate(table).accuracy
    self.validation = try validation.map { other in
      // A class of which nothing could be read to train on is not known to the classifier.
      let places = (other.labels?.names ?? []).map { classifier.labels.index(of: $0) ?? -1 }
      return (
        try classifier.logarithmsOfProbabilities(of: other.features),
        (other.classIndices ?? []).map { places[$0] }
      )
    }
  }
}
