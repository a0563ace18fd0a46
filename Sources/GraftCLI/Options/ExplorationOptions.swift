import ArgumentParser
import Graft

/// What is looked into instead of training.
struct ExplorationOptions: ParsableArguments {
  @Flag(
    help: """
      Instead of training, make some steps at rates that grow, and suggest one: where the loss falls fastest, or a \
      tenth of where it is least.
      """)
  var findLr = false

  @Option(
    help: ArgumentHelp("The first and the last of these rates.", valueName: "low:high"))
  var findLrRange = LogarithmicRange(bounds: 1e-7...1)

  @Option(parsing: .unconditional, help: "Steps from the first to the last.")
  var findLrSteps = 100

  @Option(
    help: "With --find-lr: also draw the losses on a page (.html).", completion: .file(extensions: ["html"]))
  var plot: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      Instead of training, try this many learning rates and weight decays in short runs, first far apart, then around \
      the best, judged by a fifth of the pictures to train on; print the command that trains with the best.
      """, valueName: "trials"))
  var search: Int?

  @Option(parsing: .unconditional, help: "Epochs of each trial.")
  var searchEpochs = 3

  @Option(
    help: ArgumentHelp(
      "Learning rates to search first (default: 1e-05:0.01; for sgd, momentum, nesterov and adagrad 0.0001:0.1).",
      valueName: "low:high"))
  var searchRates: LogarithmicRange?

  @Option(help: ArgumentHelp("Weight decays to search first.", valueName: "low:high"))
  var searchDecays = LogarithmicRange(bounds: 1e-5...0.1)

  @Option(
    help: "Instead of training, draw a sheet (JPEG) of some pictures as --augment changes them.",
    completion: .file(extensions: ["jpg", "jpeg"]))
  var previewAugmentation: String?

  /// Whether there is no training.
  var isGiven: Bool { findLr || search != nil || previewAugmentation != nil }

  func validate() throws {
    guard [findLr, search != nil, previewAugmentation != nil].count(where: { $0 }) <= 1 else {
      throw ValidationError("give one of --find-lr, --search and --preview-augmentation")
    }
    guard (10...100_000).contains(findLrSteps) else {
      throw ValidationError("--find-lr-steps must be from 10 to 100000, not \(findLrSteps)")
    }
    guard (1...10_000).contains(search ?? 1) else {
      throw ValidationError("--search must be from 1 to 10000 trials, not \(search ?? 0)")
    }
    guard (1...10_000).contains(searchEpochs) else {
      throw ValidationError("--search-epochs must be from 1 to 10000, not \(searchEpochs)")
    }
    guard plot == nil || findLr else { throw ValidationError("--plot goes with --find-lr") }
    if let sheet = previewAugmentation?.lowercased(), !sheet.hasSuffix(".jpg") && !sheet.hasSuffix(".jpeg") {
      throw ValidationError("--preview-augmentation writes a JPEG: a name that ends in .jpg")
    }
  }
}

/// Two numbers above 0, the second larger: `1e-5:1e-2`.
struct LogarithmicRange: ExpressibleByArgument {
  let bounds: ClosedRange<Double>

  init(bounds: ClosedRange<Double>) { self.bounds = bounds }

  init?(argument: String) {
    let parts = argument.split(separator: ":", omittingEmptySubsequences: false).map { Double($0) }
    guard parts.count == 2, let low = parts[0], let high = parts[1], low > 0, low < high, high.isFinite else {
      return nil
    }
    bounds = low...high
  }

  var defaultValueDescription: String {
    "\(Format.strength(bounds.lowerBound)):\(Format.strength(bounds.upperBound))"
  }
}
