public import GraftGraph
public import GraftHDF5
internal import GraftSupport
internal import GraftTensor

/// Whole models in one HDF5 file, layers and weights, as `model.save("name.h5")` writes them and
/// `keras.models.load_model` opens them.
public enum KerasModelFile {
  /// The version of Keras whose file format is written: the least that knows all activation functions.
  static let kerasVersion = "3.0.0"

  /// Writes a network as a whole Keras model.
  ///
  /// The file gets its name when it is complete and on the disk; until then, and after a failure, what stood
  /// there before stands there still. Slashes in the names of layers, which Keras 3 refuses, become underscores.
  ///
  /// - Parameters:
  ///   - network: The layers and their weights. Its stages are kept in a group `graft`, which Keras ignores.
  ///   - name: The model's name in Keras.
  ///   - path: The file to write.
  ///   - frozen: Layers that training in Keras leaves alone.
  ///   - extra: Writes more into the same file before it is closed, best below the group `graft`.
  /// - Throws: `ImportError` with code `.cannotWrite`, or what `extra` throws.
  public static func write(
    _ network: Network, name: String = "model", to path: String, frozen: Set<String> = [],
    extra: (HDF5File) throws -> Void = { _ in }
  ) throws {
    try checkName(name, path)
    let network = try network.inStandardLayers()
    let writer = ModelConfigurationWriter(network.graph, frozen: frozen)
    let configuration = try writer.text(name: name, file: path)
    try ImportError.wrapping(path) {
      try AtomicFile.replace(path) { temporary in
        let file = try HDF5File(temporary, mode: .create)
        try file.root.setAttribute("model_config", .string(configuration))
        try KerasWeightFile.describe(file.root)
        try KerasWeightFile.write(
          network, names: writer.names, to: file.root.createGroup("model_weights"))
        try Stages(network.graph, names: writer.names).write(to: file.root.createGroup(Stages.group))
        try extra(file)
        try file.close()
      }
    }
  }

  /// The configuration of a graph as Keras writes it (`model_config`, `model.to_json()`).
  ///
  /// - Throws: `ImportError` with code `.cannotWrite` if a layer has an option that is not finite.
  public static func configuration(of graph: Graph, name: String = "model") throws -> String {
    try ModelConfigurationWriter(graph.inStandardLayers()).text(name: name, file: "model configuration")
  }

  static func checkName(_ name: String, _ path: String) throws {
    guard !name.isEmpty, !name.contains("/") else {
      throw ImportError(
        .cannotWrite, "\"\(name)\" cannot be the name of a Keras model", file: path,
        advice: "Choose one without a slash")
    }
  }
}

extension HDF5Group {
  /// Sets a list of strings; one that is too long for an attribute is divided into `name0`, `name1`, … of about
  /// the same length, as Keras does.
  func setStringList(_ name: String, _ strings: [String]) throws {
    // What h5py writes for an empty list, whatever it was to hold.
    if strings.isEmpty { return try setAttribute(name, .floats([])) }
    let bytes = HDF5Attribute.strings(strings).storedBytes(.fixed)
    guard bytes > HDF5Attribute.maximumBytes else {
      return try setAttribute(name, .strings(strings), storage: .fixed)
    }
    let longest = max(bytes / strings.count, 1)
    let length = max(HDF5Attribute.maximumBytes / longest, 1)
    for (piece, start) in stride(from: 0, to: strings.count, by: length).enumerated() {
      let strings = Array(strings[start..<min(start + length, strings.count)])
      try setAttribute("\(name)\(piece)", .strings(strings), storage: .fixed)
    }
  }
}
