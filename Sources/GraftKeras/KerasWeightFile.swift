public import GraftGraph
public import GraftHDF5
internal import GraftSupport
internal import GraftTensor

/// Weights without the model, in the layout of the HDF5 files of Keras Applications, which
/// `model.load_weights("name.h5")` reads.
public enum KerasWeightFile {
  /// Writes the weights of a network.
  ///
  /// The file gets its name when it is complete and on the disk; until then, and after a failure, what stood
  /// there before stands there still.
  ///
  /// - Parameters:
  ///   - network: The layers and their weights.
  ///   - path: The file to write.
  ///   - extra: Writes more into the same file before it is closed.
  /// - Throws: `ImportError` with code `.cannotWrite`, or what `extra` throws.
  public static func write(
    _ network: Network, to path: String, extra: (HDF5File) throws -> Void = { _ in }
  ) throws {
    let network = try network.inStandardLayers()
    let names = ModelConfigurationWriter(network.graph).names
    try ImportError.wrapping(path) {
      try AtomicFile.replace(path) { temporary in
        let file = try HDF5File(temporary, mode: .create)
        try write(network, names: names, to: file.root)
        try extra(file)
        try file.close()
      }
    }
  }

  /// One group a layer, listed in Keras's order of layers, by which Keras finds them again.
  static func write(_ network: Network, names: [String], to group: HDF5Group) throws {
    let graph = network.graph
    var layerNames: [String] = []
    for index in KerasLayerOrder.nodes(of: graph) {
      let node = graph.nodes[index]
      let layer = try group.createGroup(names[index])
      layerNames.append(names[index])
      var weightNames: [String] = []
      for (parameter, shape) in graph.parameterShapes(of: node) {
        let tensor = try network.weight(parameter, of: node)
        let name = "\(names[index])/\(KerasLayer.weightName(parameter))"
        try write(tensor, shape: shape, as: name, to: layer)
        weightNames.append(name)
      }
      try layer.setStringList("weight_names", weightNames)
    }
    try group.setStringList("layer_names", layerNames)
    try describe(group)
    // Keras reads the weights that belong to no layer from here, and warns where the group is missing.
    try group.createGroup("top_level_model_weights").setStringList("weight_names", [])
  }

  /// Writes one array.
  static func write(_ tensor: Tensor, shape: Shape, as name: String, to group: HDF5Group) throws {
    let dataset = try group.createDataset(name, type: .float32, shape: shape.dimensions)
    try tensor.withUnsafeScalars { values in
      // A scalar has no rows.
      guard let rows = shape.dimensions.first else { return try dataset.write(Array(values)) }
      try dataset.write(values, rows: 0..<rows)
    }
  }

  /// The version of Keras whose layout this is.
  static func describe(_ group: HDF5Group) throws {
    try group.setAttribute("keras_version", .string(KerasModelFile.kerasVersion))
    try group.setAttribute("backend", .string("tensorflow"))
  }
}
