/// The names of what is in a feature store.
enum StoreLayout {
  static let format = "graft features"
  static let version = 1

  static let features = "features"
  static let paths = "paths"
  static let digests = "digests"
  static let labels = "labels"
  static let classes = "classes"

  /// Attributes of the root.
  enum Attribute {
    static let format = "format"
    static let version = "format_version"
    static let architecture = "architecture"
    static let weights = "weights"
    static let weightsDigest = "weights_digest"
    static let layers = "layers"
    static let pooling = "pooling"
    static let preprocessing = "preprocessing"
    static let preprocessingJSON = "preprocessing_json"
    static let inputSize = "input_size"
    static let augmentation = "augmentation"
    static let seed = "seed"
  }

  /// The dataset of each layer: its name, but for the slash, which HDF5 keeps for groups.
  static func datasets(for layers: [String]) -> [String] {
    var taken: Set<String> = []
    return layers.map { layer in
      var name = layer.replacing("/", with: ":")
      // A single dot means the group itself.
      if name == "." { name = ":" }
      while !taken.insert(name).inserted { name += "_" }
      return features + "/" + name
    }
  }
}
