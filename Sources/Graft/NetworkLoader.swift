internal import Foundation
internal import GraftGraph
internal import GraftHDF5
internal import GraftImage
internal import GraftKeras
internal import GraftModels
internal import GraftSupport
internal import GraftTensor

/// Finds out which network weights belong to, builds it as far as it is wanted, and puts the weights in.
struct NetworkLoader {
  /// How much of the network is wanted.
  enum Part {
    /// All of it, with the classifier.
    case whole
    /// What these layers need; of an empty list, the layers before the classifier.
    case layers([String])
  }

  var source: WeightSource
  var architecture: Architecture?
  var inputSize: Int?
  var preprocessing: PreprocessingChoice
  var part: Part
  /// Whether a network is loaded, to be looked at, even where nobody knows its preprocessing.
  var acceptsUnknownPreprocessing = false

  func load() throws -> PretrainedNetwork {
    switch source {
    case .random(let seed):
      try random(seed)
    case .embedded:
      try load(
        KerasFile(
          HDF5File(image: Array(EmbeddedFile.defaultWeights), name: "the weights inside the program")),
        digest: Deferred { Digest.sha256(of: EmbeddedFile.defaultWeights) }, fileName: "default.h5")
    case .file(let path):
      try load(path)
    case .registry(let name):
      try load(WeightStore().path(of: name))
    }
  }

  /// Loads the network that was once called `name`: as the file is understood by itself, or else, where a user had
  /// overruled that, as the architecture of that name.
  func load(as name: String) throws -> PretrainedNetwork {
    let found = Result { try load() }
    if case .success(let network) = found, network.name == name { return network }
    guard let architecture = try? Architecture.named(name), self.architecture == nil else {
      return try found.get()
    }
    var overruled = self
    overruled.architecture = architecture
    // Where it is not that either, the caller finds other weights than it looked for.
    return try (try? overruled.load()) ?? found.get()
  }

  /// All of the network that the weights are of: with the classifier if they have one.
  func loadWithClassifierIfAny() throws -> PretrainedNetwork {
    var loader = self
    let file: KerasFile
    switch source {
    case .random: return try load()
    case .embedded:
      loader.part = .layers([])
      return try loader.load()
    case .file(let path): file = try KerasFile(path: path)
    case .registry(let name): file = try KerasFile(path: WeightStore().path(of: name))
    }
    loader.part = try extent(of: file).part
    return try loader.load()
  }

  /// How much of a network a file has weights for, and the last layer of that where it ends early.
  func extent(of file: KerasFile) throws -> (part: Part, lastLayer: String?) {
    // A model that describes itself is whole, whatever it was made of.
    if try configuredGraph(of: file, isNeeded: false, isSaved: false) != nil { return (.whole, nil) }
    if let last = try lastLayer(of: file) { return (.layers([last]), last) }
    return (try hasClassifier(file) ? .whole : .layers([]), nil)
  }

  private func load(_ path: String) throws -> PretrainedNetwork {
    // Both take long and nothing but the file's path; meanwhile the file is read.
    let digest = Deferred {
      _ = try? WeightRegistry.published
      return try Digest.sha256(ofFile: path)
    }
    let file = try KerasFile(path: path)
    // All arrays at once: one after the other that takes nearly as long as to compute a picture.
    defer { try? file.hdf5.close() }
    return try load(file, digest: digest, fileName: (path as NSString).lastPathComponent)
  }

  private func random(_ seed: UInt64) throws -> PretrainedNetwork {
    let isDefault = architecture == nil
    let architecture = try self.architecture ?? Architecture.named(EmbeddedFile.defaultArchitecture)
    let size = inputSize ?? (isDefault ? EmbeddedFile.defaultInputSize : architecture.inputSize)
    let (whole, names) = try graph(of: architecture, size: size, classes: 1000)
    let graph = try names.isEmpty ? whole : whole.truncated(at: names)
    return PretrainedNetwork(
      network: try Network(graph: graph, parameters: Parameters.random(for: graph, seed: seed)),
      name: architecture.name,
      preprocessing: preprocessing.applied(to: Preprocessing(mode: architecture.preprocessing)),
      classes: nil, source: source, digest: "random:\(seed)", facts: nil, matches: nil)
  }

  private func load(_ file: KerasFile, digest: Deferred<String>, fileName: String) throws -> PretrainedNetwork
  {
    let facts = try ModelFacts(in: file.hdf5)
    // A saved model describes its network, unless only its weights were exported.
    let found = try facts == nil || file.configuration == nil ? recognised(file) : .failure(nil)
    let candidate = try? found.get()
    let architecture = candidate?.architecture ?? facts.flatMap { try? Architecture.named($0.architecture) }
    let (graph, parameters, matches): (Graph, Parameters, MatchTable)
    var name = architecture?.name ?? ""
    let importer = WeightImporter(file: file, isKnown: try Self.isPublished(file, fileName, sha256: digest))
    var isDescribed = false
    if let (configured, origins) = try configuredGraph(
      of: file, isNeeded: candidate == nil, isSaved: facts != nil)
    {
      if name.isEmpty { name = facts?.architecture ?? "own model" }
      isDescribed = true
      let names = try wantedLayers(of: configured)
      graph = try configured.truncated(at: names)
      (parameters, matches) = try importer.load(into: configured, cutAt: names, origins: origins)
    } else if let candidate {
      try refusePartial(candidate, file)
      let size = try inputSize ?? weightsSize(file, fileName, candidate) ?? candidate.architecture.inputSize
      let (whole, names) = try self.graph(
        of: candidate.architecture, size: size, classes: candidate.classes, file: file)
      graph = try names.isEmpty ? whole : whole.truncated(at: names)
      (parameters, matches) =
        try names.isEmpty ? importer.load(into: whole) : importer.load(into: whole, cutAt: names)
    } else {
      throw found.failure
        ?? WeightError(
          .unsuitable, "\(file.path): is a model of Graft without the network in it; it is damaged")
    }
    let recorded =
      try facts?.preprocessing ?? Preprocessing(in: file.hdf5)
      ?? architecture.map { Preprocessing(mode: $0.preprocessing) }
    let usualMode = recorded?.mode
    let unknown = acceptsUnknownPreprocessing ? Preprocessing(mode: .none) : nil
    guard let recorded = recorded ?? preprocessing.mode.map({ Preprocessing(mode: $0) }) ?? unknown else {
      throw WeightError(
        .unsuitable,
        "\(file.path): the file does not say how pictures are prepared for this network, and it is none that "
          + "Graft knows; give --preprocessing caffe, tf, torch or none")
    }
    let prepared = preprocessing.applied(to: recorded)
    var network = try Network(graph: graph, parameters: parameters)
    // Where a file is only looked at, its network is shown as it is.
    if !acceptsUnknownPreprocessing {
      network = try network.takingPictures(prepared: prepared.mode, path: file.path)
    }
    return PretrainedNetwork(
      network: network, name: name, preprocessing: prepared,
      classes: facts?.classes ?? classes(of: graph, architecture: architecture), source: source,
      digest: try digest.value(), facts: facts, matches: matches,
      usualMode: usualMode, isDescribedByFile: isDescribed)
  }
}

extension NetworkLoader {
  /// The side of the pictures, in pixels, where a file leaves it open.
  private static let usualInputSize = 224

  private struct Candidate {
    let architecture: Architecture
    let recognition: Recognition
    var classes: Int? { recognition.classes }
  }

  private enum Finding {
    case success(Candidate)
    case failure((any Error)?)

    func get() throws -> Candidate {
      switch self {
      case .success(let candidate): return candidate
      case .failure(let error): throw error ?? WeightError(.unsuitable, "")
      }
    }

    var failure: (any Error)? {
      if case .failure(let error) = self { error } else { nil }
    }
  }

  /// The architecture asked for, or the one that the file's layers show. That a file shows none is no error yet:
  /// it may describe its network itself.
  private func recognised(_ file: KerasFile) throws -> Finding {
    let known = architecture.map { [$0] } ?? Architecture.all
    do {
      let recognition = try file.recognized(among: known.map(NetworkCandidate.init))
      return .success(Candidate(architecture: known[recognition.index], recognition: recognition))
    } catch let error as ImportError {
      if let architecture,
        let other = try? file.recognized(among: Architecture.all.map(NetworkCandidate.init))
      {
        throw WeightError(
          .unsuitable,
          "\(file.path): holds \(Architecture.all[other.index].name), not \(architecture.name); do not name an "
            + "architecture, it is recognised from the file")
      }
      return .failure(error)
    }
  }

  /// The network that the file itself describes, resized as asked.
  private func configuredGraph(of file: KerasFile, isNeeded: Bool, isSaved: Bool) throws -> (
    Graph, LayerOrigins
  )? {
    guard architecture == nil || isSaved, file.configuration != nil else { return nil }
    do {
      let side = inputSize ?? architecture?.inputSize ?? Self.usualInputSize
      let (graph, origins) = try KerasModelFile.layers(of: file, inputSize: Extent(side))
      guard let inputSize, inputSize != graph.inputShape[0] else { return (graph, origins) }
      return (try graph.resized(height: inputSize, width: inputSize), origins)
    } catch let error as ImportError where !isNeeded {
      // A published network that the file describes in a way that is not understood: its weights still fit.
      _ = error
      return nil
    }
  }

  private func refusePartial(_ candidate: Candidate, _ file: KerasFile) throws {
    guard candidate.recognition.isPartial, case .layers(let names) = part, names.isEmpty else { return }
    let last = candidate.recognition.lastLayer ?? "?"
    throw WeightError(
      .unsuitable,
      "\(file.path): holds \(candidate.architecture.name) only up to the layer \(last); "
        + "ask for that layer or one before it with --layer \(last)")
  }

  /// The size of pictures that the weights were trained on, where the file or its published name says so.
  private func weightsSize(_ file: KerasFile, _ fileName: String, _ candidate: Candidate) throws -> Int? {
    if let size = try? file.hdf5.root.attribute("input_size")?.integerValue { return size }
    return try candidate.recognition.inputSize ?? WeightRegistry.published.entry(file: fileName)?.inputSize
  }

  /// The names of ImageNet's classes where a published network ends in as many.
  private func classes(of graph: Graph, architecture: Architecture?) -> Labels? {
    architecture != nil && graph.output.stage == Graph.headStage && graph.output.shape == [1000]
      ? .imageNet : nil
  }

  /// Whether a file is, byte for byte, the one that is published under its name.
  private static func isPublished(
    _ file: KerasFile, _ fileName: String, sha256: Deferred<String>
  ) throws -> Bool {
    guard let published = try WeightRegistry.published.entry(file: fileName)?.digest else { return false }
    return try published.value == (published.algorithm == .sha256 ? sha256.value() : file.digest(.md5))
  }

  /// A published network as far as it is needed, and the layers to cut it at; none for all of it.
  private func graph(
    of architecture: Architecture, size: Int, classes: Int?, file: KerasFile? = nil
  ) throws -> (Graph, cutAt: [String]) {
    switch part {
    case .whole:
      guard let classes else {
        throw WeightError(
          .unsuitable,
          "\(file?.path ?? architecture.name): \(architecture.name) without its classifier, so there are no "
            + "classes to predict; use a file with top, or train a classifier: graft extract, then graft fit")
      }
      return (try architecture.graph(inputSize: size, top: .classifier(classes: classes)), [])
    case .layers(let names):
      let trunk = try architecture.graph(inputSize: size, top: .none)
      if names.allSatisfy({ trunk.index(of: $0) != nil }) { return (trunk, names) }
      return (try architecture.graph(inputSize: size, top: .classifier(classes: classes ?? 1000)), names)
    }
  }

  /// The layers of a network that a file describes to cut it at.
  private func wantedLayers(of graph: Graph) throws -> [String] {
    guard case .layers(let names) = part else { return [graph.output.name] }
    return names.isEmpty ? [try graph.withoutHead().output.name] : names
  }
}

extension NetworkCandidate {
  /// A published architecture as something that weights may belong to.
  init(_ architecture: Architecture) {
    self.init(name: architecture.name) { top in
      switch top {
      case .none: try architecture.graph(top: .none)
      case .classifier(let classes): try architecture.graph(top: .classifier(classes: classes))
      }
    }
  }
}

extension NetworkLoader {
  /// The last layer that a partial file of a published network has weights for; nil for a whole one.
  private func lastLayer(of file: KerasFile) throws -> String? {
    if try ModelFacts(in: file.hdf5) != nil { return nil }
    guard case .success(let candidate) = try recognised(file), candidate.recognition.isPartial else {
      return nil
    }
    return candidate.recognition.lastLayer
  }

  /// Whether a file has a classifier.
  private func hasClassifier(_ file: KerasFile) throws -> Bool {
    if try ModelFacts(in: file.hdf5) != nil { return true }
    if case .success(let candidate) = try recognised(file) { return candidate.classes != nil }
    guard let (graph, _) = try configuredGraph(of: file, isNeeded: true, isSaved: false) else {
      return false
    }
    return graph.output.shape.rank == 1
  }
}
