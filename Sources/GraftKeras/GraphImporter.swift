public import GraftGraph
internal import GraftHDF5

/// Which layer of a configuration each layer of an unfolded graph is: the names of the models that it is in and its
/// own, with slashes between them.
public struct LayerOrigins: Sendable, Hashable {
  private var paths: [String: String] = [:]

  /// Nothing is known of any layer.
  public init() {}

  /// The path of the layer `name` of the graph.
  subscript(name: String) -> String? {
    get { paths[name] }
    set { paths[name] = newValue }
  }
}

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
    try unfolded(fromJSON: text, inputSize: inputSize, kerasVersion: kerasVersion, file: file).graph
  }

  /// The graph that a configuration describes, and which layer of it each layer of the graph is.
  static func unfolded(
    fromJSON text: [UInt8], inputSize: Extent?, kerasVersion: String?, file: String
  ) throws -> (graph: Graph, origins: LayerOrigins) {
    let (model, version) = try ModelConfigurationReader(file: file).model(text)
    let major = (version ?? kerasVersion)?.split(separator: ".").first.flatMap { Int($0) }
    var unfolding = ModelUnfolding(
      file: file, kerasMajor: major ?? (model.usesKeras3Calls ? 3 : 2), inputSize: inputSize)
    let graph = try unfolding.graph(of: model)
    return (graph, unfolding.origins)
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
    try layers(of: file, inputSize: inputSize).graph
  }

  /// The layers of a whole-model file as `graph(of:inputSize:)` gives them, and where each has its weights.
  ///
  /// - Throws: `ImportError`, as `graph(of:inputSize:)` does.
  public static func layers(
    of file: KerasFile, inputSize: Extent? = nil
  ) throws -> (graph: Graph, origins: LayerOrigins) {
    guard let configuration = file.configuration else {
      throw ImportError(
        .configuration, "has weights but no model configuration", file: file.path,
        expected: "a file written by model.save(\"name.h5\")",
        advice: "Name the architecture, or save the whole model in Keras")
    }
    let (graph, origins) = try GraphImporter.unfolded(
      fromJSON: Array(configuration.utf8), inputSize: inputSize, kerasVersion: file.kerasVersion,
      file: file.path)
    return try ImportError.wrapping(file.path) {
      guard let group = try file.hdf5.root.groupIfPresent(Stages.group), let stages = try Stages(in: group)
      else { return (graph, origins) }
      return (try stages.applied(to: graph), origins)
    }
  }
}
