import ArgumentParser
import Graft

/// Which classifier is used.
struct ModelOptions: ParsableArguments {
  @Option(
    name: .customLong("model"),
    help: "A saved model; given more than once, the models' probabilities are averaged.",
    completion: .file(extensions: ["h5", "hdf5"]))
  var models: [String] = []

  @Option(
    help:
      "Pretrained weights with a classifier: a Keras file (.h5 or .keras), or a name from `graft weights list`.",
    completion: .file(extensions: ["h5", "hdf5"]))
  var weights: String?

  @Option(
    name: .customLong("architecture"),
    help: "With --weights: the architecture, to overrule what the file looks like.")
  var architectureName: String?

  @Option(
    parsing: .unconditional, help: "The side of the network's input in pixels (default: the model's own).")
  var size: Int?

  @Option(
    help:
      "How pictures get to that size: antialias, keras, nearest, squeeze or crop (default: the model's own).")
  var resize: ResizeMode?

  @Option(help: "The arithmetic on pixels: caffe, tf, torch or none (default: the model's own).")
  var preprocessing: Preprocessing.Mode?

  @Option(
    help:
      "How files are decoded: exact, or fast, which reads large JPEGs at a smaller size (default: the model's own)."
  )
  var decode: Preprocessing.Decoding?

  func validate() throws {
    guard models.isEmpty != (weights == nil) else {
      throw ValidationError("give either --model MODEL.h5 or --weights WEIGHTS.h5")
    }
    guard architectureName == nil || weights != nil else {
      throw ValidationError("--architecture goes with --weights; a model made by graft fit says what it is")
    }
  }

  /// What the classifiers are called on the command line.
  var names: [String] { weights.map { [$0] } ?? models }

  /// The classifiers, asked as often as wanted.
  func load(_ opinions: OpinionOptions) throws -> ClassifierEnsemble {
    let sources = weights.map { [WeightSource(parsing: $0)] } ?? models.map(WeightSource.file)
    let classifiers = try sources.map { source in
      try ImageClassifier(
        PretrainedNetwork(
          classifier: source, architecture: architectureName.map { try Architecture.named($0) },
          inputSize: size,
          preprocessing: PreprocessingChoice(mode: preprocessing, resize: resize, decoding: decode)))
    }
    return try ClassifierEnsemble(classifiers, crops: opinions.cropSet, sizes: opinions.sizes())
  }
}
