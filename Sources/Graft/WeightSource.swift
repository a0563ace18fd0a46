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

  /// The source that a user's words mean: `default`, `random` or `random:SEED`, the path of a file, or a name
  /// in the registry.
  public init(parsing text: String) {
    if text == "default" {
      self = .embedded
    } else if text == "random" {
      self = .random(seed: 0)
    } else if text.hasPrefix("random:"), let seed = UInt64(text.dropFirst("random:".count)) {
      self = .random(seed: seed)
    } else if text.contains("/") || text.contains(".") {
      self = .file(text)
    } else {
      self = .registry(text)
    }
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
