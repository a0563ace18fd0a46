public import ArgumentParser
public import Graft

/// Which network computes, and what it is shown.
struct NetworkOptions: ParsableArguments {
  @Option(
    help: """
      The pretrained weights: a Keras file (.h5 or .keras), a name from `graft weights list`, `default` for the small \
      network inside the program, or `random` for an untrained one to compare with.
      """,
    completion: .file(extensions: ["h5", "hdf5"]))
  var weights = "default"

  @Option(
    name: [.customLong("model"), .customLong("architecture")],
    help: "The architecture, to overrule what the file looks like; see `graft models`.")
  var model: String?

  @Option(
    parsing: .unconditional, help: "The side of the network's input in pixels (default: the weights' own).")
  var size: Int?

  @Option(
    help:
      "How pictures get to that size: antialias (shorter side, then centre crop), keras, nearest, squeeze or crop."
  )
  var resize: ResizeMode?

  @Option(help: "The arithmetic on pixels: caffe, tf, torch or none (default: the weights' own).")
  var preprocessing: Preprocessing.Mode?

  @Option(
    help: "How files are decoded: exact, or fast, which reads large JPEGs at a smaller size (default: exact)."
  )
  var decode: Preprocessing.Decoding?

  /// Loads the network as far as `layers` need it.
  func load(layers: [String]) throws -> PretrainedNetwork {
    try PretrainedNetwork(
      WeightSource(parsing: weights), architecture: model.map { try Architecture.named($0) }, inputSize: size,
      preprocessing: PreprocessingChoice(mode: preprocessing, resize: resize, decoding: decode),
      layers: layers)
  }
}

extension ResizeMode: ExpressibleByArgument {}
extension Preprocessing.Mode: ExpressibleByArgument {}
extension Preprocessing.Decoding: ExpressibleByArgument {}
extension FeaturePooling: ExpressibleByArgument {}
extension FeatureScalar: ExpressibleByArgument {}
