public import GraftHDF5
internal import GraftSupport

extension KerasFile {
  /// Opens a file and reads its list of layers.
  ///
  /// - Throws: `ImportError` with code `.cannotOpen` for what is neither HDF5 nor a `.keras` archive or not there,
  ///   `.notKeras` for other HDF5 files, `.damaged`, or `.unsupported` for what a Keras before 1.0 wrote and for
  ///   archives beyond the bounds.
  public init(path: String) throws {
    if let archive = try KerasArchive(path: path) {
      self = try Self.read(archive, path: path)
      return
    }
    try ForeignFormat.refuse(path)
    let file = try ImportError.wrapping(path) { try HDF5File(path) }
    try self.init(file)
  }

  /// Opens the bytes of a file that is in memory; `name` stands for its path in messages.
  ///
  /// - Throws: `ImportError`, as `init(path:)` does.
  public init(bytes: [UInt8], name: String) throws {
    if let archive = try KerasArchive(bytes: bytes, name: name) {
      self = try Self.read(archive, path: name)
      self.bytes = bytes
      return
    }
    try ForeignFormat.refuse(bytes, name: name)
    let file = try ImportError.wrapping(name) { try HDF5File(image: bytes, name: name) }
    try self.init(file)
    self.bytes = bytes
  }

  /// Reads the list of layers of an open file.
  ///
  /// - Throws: `ImportError`, as `init(path:)` does.
  public init(_ file: HDF5File) throws {
    self = try ImportError.wrapping(file.path) { try Self.read(file) }
  }

  private static func read(_ file: HDF5File) throws -> KerasFile {
    let root = file.root
    if try root.hasStringList("layer_names") {
      return try legacy(file, root, container: .legacyWeights)
    }
    if try root.kind(of: "model_weights") == .group {
      return try legacy(file, root.group("model_weights"), container: .wholeModel)
    }
    if try root.attribute("nb_layers") != nil {
      throw ImportError(
        .unsupported, "was written by a Keras before 1.0 (it has nb_layers, not layer_names)",
        file: file.path,
        advice: "Load it there and save it again with a newer Keras")
    }
    for name in LayerTree.childrenNames where try root.kind(of: name) == .group {
      return try numbered(file)
    }
    let members = try root.memberNames()
    throw ImportError(
      .notKeras, "is HDF5, but no Keras file: neither layer_names, model_weights nor layers is in it",
      file: file.path, found: members.isEmpty ? "nothing" : members.prefix(8).joined(separator: ", "),
      advice: members.contains("features")
        ? "It looks like a feature store; weights are wanted here" : "Weights saved by Keras are wanted here")
  }

  private static func legacy(_ file: HDF5File, _ group: HDF5Group, container: Container) throws -> KerasFile {
    let root = file.root
    let version =
      try group.attribute("keras_version")?.stringValue ?? root.attribute("keras_version")?.stringValue
    let backend = try group.attribute("backend")?.stringValue ?? root.attribute("backend")?.stringValue
    var datasets: [String: HDF5Dataset] = [:]
    let layers = try LegacyLayout.layers(of: group, file: file.path, &datasets)
    let configuration = container == .wholeModel ? try root.attribute("model_config")?.stringValue : nil
    return KerasFile(
      path: file.path, container: container, generation: LegacyLayout.generation(layers, version: version),
      kerasVersion: version, backend: backend, layers: layers, configuration: configuration, hdf5: file,
      datasets: datasets)
  }

  /// Reads the weights of an archive, whose configuration knows the names of the layers.
  private static func read(_ archive: KerasArchive, path: String) throws -> KerasFile {
    try ImportError.wrapping(path) {
      let weights = try archive.weights()
      let names = ArchiveLayerNames(archive.configuration)
      var datasets: [String: HDF5Dataset] = [:]
      let layers = try LayerTree.layers(of: weights.root, file: path, named: names, &datasets)
      let major = archive.kerasVersion.flatMap { $0.split(separator: ".").first }.flatMap { Int($0) }
      return KerasFile(
        path: path, container: .archive, generation: major.map { $0 < 3 } ?? false ? .keras2 : .keras3,
        kerasVersion: archive.kerasVersion, backend: nil, layers: layers,
        configuration: String(decoding: archive.configuration, as: UTF8.self), hdf5: weights,
        datasets: datasets)
    }
  }

  private static func numbered(_ file: HDF5File) throws -> KerasFile {
    var datasets: [String: HDF5Dataset] = [:]
    let layers = try LayerTree.layers(of: file.root, file: file.path, &datasets)
    guard !layers.isEmpty else {
      throw ImportError(
        .notKeras, "has a group named layers, but no layer of Keras in it", file: file.path,
        advice: "Weights saved by Keras are wanted here")
    }
    return KerasFile(
      path: file.path, container: .weights, generation: layers.contains(where: \.isNamed) ? .keras3 : .keras2,
      kerasVersion: nil, backend: nil, layers: layers, configuration: nil, hdf5: file, datasets: datasets)
  }
}
