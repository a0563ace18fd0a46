internal import GraftData
public import GraftFeatures
public import GraftImage
internal import Foundation
internal import GraftEngine
internal import GraftTensor

extension FeatureExtractor {
  /// The features of a folder of pictures at the first layer, in memory.
  ///
  /// - Parameters:
  ///   - cache: keeps features on disk, so that a later call computes only pictures that are new or changed.
  ///   - batch: pictures computed together; has no influence on the result.
  ///   - progress: called with the number of pictures done; stops the work by throwing.
  /// - Throws: `FeatureError`, `EngineError`, and what `progress` throws. Pictures that cannot be read are in the
  ///   table's `skipped`.
  public func features(
    of folder: ImageFolder, cachedIn cache: FeatureCache? = nil, batch: Int = 32,
    progress: (_ done: Int, _ total: Int) throws -> Void = { _, _ in }
  ) throws -> FeatureTable {
    let recorder: any FeatureSource =
      try cache?.recorder(for: origin, layers: layers) ?? MemoryRecorder(layers: layers)
    let pass = try record(
      folder, into: recorder, options: ExtractionOptions(batch: batch), progress: progress)
    return try recorder.table(
      layer: layers[0].name, rows: pass.rows, labels: folder.labels, skipped: pass.skipped, origin: origin)
  }

  /// Writes the features of a folder of pictures to a store, or to a NumPy or CSV file by the name's ending.
  ///
  /// Pictures whose features an existing store holds are not computed again, and a run that was killed is taken up
  /// where it stopped. The features' bits depend neither on that nor on the batch and the number of threads.
  ///
  /// - Parameters:
  ///   - progress: called with the number of pictures done; stops the work by throwing.
  /// - Throws: `FeatureError`, among others for a store that was made with other weights or preprocessing;
  ///   `EngineError`, and what `progress` throws. What was computed before is kept for the next run.
  public func extract(
    _ folder: ImageFolder, to path: String, options: ExtractionOptions = ExtractionOptions(),
    progress: (_ done: Int, _ total: Int) throws -> Void = { _, _ in }
  ) throws -> ExtractionReport {
    let writer = try FeatureStoreWriter(
      path: path, origin: origin, layers: layers, scalar: options.precision)
    let pass = try record(folder, into: writer, options: options, progress: progress)
    guard !pass.rows.isEmpty else {
      writer.abandon()
      let first = pass.skipped.first.map { "; \($0.path): \($0.reason)" } ?? ""
      throw WeightError(
        .unsuitable,
        "\(path): not written, because none of the \(pass.skipped.count) pictures can be read\(first)")
    }
    let report = try writer.finish(rows: pass.rows, classes: folder.labels?.names ?? [])
    return ExtractionReport(
      stored: report.stored, computed: pass.computed,
      copies: pass.rows.count - Set(pass.rows.map(\.digest)).count, dropped: report.dropped,
      skipped: pass.skipped,
      oriented: pass.oriented)
  }
}

/// What a pass over a folder found and did.
struct ExtractionPass {
  var rows: [FeatureRow] = []
  var skipped: [SkippedPicture] = []
  var computed = 0
  var oriented = 0
}

extension FeatureExtractor {
  /// Computes the pictures of a folder that `recorder` does not have yet and hands them to it in order.
  func record(
    _ folder: ImageFolder, into recorder: any FeatureRecorder, options: ExtractionOptions,
    progress: (_ done: Int, _ total: Int) throws -> Void
  ) throws -> ExtractionPass {
    let shared = SharedRecorder(recorder)
    let loader = BatchLoader(
      items: folder.items, preprocessing: pretrained.preprocessing, size: pretrained.inputSize,
      batch: options.batch, threads: Threads.count, options: options.decoding,
      isKnown: { _, digest in shared.hasRow(digest) })
    var pass = ExtractionPass()
    pass.skipped = folder.skipped
    let widths = layers.map(\.shape.count)
    var outputs = widths.map { [Float](repeating: 0, count: options.batch * $0) }
    var digests: [Int: String] = [:]
    try progress(0, folder.items.count)
    while let batch = try loader.next() {
      if batch.count > 0 {
        try plan.run(batch.inputs, count: batch.count, into: &outputs, profiler: profiler)
        for (position, digest) in batch.digests.enumerated() where !shared.hasRow(digest) {
          try shared.append(
            digest, zip(outputs, widths).map { Array($0[position * $1..<(position + 1) * $1]) })
          pass.computed += 1
        }
      }
      digests.removeAll(keepingCapacity: true)
      for (index, digest) in zip(batch.indices, batch.digests) { digests[index] = digest }
      for picture in batch.known { digests[picture.index] = picture.digest }
      for index in batch.range {
        guard let digest = digests[index] else { continue }
        let item = folder.items[index]
        pass.rows.append(FeatureRow(path: item.relativePath, digest: digest, label: item.label))
      }
      pass.skipped += batch.failures.map { SkippedPicture(path: $0.path, reason: $0.reason) }
      pass.oriented += batch.orientedCount
      try progress(batch.range.upperBound, folder.items.count)
    }
    return pass
  }
}

/// A recorder that the threads which decode ask while features are appended to it.
private final class SharedRecorder: Sendable {
  private let lock = NSLock()
  // Touched only while the lock is held.
  nonisolated(unsafe) private let recorder: any FeatureRecorder

  init(_ recorder: any FeatureRecorder) { self.recorder = recorder }

  func hasRow(_ digest: String) -> Bool { lock.withLock { recorder.hasRow(digest: digest) } }

  func append(_ digest: String, _ features: [[Float]]) throws {
    try lock.withLock { try recorder.append(digest: digest, features: features) }
  }
}
