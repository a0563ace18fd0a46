import ArgumentParser
import Graft

/// `graft export`: a model for Keras.
struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write a model, or pretrained weights, as a file that Keras opens.",
    discussion: """
      The ending of the output says what is written: .keras (a whole model, Keras 3), .h5 (a whole model, Keras 2 and \
      3) or .weights.h5 (the weights alone). Class names and preprocessing go into the file where Keras takes no \
      notice of them; graft reads all three again. Layers that only networks of Keras Applications have become \
      standard ones.
      """)

  @Argument(
    help: "A model made by graft fit or graft finetune, a Keras file, or a name from `graft weights list`.",
    completion: .file(extensions: ["h5", "hdf5", "keras"]))
  var model: String

  @Option(name: [.short, .long], help: "The file to write: .keras, .h5 or .weights.h5.", completion: .file())
  var output: String

  @Flag(
    help:
      "Put the arithmetic on pixels into the network, so that it takes values 0 to 255 in the order R, G, B.")
  var withPreprocessing = false

  @Option(help: "Of weights: the architecture, to overrule what the file looks like; see `graft models`.")
  var architecture: String?

  @Option(
    parsing: .unconditional, help: "The side of the network's input in pixels (default: the model's own).")
  var size: Int?

  @Option(help: "The arithmetic on pixels: caffe, tf, torch or none (default: the model's own).")
  var preprocessing: Preprocessing.Mode?

  @Flag(help: "Print what was written as JSON.")
  var json = false

  @OptionGroup(title: "General") var common: CommonOptions

  func run() throws {
    common.apply()
    let format = try ModelExport.checkDestination(output)
    let export = try ModelExport(
      WeightSource(parsing: model), architecture: architecture.map { try Architecture.named($0) },
      inputSize: size, preprocessing: PreprocessingChoice(mode: preprocessing),
      includesPreprocessing: withPreprocessing)
    Report.warn(export.warnings)
    try export.write(to: output)
    let report = ExportReport(path: output, format: format, export: export)
    if json { try Report.json(report) } else { try Report.result(report.text) }
  }
}
