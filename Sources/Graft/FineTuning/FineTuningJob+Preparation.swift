internal import Foundation
internal import GraftData
internal import GraftEngine
internal import GraftFeatures
internal import GraftGraph
internal import GraftImage
internal import GraftLinear
internal import GraftSupport
internal import GraftTensor
internal import GraftTraining

/// Where a pass over pictures leaves the results of some layers.
private struct Target {
  let recorder: any FeatureSource
  /// For each layer of the recorder, the plan's output; nil for the input itself.
  let outputs: [Int?]
}

extension FineTuningJob {
  /// Reads all pictures once: finds those that cannot be used, and keeps what of the network's results is needed later.
  mutating func prepare(_ report: (FineTuningEvent) throws -> Void) throws {
    let start = Date.now
    let total = pictures.training.items.count + (pictures.validation?.items.count ?? 0)
    skipped = pictures.skipped
    try makeRecorders(total: total)
    let featureName = tuner.head?.initialization == .linear ? headed?.features : nil
    try report(.preparing(done: 0, total: total))
    try pass(
      pictures.training, into: \.training, features: featureName, keeps: !isAugmented
    ) { try report(.preparing(done: $0, total: total)) }
    if let held = pictures.validation {
      let before = pictures.training.items.count
      try pass(held, into: \.validation, features: nil, keeps: true) {
        try report(.preparing(done: before + $0, total: total))
      }
    }
    try requireAllClasses()
    if tuner.classWeights != .equal {
      trainer.loss.classWeights = try tuner.classWeights.weights(
        of: training.items.flatMap { $0.marks ?? $0.label.map { [$0] } ?? [] }, classes: labels,
        task: targets.task)
    }
    if let views { try computeViews(views.recorder, report) }
    extractSeconds = Date.now.timeIntervalSince(start)
  }

  private mutating func makeRecorders(total: Int) throws {
    let caching = tuner.caching
    func origin(_ names: [String], augmentation: String = "none", seed: UInt64 = 0) throws -> FeatureOrigin {
      FeatureOrigin(
        architecture: pretrained.name, weights: pretrained.source.lasting,
        weightsDigest: try network.digest(upTo: names), layers: names, pooling: "none",
        preprocessing: pretrained.preprocessing.summary(size: pretrained.inputSize),
        preprocessingJSON: try pretrained.preprocessing.json(), inputSize: pretrained.inputSize,
        augmentation: augmentation, seed: seed)
    }
    let plain = isAugmented ? total - pictures.training.items.count : total
    if let headed, tuner.head?.initialization == .linear {
      let layer = FeatureLayer(
        name: headed.features, shape: try network.graph.node(named: headed.features).shape)
      let isBoundary = boundary == [headed.features]
      let count = isBoundary ? total : pictures.training.items.count
      let found = try caching.recorder(for: origin([headed.features]), layers: [layer], count: count)
      // Without room in a folder, in memory whatever the budget: they are few, and needed.
      features = found?.recorder ?? MemoryRecorder(layers: [layer])
      if isBoundary { kept = found }
    }
    if kept == nil, plain > 0 {
      var own = caching
      // Pictures themselves are on the disk already.
      if trainsFromInput { own.directory = nil }
      kept = try own.recorder(
        for: origin(boundary), layers: outputs,
        count: plain)
    }
    guard isAugmented, caching.views > 0, trainer.epochs > 0, !trainsFromInput else { return }
    var own = caching
    own.memory -= kept?.storage.bytes ?? 0
    let count = min(caching.views, trainer.epochs)
    views = try own.recorder(
      for: origin(boundary, augmentation: trainer.augmentation.description, seed: trainer.seed),
      layers: outputs,
      count: count * pictures.training.items.count)
  }

  /// Goes over a folder once.
  private mutating func pass(
    _ folder: ImageFolder, into part: WritableKeyPath<FineTuningJob, SoundPictures>, features name: String?,
    keeps: Bool, progress: (Int) throws -> Void
  ) throws {
    var names: [String] = []
    var targets: [Target] = []
    func output(_ name: String) -> Int? {
      if name == network.graph.nodes[0].name { return nil }
      if let index = names.firstIndex(of: name) { return index }
      names.append(name)
      return names.count - 1
    }
    if let name, let features { targets.append(Target(recorder: features, outputs: [output(name)])) }
    if keeps, let kept { targets.append(Target(recorder: kept.recorder, outputs: boundary.map(output))) }
    let plan = names.isEmpty ? nil : try InferencePlan(network, outputs: names)
    let asked = SharedTargets(targets)
    let isKnown: @Sendable (Int, String) -> Bool = { _, digest in asked.haveRow(digest) }
    let batchSize = 32
    let loader = BatchLoader(
      items: folder.items, preprocessing: pretrained.preprocessing, size: pretrained.inputSize,
      batch: batchSize, threads: Threads.count,
      isKnown: targets.isEmpty ? nil : isKnown)
    var results = plan?.outputs.map { [Float](repeating: 0, count: batchSize * $0.shape.count) } ?? []
    let inputCount = pretrained.inputSize * pretrained.inputSize * 3
    while let batch = try loader.next() {
      if batch.count > 0 {
        try plan?.run(batch.inputs, count: batch.count, into: &results)
        if plan != nil { extracted += batch.count }
        for (position, digest) in batch.digests.enumerated() {
          for target in targets where !asked.hasRow(target, digest) {
            let rows = zip(target.recorder.layers, target.outputs).map { layer, output in
              let (values, width) =
                output.map { (results[$0], layer.shape.count) } ?? (batch.inputs, inputCount)
              return Array(values[position * width..<(position + 1) * width])
            }
            try asked.append(target, digest, rows)
          }
        }
      }
      var digests = Dictionary(zip(batch.indices, batch.digests), uniquingKeysWith: { first, _ in first })
      for picture in batch.known { digests[picture.index] = picture.digest }
      for index in batch.range {
        guard let digest = digests[index] else { continue }
        self[keyPath: part].items.append(folder.items[index])
        self[keyPath: part].digests.append(digest)
        if self.targets.task == .boxes {
          self[keyPath: part].sizes.append(try Image.size(ofFile: folder.items[index].path))
        }
      }
      skipped += batch.failures.map { SkippedPicture(path: $0.path, reason: $0.reason) }
      try progress(batch.range.upperBound)
    }
    self[keyPath: part].strata = ImageFolder.strata(of: self[keyPath: part].items, labels: labels.count)
  }

  /// Computes the views of training pictures that are not kept yet.
  private mutating func computeViews(
    _ recorder: any FeatureSource, _ report: (FineTuningEvent) throws -> Void
  ) throws {
    let supply = try supply()
    let count = min(tuner.caching.views, trainer.epochs)
    let total = count * training.items.count
    for view in 0..<count {
      let missing = training.digests.indices.filter {
        !recorder.hasRow(digest: SoundPictures.key(training.digests[$0], view: view))
      }
      let loader = supply.loader(training, missing, batch: 32, draws: .view(view))
      for start in stride(from: 0, to: missing.count, by: 32) {
        let order = missing[start..<min(start + 32, missing.count)]
        let results = try supply.next(loader, training, order)
        for (position, index) in order.enumerated() {
          try recorder.append(
            digest: SoundPictures.key(training.digests[index], view: view),
            features: results.map { tensor in
              let width = tensor.count / order.count
              return Array(tensor.scalars[position * width..<(position + 1) * width])
            })
        }
        extracted += order.count
        try report(
          .preparing(
            done: view * training.items.count + training.items.count - missing.count + start + order.count,
            total: total))
      }
    }
  }

  /// How pictures become what the trained part reads.
  func supply() throws -> PictureSupply {
    PictureSupply(
      preprocessing: pretrained.preprocessing, size: pretrained.inputSize,
      augmentation: trainer.augmentation, seed: trainer.seed,
      frozen: trainsFromInput ? nil : try InferencePlan(network, outputs: boundary), boundary: outputs,
      targets: targets)
  }

  private func requireAllClasses() throws {
    let present: Set<Int> =
      switch targets.task {
      case .classes: Set(training.strata)
      case .labels: Set(training.items.flatMap { $0.marks ?? [] })
      // Every picture says all of its box.
      case .boxes: training.items.isEmpty ? [] : Set(labels.names.indices)
      }
    let missing = labels.names.indices.filter { !present.contains($0) }.map { labels.names[$0] }
    // A model that goes on may know classes of which there are no new pictures.
    guard let first = missing.first, tuner.head != nil else {
      guard training.items.isEmpty else { return }
      throw TrainingError(.input, "none of the pictures can be read\(reasons)")
    }
    throw TrainingError(
      .input,
      training.items.isEmpty
        ? "none of the pictures can be read\(reasons)"
        : "there is no picture to learn the \(targets.task == .labels ? "label" : "class") \"\(first)\" from"
          + (missing.count > 1 ? " (and \(missing.count - 1) other classes)" : "") + reasons)
  }

  private var reasons: String { skipped.first.map { "; \($0.path): \($0.reason)" } ?? "" }
}

/// Targets that the threads which decode ask while results are appended to them.
private final class SharedTargets: Sendable {
  private let lock = NSLock()
  // Touched only while the lock is held.
  nonisolated(unsafe) private let targets: [Target]

  init(_ targets: [Target]) { self.targets = targets }

  func haveRow(_ digest: String) -> Bool {
    lock.withLock { targets.allSatisfy { $0.recorder.hasRow(digest: digest) } }
  }

  func hasRow(_ target: Target, _ digest: String) -> Bool {
    lock.withLock { target.recorder.hasRow(digest: digest) }
  }

  func append(_ target: Target, _ digest: String, _ rows: [[Float]]) throws {
    try lock.withLock { try target.recorder.append(digest: digest, features: rows) }
  }
}

extension Network {
  /// A digest of everything that the results of some layers depend on besides the picture, and of the arithmetic that
  /// gives their last bits.
  func digest(upTo layers: [String]) throws -> String {
    let part = try Network(graph: graph.truncated(at: layers), parameters: parameters)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    var text = "\(GraftVersion.current) \(KernelTable.current.name) "
    text += Digest.sha256(of: Array(try encoder.encode(part.graph)))
    for node in part.graph.nodes {
      for (name, _) in part.graph.parameterShapes(of: node) {
        guard let tensor = part.parameters[node.name, name] else { continue }
        text += " " + tensor.withUnsafeScalars { Digest.sha256(of: UnsafeRawBufferPointer($0)) }
      }
    }
    return Digest.sha256(of: Array(text.utf8))
  }
}
