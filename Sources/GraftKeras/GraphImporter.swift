public import GraftGraph
internal import GraftHDF5

/// Graphs from the configurations that Keras writes into its files (`model_config`) or gives as text
/// (`model.to_json()`), of Keras 1, 2 and 3: functional and sequential models, nested ones unfolded.
public enum GraphImporter {
  /// The graph that a configuration describes.
  ///
  /// Layers keep their names; those of nested models keep theirs where no other layer has them. Layers that do
  /// nothing at inference, as random flips, are left out; dropouts stay. The part from the first pooling over the
  /// whole picture or flattening that all results pass is the stage `head`.
  ///
  /// - Parameters:
  ///   - text: The configuration, in JSON.
  ///   - inputSize: The size of the pictures where the configuration leaves it open.
  ///   - kerasVersion: The version of Keras that wrote it, if the text does not say it.
  ///   - file: What errors name as the source.
  /// - Throws: `ImportError` with code `.configuration` for what is no configuration, or `.unsupported` naming
  ///   the layer, its class and the option, and what is supported.
  public static func graph(
    fromJSON text: [UInt8], inputSize: Extent? = nil, kerasVersion: String? = nil,
    file: String = "model configuration"
  ) throws -> Graph {
    let (model, version) = try ModelConfigurationReader(file: file).model(text)
    let major = (version ?? kerasVersion)?.split(separator: ".").first.flatMap { Int($0) }
    var unfolding = ModelUnfolding(
      file: file, kerasMajor: major ?? (model.usesKeras3Calls ? 3 : 2), inputSize: inputSize)
    return try unfolding.graph(of: model)
  }

  /// The graph that a configuration describes; see `graph(fromJSON:inputSize:kerasVersion:file:)`.
  public static func graph(
    fromJSON text: String, inputSize: Extent? = nil, kerasVersion: String? = nil,
    file: String = "model configuration"
  ) throws -> Graph {
    try graph(fromJSON: Array(text.utf8), inputSize: inputSize, kerasVersion: kerasVersion, file: file)
  }
}

extension KerasModelFile {
  /// The layers of a whole-model file, with the stages that `write` kept.
  ///
  /// - Parameter inputSize: The size of the pictures where the model leaves it open.
  /// - Throws: `ImportError` with code `.configuration` if the file has no configuration or a damaged one,
  ///   `.unsupported` naming the layer, class and option.
  public static func graph(of file: KerasFile, inputSize: Extent? = nil) throws -> Graph {
    guard let configuration = file.configuration else {
      throw ImportError(
        .configuration, "has weights but no model configuration", file: file.path,
        expected: "a file written by model.save(\"name.h5\")",
        advice: "Name the architecture, or save the whole model in Keras")
    }
    let graph = try GraphImporter.graph(
      fromJSON: configuration, inputSize: inputSize, kerasVersion: file.kerasVersion, file: file.path)
    return try ImportError.wrapping(file.path) {
      guard let group = try file.hdf5.root.groupIfPresent(Stages.group), let stages = try Stages(in: group)
      else { return graph }
      return try stages.applied(to: graph)
    }
  }
}
