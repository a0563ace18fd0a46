import ArgumentParser
import Graft

/// `graft fit`: features to a model.
struct FitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fit",
    abstract: "Train a classifier on features and save the whole model.",
    discussion: """
      Features are standardised; the classifier is multinomial logistic regression unless another is asked for. The \
      model that is written holds the pretrained network with the new classifier on it; graft predict and Keras open it. \
      Stores that do not fit into --memory are read from disk in every step, to the same result.
      """)

  @Argument(help: "A feature store made by graft extract from a folder with classes.", completion: .file())
  var features: String

  @Option(
    name: [.short, .long], help: "The model to write (.h5), or the classifier alone (.json).",
    completion: .file())
  var output: String?

  @OptionGroup(title: "Classifier") var classifier: ClassifierArguments

  @Option(
    name: .customLong("test"), help: "A store of held-out pictures to judge the classifier on.",
    completion: .file())
  var heldOut: String?

  @Option(help: "The layer to classify by, if the store has several; repeat to join several.")
  var layer: [String] = []

  @Option(
    help: ArgumentHelp(
      """
      Fit the layer by itself, and add its scores to those of the others with this weight; repeat for each layer \
      (graft probe says which, and prints the command).
      """, valueName: "layer=weight[:l2]"))
  var blend: [BlendedLayer] = []

  @Option(
    help: "Where the pretrained weights are now (default: where they were at extraction).",
    completion: .file())
  var weights: String?

  @Option(help: "How much memory to take, about, such as 1G or 500M (default: half of the machine's).")
  var memory: ByteCount?

  @Flag(help: "Print what was found as JSON.")
  var json = false

  @OptionGroup(title: "General") var common: CommonOptions

  func validate() throws {
    if !blend.isEmpty {
      guard layer.isEmpty else { throw ValidationError("--blend names the layers; leave --layer out") }
      guard classifier.classifier == .logistic else {
        throw ValidationError("--blend is for --classifier logistic, not \(classifier.classifier.rawValue)")
      }
      guard Set(blend.map(\.layer)).count == blend.count else {
        throw ValidationError("--blend names a layer twice")
      }
    }
    guard classifier.classifier == .knn else {
      if output == nil { throw ValidationError("Missing expected argument '--output <output>'") }
      return
    }
    if output != nil {
      throw ValidationError(
        "nearest neighbors are no layer that a model could have, so there is nothing to write; leave out --output, "
          + "and judge them with --test")
    }
    if heldOut == nil {
      throw ValidationError("--classifier knn is there to judge other pictures; give --test")
    }
  }

  func run() throws {
    common.apply()
    if let output {
      try LinearClassifier.isFileName(output)
        ? LinearClassifier.checkDestination(output) : ImageClassifier.checkDestination(output)
    }
    let data = try FittingData(
      features, layers: blend.isEmpty ? layer : blend.map(\.layer), heldOut: heldOut, memory: budget)
    Report.note(
      "\(Format.printable(features)): \(Format.plural(data.training.count, "picture")), \(Format.plural(data.training.labels?.count ?? 0, "class", "classes")), "
        + "\(Format.plural(data.training.width, "feature")) of \(data.layers.joined(separator: ", "))"
        + (data.training.features.isOnDisk ? ", read from disk" : ""), common)
    if !data.emptyClasses.isEmpty {
      Report.warn([
        "left out, because none of its pictures could be read: "
          + data.emptyClasses.map { "the class \(Format.printable($0))" }.joined(separator: ", ")
      ])
    }
    Report.warn(data.training.doubts(heldOut: data.heldOut))
    if let output, let options = classifier.options {
      try fit(options, data, output)
    } else {
      try judgeNeighbors(data)
    }
  }

  private func fit(_ options: any ClassifierOptions, _ data: FittingData, _ output: String) throws {
    let isAlone = LinearClassifier.isFileName(output)
    // Before the long part rather than after it.
    let pretrained =
      isAlone
      ? nil
      : try PretrainedNetwork(
        of: data.origin, layers: data.layers, weights: weights.map(WeightSource.init(parsing:)))
    let fitted = try blend.isEmpty ? fitted(options, data.training, "cross-validation") : blended()
    let classifier = fitted.classifier
    let model = try pretrained.map {
      try ImageClassifier(classifier, on: $0, featuresFrom: data.origin, layers: data.layers)
    }
    let report = FitReport(
      model: output, classifier: classifier, blended: blend.map(\.layer),
      training: try classifier.evaluate(data.training),
      heldOut: try data.heldOut.map { try classifier.evaluate($0) }, seconds: fitted.seconds)
    if let model { try model.save(to: output) } else { try classifier.save(to: output) }
    if json { try Report.json(report) } else { try report.print(common) }
    Report.note("\n\(Format.printable(output)): saved", common)
    if let model {
      Report.note(model.summary, common)
      Report.warn(model.warnings)
    }
  }

  /// What the features may take: beside the layers side by side, by which a blend is judged, its layers are fitted.
  private var budget: Int { (memory?.bytes ?? FittingData.defaultMemory) / (blend.isEmpty ? 1 : 2) }

  private typealias Fitted = (classifier: LinearClassifier, seconds: Double)

  private func fitted(
    _ options: any ClassifierOptions, _ training: FeatureDataset, _ name: String
  ) throws -> Fitted {
    let clock = ContinuousClock()
    let started = clock.now
    let classifier = try withProgress(name) { try options.fit(training, progress: $0) }
    return (classifier, (clock.now - started) / .seconds(1))
  }

  /// The layers' own classifiers as one.
  private func blended() throws -> Fitted {
    var (members, seconds) = ([(classifier: LinearClassifier, weight: Double)](), 0.0)
    for part in blend {
      var arguments = classifier
      if let l2 = part.l2 { arguments.l2 = .fixed(l2) }
      let options = arguments.options ?? LogisticRegression()
      let own = try FittingData(features, layers: [part.layer], memory: budget)
      let fitted = try fitted(options, own.training, "cross-validation of \(part.layer)")
      members.append((fitted.classifier, part.weight))
      seconds += fitted.seconds
    }
    return (try LinearClassifier(blending: members), seconds)
  }

  private func judgeNeighbors(_ data: FittingData) throws {
    guard let heldOut = data.heldOut else { return }
    let neighbors = try withProgress("cross-validation") {
      try classifier.neighborOptions.fit(data.training, progress: $0)
    }
    let report = NeighborReport(classifier: neighbors, heldOut: try neighbors.evaluate(heldOut))
    if json { try Report.json(report) } else { try report.print(common) }
  }

  private func withProgress<Result>(
    _ name: String, _ body: ((FitEvent) throws -> Void) throws -> Result
  ) rethrows -> Result {
    let validation = ProgressLine(name, unit: .things("fits"), quiet: common.quiet)
    let result = try body { event in
      if case .crossValidating(let done, let total) = event { validation.update(done, of: total) }
    }
    validation.finish()
    return result
  }
}
