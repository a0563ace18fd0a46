import ArgumentParser
import Graft

/// `graft fit`: features to a model.
struct FitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fit",
    abstract: "Train a linear classifier on features and save the whole model.",
    discussion: """
      Multinomial logistic regression on standardised features, by L-BFGS. The model that is written holds the \
      pretrained network with the new classifier on it; graft predict and Keras open it.
      """)

  @Argument(help: "A feature store made by graft extract from a folder with classes.", completion: .file())
  var features: String

  @Option(name: [.short, .long], help: "The model to write (HDF5).", completion: .file())
  var output: String

  @Option(
    parsing: .unconditional,
    help: """
      Strength of the penalty on the weights: minimises mean log loss + x/2 times their squared norm. `auto` \
      chooses by cross-validation.
      """)
  var l2 = L2Choice.auto

  @Option(
    name: .customLong("test"), help: "A store of held-out pictures to judge the classifier on.",
    completion: .file())
  var heldOut: String?

  @Option(help: "The layer to classify by, if the store has several.")
  var layer: String?

  @Option(
    help: "Where the pretrained weights are now (default: where they were at extraction).",
    completion: .file())
  var weights: String?

  @Option(help: "Fixes the folds of the cross-validation.")
  var seed: UInt64 = 0

  @Flag(help: "Print what was found as JSON.")
  var json = false

  @OptionGroup(title: "General") var common: CommonOptions

  func run() throws {
    common.apply()
    try ImageClassifier.checkDestination(output)
    let store = try FeatureStore(path: features)
    let (table, emptyClasses) = try store.table(layer: layer).withoutEmptyClasses()
    let test = try heldOut.map { path in
      let other = try FeatureStore(path: path)
      try other.requireSameOrigin(as: store, at: table.layer.name, path: path, than: features)
      return try other.table(layer: table.layer.name)
    }
    Report.note(
      "\(Format.printable(features)): \(Format.plural(table.count, "picture")), \(Format.plural(table.labels?.count ?? 0, "class", "classes")), "
        + "\(Format.plural(table.layer.shape.count, "feature")) of \(table.layer.name)", common)
    if !emptyClasses.isEmpty {
      Report.warn([
        "left out, because none of its pictures could be read: "
          + emptyClasses.map { "the class \(Format.printable($0))" }.joined(separator: ", ")
      ])
    }
    Report.warn(table.doubts(heldOut: test))
    // Before the long part rather than after it.
    let pretrained = try PretrainedNetwork(
      of: store.origin, layer: table.layer.name, weights: weights.map(WeightSource.init(parsing:)))
    var options = LogisticRegression(l2: l2.strength)
    options.seed = seed
    let progress = ProgressLine("cross-validation", unit: .things("fits"), quiet: common.quiet)
    let classifier = try options.fit(table) { event in
      if case .crossValidating(let done, let total) = event { progress.update(done, of: total) }
    }
    progress.finish()
    let model = try ImageClassifier(
      classifier, on: pretrained, featuresFrom: store.origin, layer: table.layer.name)
    let report = FitReport(
      model: output, classifier: classifier, training: try classifier.evaluate(table),
      heldOut: try test.map { try classifier.evaluate($0) })
    try model.save(to: output)
    if json { try Report.json(report) } else { try report.print(common) }
    Report.note("\n\(Format.printable(output)): saved", common)
    Report.note(model.summary, common)
    Report.warn(model.warnings)
  }
}

/// What `--l2` means.
enum L2Choice: ExpressibleByArgument, CustomStringConvertible {
  case auto
  case fixed(Double)

  init?(argument: String) {
    if argument == "auto" {
      self = .auto
    } else if let value = Double(argument), value >= 0, value.isFinite {
      self = .fixed(value)
    } else {
      return nil
    }
  }

  var description: String {
    switch self {
    case .auto: "auto"
    case .fixed(let value): "\(value)"
    }
  }

  var defaultValueDescription: String { description }

  var strength: LogisticRegression.Strength {
    switch self {
    case .auto: .auto
    case .fixed(let value): .fixed(value)
    }
  }
}
