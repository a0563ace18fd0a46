import ArgumentParser
import Graft

/// What is found out about a model beside its accuracy.
struct AssessmentOptions: ParsableArguments {
  @Option(
    help: "Write a page with charts and pictures for the browser.", completion: .file(extensions: ["html"]))
  var report: String?

  @Option(
    help: "Another saved model to compare with on the same pictures.",
    completion: .file(extensions: ["h5", "hdf5"]))
  var compare: String?

  @Option(
    help: ArgumentHelp(
      """
      Fit a temperature that makes probabilities mean what they say, on pictures kept for that, and write the \
      calibrated model (-o).
      """, valueName: "held-out pictures"), completion: .directory)
  var calibrate: String?

  @Option(
    name: [.customShort("o"), .customLong("output")], help: "With --calibrate: the model to write (HDF5).",
    completion: .file(extensions: ["h5", "hdf5"]))
  var output: String?

  @Option(
    name: .customLong("train-features"),
    help: ArgumentHelp(
      "Find pictures that the model was trained on: a feature store or a folder of the training pictures.",
      valueName: "train.h5 or folder"), completion: .file())
  var training: String?

  @Option(
    parsing: .unconditional, help: "How often pictures are drawn anew for intervals; 0 for no intervals.")
  var bootstrap = 1000

  @Option(help: "Fixes the draws.")
  var seed: UInt64 = 0

  func validate() throws {
    guard (0...1_000_000).contains(bootstrap) else {
      throw ValidationError("--bootstrap must be from 0 to 1000000, not \(bootstrap)")
    }
    guard (calibrate == nil) == (output == nil) else {
      throw ValidationError("--calibrate PICTURES and -o MODEL.h5 go together")
    }
  }

  /// Refuses what is found out about models for classes only.
  func refuse() throws {
    guard report == nil, compare == nil, calibrate == nil, training == nil else {
      throw ValidationError(
        "--report, --compare, --calibrate and --train-features are for models that tell classes apart")
    }
  }

  /// Finds out before the work whether what is to be written can be.
  func checkDestinations() throws {
    if let report { try ReportPage.checkDestination(report) }
    if let output { try ImageClassifier.checkDestination(output) }
  }
}
