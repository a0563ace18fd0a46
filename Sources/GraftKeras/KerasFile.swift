internal import Foundation
public import GraftHDF5
internal import GraftSupport
public import GraftTensor

/// A Keras HDF5 file, opened: its kind, and its layers with the names and shapes of their weights.
///
/// All four containers are read: weights alone as Keras Applications publishes them and `save_weights` wrote
/// them for years, whole models (`model.save("x.h5")`), Keras 3's `.weights.h5`, and `.keras` archives. Values are
/// read on demand.
public struct KerasFile: Sendable {
  /// How weights are laid out in the file.
  public enum Container: String, Hashable, Sendable, Codable {
    /// Weights alone: a group for each layer, in the order of `layer_names`.
    case legacyWeights
    /// A whole model: `model_config`, and the same layout below `model_weights`.
    case wholeModel
    /// Keras 3's `.weights.h5`: `layers/<class>_<n>/vars/<i>`.
    case weights
    /// A whole model in a zip archive: `config.json`, and a `.weights.h5` beside it.
    case archive

    /// Whether the file describes its network.
    public var isWholeModel: Bool { self == .wholeModel || self == .archive }
  }

  /// Whose spelling of names the file has.
  public enum Generation: String, Hashable, Sendable, Codable, Comparable {
    /// `conv1_W:0`, `running_std`; the file does not say its version.
    case keras1
    /// `conv1/kernel:0`, `depthwise_kernel`.
    case keras2
    /// `conv1/kernel`, without a suffix, or numbered variables.
    case keras3

    /// Whether `a` came before `b`.
    public static func < (a: Generation, b: Generation) -> Bool { a.rawValue < b.rawValue }
  }

  /// The file as it was named when it was opened.
  public let path: String
  /// How weights are laid out in it.
  public let container: Container
  /// Whose spelling of names it has.
  public let generation: Generation
  /// The version of Keras that wrote it, where it says so.
  public let kerasVersion: String?
  /// The backend that wrote it, where it says so.
  public let backend: String?
  /// The layers in the file's own order, those without weights included; the layers of a nested model stand
  /// in its place.
  public let layers: [Layer]
  /// The model's configuration in JSON; only a whole model has one.
  public let configuration: String?
  /// The HDF5 file below.
  public let hdf5: HDF5File
  /// The arrays by their paths, open since the layers were listed: finding one takes longer than reading it.
  let datasets: [String: HDF5Dataset]
  /// The bytes of a file that was opened in memory.
  var bytes: [UInt8]?

  /// The layers that have weights.
  public var weightedLayers: [Layer] { layers.filter { !$0.weights.isEmpty } }

  /// The number of values in all weights.
  public var parameterCount: Int {
    layers.reduce(0) { $0 + $1.weights.reduce(0) { $0 &+ $1.shape.count } }
  }
}

extension KerasFile {
  /// One layer of the file.
  public struct Layer: Hashable, Sendable {
    /// The layer's name; for a `.weights.h5` without names, its class and number, for example `conv2d_3`.
    public let name: String
    /// Other names that the file gives the same layer, for example in front of its weights.
    public let otherNames: [String]
    /// The nested models that the layer is in, outermost first; empty for a layer of the model itself.
    public let owners: [String]
    /// The layer's class in snake case, for example `batch_normalization`; only a `.weights.h5` has it.
    public let kind: String?
    /// Whether `name` is a name that somebody gave it, not a class and a number.
    public let isNamed: Bool
    /// The layer's weights in the file's order.
    public let weights: [Weight]
    /// The groups that hold it in a `.weights.h5`, one a model; empty in other files.
    var place: [String] = []
  }

  /// One array of the file.
  public struct Weight: Hashable, Sendable {
    /// The array's name as the file spells it.
    public let name: String
    /// What it is in Keras 2's spelling (`kernel`, `moving_variance`, …), where its name says so.
    public let parameter: String?
    /// Its shape, in Keras's layout.
    public let shape: Shape
    /// Its absolute path inside the file.
    public let path: String
  }

  /// A way of identifying a file by its content.
  public enum DigestAlgorithm: String, Hashable, Sendable, Codable {
    /// MD5, which Keras publishes for older files.
    case md5
    /// SHA-256.
    case sha256
  }

  /// The digest of the file's bytes in lower-case hexadecimal.
  ///
  /// - Throws: `ImportError` if the file cannot be read.
  public func digest(_ algorithm: DigestAlgorithm) throws -> String {
    try ImportError.wrapping(path) {
      switch (algorithm, bytes) {
      case (.md5, let bytes?): Digest.md5(of: bytes)
      case (.md5, nil): try Digest.md5(ofFile: path)
      case (.sha256, let bytes?): Digest.sha256(of: bytes)
      case (.sha256, nil): try Digest.sha256(ofFile: path)
      }
    }
  }

  /// The values of a weight.
  ///
  /// - Throws: `ImportError` if they cannot be read or are not numbers.
  public func tensor(_ weight: Weight) throws -> Tensor {
    try ImportError.wrapping(path) {
      let dataset = try datasets[weight.path] ?? hdf5.root.dataset(weight.path)
      let values = try dataset.readFloats()
      guard values.count == weight.shape.count else {
        throw ImportError(
          .damaged, "\(weight.path) holds \(values.count) values, not \(weight.shape.count)", file: path)
      }
      return Tensor(shape: weight.shape, scalars: values)
    }
  }

  /// An error about this file.
  func error(
    _ code: ImportError.Code, _ message: String, layer: String? = nil, expected: String? = nil,
    found: String? = nil, advice: String? = nil
  ) -> ImportError {
    ImportError(
      code, message, file: path, layer: layer, expected: expected, found: found, advice: advice)
  }
}
