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
  ///   - extra: Writes more into the same file before it is closed, best below the group `graft`.
  /// - Throws: `ImportError` with code `.cannotWrite`, or what `extra` throws.
  public static func write(
    _ network: Network, name: String = "model", to path: String,
    extra: (HDF5File) throws -> Void = { _ in }
  ) throws {
    guard !name.isEmpty, !name.contains("/") else {
      throw ImportError(
        .cannotWrite, "\"\(name)\" cannot be the name of a Keras model", file: path,
        advice: "Choose one without a slash")
    }
    let network = try network.inStandardLayers()
    let writer = ModelConfigurationWriter(network.graph)
    let configuration = try writer.text(name: name, file: path)
    try ImportError.wrapping(path) {
      try AtomicFile.replace(path) { temporary in
        let file = try HDF5File(temporary, mode: .create)
        try file.root.setAttribute("model_config", .string(configuration))
        try describe(file.root)
        try write(network, names: writer.names, to: file.root.createGroup("model_weights"))
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

  private static func describe(_ group: HDF5Group) throws {
    try group.setAttribute("keras_version", .string(kerasVersion))
    try group.setAttribute("backend", .string("tensorflow"))
  }

  /// One group a layer, listed in Keras's order of layers, by which Keras finds them again.
  private static func write(_ network: Network, names: [String], to group: HDF5Group) throws {
    let graph = network.graph
    var layerNames: [String] = []
    for index in KerasLayerOrder.nodes(of: graph) {
      let node = graph.nodes[index]
      let layer = try group.createGroup(names[index])
      layerNames.append(names[index])
      var weightNames: [String] = []
      for (parameter, shape) in graph.parameterShapes(of: node) {
        guard let tensor = network.parameters[node.name, parameter] else { continue }
        let name = "\(names[index])/\(KerasLayer.weightName(parameter))"
        let dataset = try layer.createDataset(name, type: .float32, shape: shape.dimensions)
        try tensor.withUnsafeScalars { values in
          // A scalar has no rows.
          guard let rows = shape.dimensions.first else { return try dataset.write(Array(values)) }
          try dataset.write(values, rows: 0..<rows)
        }
        weightNames.append(name)
      }
      try layer.setStringList("weight_names", weightNames)
    }
    try group.setStringList("layer_names", layerNames)
    try describe(group)
    // Keras reads the weights that belong to no layer from here, and warns where the group is missing.
    try group.createGroup("top_level_model_weights").setStringList("weight_names", [])
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
