import ArgumentParser
import Graft

/// Which classifier is used.
struct ModelOptions: ParsableArguments {
  @Option(help: "A model made by graft fit.", completion: .file(extensions: ["h5", "hdf5"]))
  var model: String?

  @Option(
    help: "Pretrained weights with a classifier: a Keras HDF5 file, or a name from `graft weights list`.",
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
    help: "How pictures get to that size: antialias, keras, nearest or crop (default: the model's own).")
  var resize: ResizeMode?

  @Option(help: "The arithmetic on pixels: caffe, tf, torch or none (default: the model's own).")
  var preprocessing: Preprocessing.Mode?

  @Option(
    help:
      "How files are decoded: exact, or fast, which reads large JPEGs at a smaller size (default: the model's own)."
  )
  var decode: Preprocessing.Decoding?

  func validate() throws {
    guard (model == nil) != (weights == nil) else {
      throw ValidationError("give either --model MODEL.h5 or --weights WEIGHTS.h5")
    }
    guard architectureName == nil || weights != nil else {
      throw ValidationError("--architecture goes with --weights; a model made by graft fit says what it is")
    }
  }

  /// The classifier.
  func load() throws -> ImageClassifier {
    let source = model.map(WeightSource.file) ?? WeightSource(parsing: weights ?? "")
    return try ImageClassifier(
      PretrainedNetwork(
        classifier: source, architecture: architectureName.map { try Architecture.named($0) },
        inputSize: size,
        preprocessing: PreprocessingChoice(mode: preprocessing, resize: resize, decoding: decode)))
  }
}
