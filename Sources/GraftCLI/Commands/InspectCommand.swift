import ArgumentParser
import Graft

/// `graft inspect`: what a file holds.
struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Show what a weight file, a model or a feature store holds.",
    discussion: """
      Of weights and models: the architecture, its variant, the layers with their shapes, and which array of the file \
      each got. Of a feature store: rows, layers, classes and where the features came from.
      """)

  @Argument(help: "An HDF5 file, or a .keras model.", completion: .file())
  var file: String

  @Option(
    name: [.customLong("model"), .customLong("architecture")],
    help: "Of weights: the architecture, to overrule what the file looks like.")
  var model: String?

  @Flag(help: "Print JSON.")
  var json = false

  @OptionGroup(title: "General") var common: CommonOptions

  func run() throws {
    common.apply()
    if FeatureStore.isStore(file) {
      let report = StoreReport(path: file, store: try FeatureStore(path: file))
      if json { try Report.json(report) } else { try Report.result(report.text) }
    } else {
      let inspection = try WeightsInspection(file, architecture: model.map { try Architecture.named($0) })
      let report = WeightsReport(path: file, inspection: inspection)
      if json { try Report.json(report) } else { try Report.result(report.text) }
    }
  }
}
