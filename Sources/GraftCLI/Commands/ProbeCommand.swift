import ArgumentParser
import Graft

/// `graft probe`: which features of a network suit pictures, and what to freeze.
struct ProbeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "probe",
    abstract: "Compare linear classifiers on every stage of a network, and say what to do next.",
    discussion: """
      One pass over the pictures gives the features of up to 20 layers, which are kept for later runs. A linear \
      classifier on each, and on ensembles of them, is cross-validated on the training pictures, with pictures that look \
      alike held out together. Recommended is a classifier on the last layer, on an earlier one, or an ensemble, and how \
      to train the network further, each with its reasons and the commands for it. Held-out pictures (val) are \
      judged for information and used for no choice.
      """)

  @Argument(
    help: "A folder with train and val, a folder with one sub-folder per class, or a table.",
    completion: .file())
  var data: String

  @Option(
    parsing: .unconditional,
    help: "The share of each class that is held out where the pictures are not divided.")
  var validation = 0.2

  @Option(
    parsing: .unconditional, help: "Use at most this many training pictures of each class.")
  var perClass: Int?

  @Option(parsing: .unconditional, help: "How many layers are probed at most.")
  var layers = 20

  @Option(parsing: .unconditional, help: "Parts of the training pictures that are held out in turn.")
  var folds = 5

  @Option(
    parsing: .unconditional,
    help: "Groups of look-alike pictures in each class that are held out together; 0 for none.")
  var groups = 8

  @Option(help: "What is kept of a feature map: avg or max.")
  var pooling = FeaturePooling.avg

  @Option(
    help: "The folder that keeps features for later runs, or `none` (default: with those of graft finetune).",
    completion: .directory)
  var cache: String?

  @Option(help: "Fixes folds, groups and the division of pictures.")
  var seed: UInt64 = 1

  @OptionGroup(title: "Network") var network: NetworkOptions

  @Flag(help: "Print what was found as JSON.")
  var json = false

  @Option(
    help: "Also write a page with the advice, accuracy by depth and every layer (.html).", completion: .file()
  )
  var report: String?

  @OptionGroup(title: "General") var common: CommonOptions

  func validate() throws {
    guard validation >= 0, validation < 1 else {
      throw ValidationError("--validation must be from 0 to below 1, not \(validation)")
    }
    if let perClass, perClass < 2 {
      throw ValidationError("--per-class must be at least 2, not \(perClass)")
    }
    guard (1...200).contains(layers) else {
      throw ValidationError("--layers must be from 1 to 200, not \(layers)")
    }
    guard (2...100).contains(folds) else {
      throw ValidationError("--folds must be from 2 to 100, not \(folds)")
    }
    guard groups == 0 || (2...1000).contains(groups) else {
      throw ValidationError("--groups must be 0 or from 2 to 1000, not \(groups)")
    }
    guard pooling != .none else { throw ValidationError("--pooling is avg or max here, not none") }
  }

  func run() throws {
    common.apply()
    if let report { try ReportPage.checkDestination(report) }
    let pictures = try DividedPictures(data, holdingOut: validation, seed: seed)
    let pretrained = try network.load(layers: [])
    Report.note(pretrained.summary, common)
    Report.warn(pretrained.warnings + pictures.warnings)
    let extracting = ProgressLine("extract", unit: .things("pictures"), quiet: common.quiet)
    let validating = ProgressLine("cross-validate", unit: .things("layers"), quiet: common.quiet)
    let result = try probe.run(pretrained, on: pictures) { event in
      switch event {
      case .extracting(let done, let total): extracting.update(done, of: total)
      case .validating(let done, let total):
        if done == 0 { extracting.finish() }
        validating.update(done, of: total)
      }
    }
    validating.finish()
    let found = ProbeReport(result, commands: commands)
    if json { try Report.json(found) } else { try Report.result(found.text) }
    if let report {
      try found.page(data).write(to: report, generator: "graft \(GraftVersion.current)")
    }
    try Report.finish(skipped: result.skipped)
  }

  private var probe: Probe {
    var probe = Probe()
    (probe.pooling, probe.folds, probe.groups, probe.perClass) = (pooling, folds, groups, perClass)
    (probe.layerLimit, probe.seed) = (layers, seed)
    if let cache { probe.caching.directory = cache == "none" ? nil : cache }
    return probe
  }

  private var commands: ProbeCommands {
    ProbeCommands(
      data: data, network: network, pooling: pooling, validation: validation, seed: seed,
      usesAllPictures: perClass == nil)
  }
}
