internal import GraftData
internal import GraftEngine
internal import GraftFeatures
internal import GraftImage
internal import GraftSupport
internal import GraftTensor
internal import GraftTraining
internal import Foundation

/// Pictures that are known to be sound, with the digests of their files.
struct SoundPictures {
  var items: [ImageFolder.Item] = []
  var digests: [String] = []
  /// Of each its width and height in pixels, where boxes are to be placed; else empty.
  var sizes: [(width: Int, height: Int)] = []
  /// The class of each, or what else parts should have their share of; once all are there.
  var strata: [Int] = []

  func rows(_ view: Int? = nil) -> [FeatureRow] {
    zip(items, digests).map {
      FeatureRow(path: $0.relativePath, digest: Self.key($1, view: view), label: $0.label)
    }
  }

  /// What a picture's row is found by: its digest, and the number of the view of it.
  static func key(_ digest: String, view: Int?) -> String {
    view.map { Digest.sha256(of: Array("\(digest)/view/\($0)".utf8)) } ?? digest
  }

  /// The number that random changes of a picture are drawn by: of its content, so that it stays the same whatever other
  /// pictures there are.
  func number(_ index: Int) -> Int { Self.number(ofDigest: digests[index]) }

  /// The number of a picture whose file has this digest.
  static func number(ofDigest digest: String) -> Int { Int(digest.prefix(15), radix: 16) ?? 0 }
}

/// How pictures become what the trained part reads.
struct PictureSupply: Sendable {
  var preprocessing: Preprocessing
  var size: Int
  var augmentation: Augmentation
  var seed: UInt64
  /// The frozen part; nil if the trained part reads pictures.
  var frozen: InferencePlan?
  /// What the trained part reads.
  var boundary: [FeatureLayer]
  /// What the network should say.
  var targets: TaskTargets

  /// A loader of some pictures in some order.
  func loader(
    _ pictures: SoundPictures, _ order: [Int], batch: Int, draws: Draws,
    isKnown: (@Sendable (Int, String) throws -> Bool)? = nil
  ) -> BatchLoader {
    var draw: (@Sendable (Int) -> AugmentationDraw?)?
    if draws != .none { draw = { self.draw(pictures, order[$0], draws) } }
    return BatchLoader(
      items: order.map { pictures.items[$0] }, preprocessing: preprocessing, size: size, batch: batch,
      threads: Threads.count, augmentation: augmentation, draw: draw, isKnown: isKnown)
  }

  /// Which random changes pictures get.
  enum Draws: Sendable, Hashable {
    case none
    case epoch(Int)
    case view(Int)
  }

  /// The next batch of a loader as what the trained part reads.
  func next(_ loader: BatchLoader, _ pictures: SoundPictures, _ order: ArraySlice<Int>) throws -> [Tensor] {
    guard let batch = try loader.next() else {
      throw WeightError(.unsuitable, "pictures are missing; this is a mistake in Graft")
    }
    if let failure = batch.failures.first {
      throw WeightError(
        .unsuitable, "\(failure.path): \(failure.reason); the picture could be read when the run began")
    }
    for (index, digest) in zip(order, batch.digests) where pictures.digests[index] != digest {
      throw WeightError(
        .unsuitable, "\(pictures.items[index].path): the file has changed since the run began; begin anew")
    }
    let input = Tensor(shape: [batch.count, size, size, 3], scalars: batch.inputs)
    return try frozen.map { try $0.run(input) } ?? [input]
  }
}

/// Pictures whose frozen part is computed at each epoch.
final class StreamedPictures: PictureSource {
  let labels: [Int]
  private let pictures: SoundPictures
  private let supply: PictureSupply
  private let varies: Bool

  init(_ pictures: SoundPictures, _ supply: PictureSupply, varies: Bool) {
    self.pictures = pictures
    self.supply = supply
    self.varies = varies
    labels = pictures.strata
  }

  func targets(_ chosen: ArraySlice<Int>, epoch: Int) -> TrainingTargets {
    supply.targets(pictures, chosen, draws(epoch))
  }

  private func draws(_ epoch: Int) -> PictureSupply.Draws { varies ? .epoch(epoch) : .none }

  func forEachBatch(
    _ batches: [ArraySlice<Int>], epoch: Int, _ body: (Int, [Tensor]) throws -> Void
  ) throws {
    guard let size = batches.first?.count else { return }
    let loader = supply.loader(
      pictures, batches.flatMap { Array($0) }, batch: size, draws: draws(epoch))
    for (number, batch) in batches.enumerated() {
      try body(number, supply.next(loader, pictures, batch))
    }
  }
}

/// Pictures whose frozen part is kept, one view or several of each.
final class KeptPictures: PictureSource {
  let labels: [Int]
  private let pictures: SoundPictures
  private let supply: PictureSupply
  private let varies: Bool
  private let rows: [[FeatureRow]]
  private let store: any FeatureSource
  private let boundary: [FeatureLayer]
  private let layers: [Int]

  /// - Parameters:
  ///   - views: the number of views; nil for pictures that do not vary.
  ///   - layers: the position in the store of each layer of the boundary.
  init(
    _ pictures: SoundPictures, _ supply: PictureSupply, views: Int?, store: any FeatureSource,
    boundary: [FeatureLayer],
    layers: [Int]
  ) {
    self.pictures = pictures
    self.supply = supply
    labels = pictures.strata
    varies = views != nil
    rows = views.map { (0..<$0).map { pictures.rows($0) } } ?? [pictures.rows()]
    self.store = store
    self.boundary = boundary
    self.layers = layers
  }

  func targets(_ chosen: ArraySlice<Int>, epoch: Int) -> TrainingTargets {
    supply.targets(pictures, chosen, varies ? .view(epoch % rows.count) : .none)
  }

  func forEachBatch(
    _ batches: [ArraySlice<Int>], epoch: Int, _ body: (Int, [Tensor]) throws -> Void
  ) throws {
    let rows = rows[epoch % rows.count]
    for (number, batch) in batches.enumerated() {
      let chosen = batch.map { rows[$0] }
      let tensors = try zip(boundary, layers).map { output, layer in
        Tensor(
          shape: Shape([batch.count] + output.shape.dimensions),
          scalars: try [Float](unsafeUninitializedCapacity: batch.count * output.shape.count) {
            buffer, count in
            count = batch.count * output.shape.count
            try store.read(
              layer: layer, of: chosen[...], into: UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
          })
      }
      try body(number, tensors)
    }
  }
}
