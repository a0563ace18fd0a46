internal import Foundation

/// Where the weights of a network come from.
public enum WeightSource: Sendable, Hashable {
  /// A Keras HDF5 file: weights only, a whole model or `.weights.h5`; or a model that Graft saved.
  case file(String)
  /// A published file by its registry name, which has been fetched; see `WeightStore`.
  case registry(String)
  /// The small network inside the program; see `weights/README.md`.
  case embedded
  /// Random weights, the same for the same seed: a baseline to compare pretrained ones with.
  case random(seed: UInt64)

  /// The source that a user's words mean: `default`, `random` or `random:SEED`, the path of a file (anything that
  /// is there, has a slash or ends as HDF5 files do), or a name in the registry.
  public init(parsing text: String) {
    if text == "default" {
      self = .embedded
    } else if text == "random" {
      self = .random(seed: 0)
    } else if text.hasPrefix("random:"), let seed = UInt64(text.dropFirst("random:".count)) {
      self = .random(seed: seed)
    } else if text.contains("/") || text.hasSuffix(".h5") || text.hasSuffix(".hdf5")
      || text.hasSuffix(".keras")
      || FileManager.default.fileExists(atPath: text)
    {
      self = .file(text)
    } else {
      self = .registry(text)
    }
  }
}

extension WeightSource {
  /// The words by which the same weights are found from another working folder too.
  var lasting: String {
    guard case .file(let path) = self, !path.hasPrefix("/") else { return description }
    return FileManager.default.currentDirectoryPath + "/" + path
  }
}

extension WeightSource: CustomStringConvertible {
  /// The words that `init(parsing:)` reads.
  public var description: String {
    switch self {
    case .file(let path): path
    case .registry(let name): name
    case .embedded: "default"
    case .random(let seed): "random:\(seed)"
    }
  }
}
