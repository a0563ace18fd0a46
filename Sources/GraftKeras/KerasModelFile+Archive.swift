public import GraftGraph
public import GraftHDF5
internal import GraftArchive
internal import GraftSupport
internal import GraftTensor

extension KerasModelFile {
  /// Writes a network as a `.keras` archive, which `keras.models.load_model` opens.
  ///
  /// The file gets its name when it is complete; see `write(_:name:to:frozen:extra:)`.
  ///
  /// - Parameters:
  ///   - network: The layers and their weights.
  ///   - name: The model's name in Keras.
  ///   - path: The file to write.
  ///   - frozen: Layers that training in Keras leaves alone.
  ///   - remarks: What stands in `metadata.json` under `graft`, as JSON; Keras takes no notice of it.
  ///   - extra: Writes more into the file of weights, best below the group `graft`.
  /// - Throws: `ImportError` with code `.cannotWrite`, or what `extra` throws.
  public static func writeArchive(
    _ network: Network, name: String = "model", to path: String, frozen: Set<String> = [],
    remarks: String = "{}", extra: (HDF5File) throws -> Void = { _ in }
  ) throws {
    try checkName(name, path)
    let network = try network.inStandardLayers()
    let writer = ModelConfigurationWriter(network.graph, frozen: frozen)
    let configuration = try writer.archiveText(name: name, file: path)
    let remarks = (try? JSON(Array(remarks.utf8))) ?? .null
    // A date would make each file another.
    let metadata: JSON = ["keras_version": .string(kerasVersion), "graft": remarks]
    try ImportError.wrapping(path) {
      try AtomicFile.replace(path) { temporary in
        let weights = AtomicFile.temporaryName(for: path)
        try AtomicFile.removingOnFailure(weights) {
          try writeWeights(network, names: writer.names, to: weights, extra)
          try ImportError.wrappingArchive(path) {
            let archive = try ZipWriter(path: temporary)
            try archive.add(KerasArchive.metadataName, Array(metadata.text.utf8))
            try archive.add(KerasArchive.configurationName, Array(configuration.utf8))
            try archive.add(KerasArchive.weightsName, fileAt: weights)
            try archive.close()
          }
          AtomicFile.remove(weights)
        }
      }
    }
  }

  /// Writes the weights of a network as a `.weights.h5`, which `model.load_weights` opens where `model` has the same
  /// layers.
  ///
  /// - Throws: `ImportError` with code `.cannotWrite`, or what `extra` throws.
  public static func writeWeights(
    _ network: Network, to path: String, extra: (HDF5File) throws -> Void = { _ in }
  ) throws {
    try ImportError.wrapping(path) {
      try AtomicFile.replace(path) { temporary in
        try writeWeights(
          network, names: ModelConfigurationWriter(network.graph).names, to: temporary, extra)
      }
    }
  }

  /// One group a layer, called by class and number in Keras's order of layers, with variables by number.
  private static func writeWeights(
    _ network: Network, names: [String], to path: String, _ extra: (HDF5File) throws -> Void
  ) throws {
    let graph = network.graph
    let file = try HDF5File(path, mode: .create)
    let layers = try file.root.createGroup("layers")
    var groups = GroupNames()
    for index in KerasLayerOrder.nodes(of: graph) {
      let node = graph.nodes[index]
      let group = groups.next(node.operation.kerasName)
      let variables = try layers.createGroup(group).createGroup("vars")
      try variables.setAttribute("name", .string(names[index]))
      for (number, parameter) in graph.parameterShapes(of: node).enumerated() {
        let tensor = try network.weight(parameter.name, of: node)
        try KerasWeightFile.write(tensor, shape: parameter.shape, as: "\(number)", to: variables)
      }
    }
    // The model's own variables, of which there are none.
    _ = try file.root.createGroup("vars")
    try Stages(graph, names: names).write(to: file.root.createGroup(Stages.group))
    try extra(file)
    try file.close()
  }
}
