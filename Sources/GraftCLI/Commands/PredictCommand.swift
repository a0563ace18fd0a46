import ArgumentParser
import Graft

/// `graft predict`: pictures to classes.
struct PredictCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "predict",
    abstract: "Say what pictures show.",
    discussion: """
      With a model made by graft fit (--model), or with pretrained weights that have a classifier (--weights; those \
      of ImageNet's 1000 classes are named). A model for several labels names those whose probability is at least the \
      threshold; one for boxes says where the picture's object is. Pictures that cannot be read are skipped and named; the exit code is \
      then 2.
      """)

  @Argument(help: "Pictures or folders of pictures.", completion: .file())
  var pictures: [String]

  @OptionGroup(title: "Model") var model: ModelOptions

  @OptionGroup(title: "Averaging") var opinions: OpinionOptions

  @Option(parsing: .unconditional, help: "How many classes to name for each picture.")
  var top = 5

  @Option(
    parsing: .unconditional,
    help:
      "With a model for several labels: from which probability on a label is named (default: the model's own, 0.5)."
  )
  var threshold: Float?

  @Flag(
    help:
      "Print JSON: [{\"path\":…, \"predictions\":[{\"class\":…, \"probability\":…}]}]; of boxes \"box\":{\"b_x\":…}."
  )
  var json = false

  @Flag(help: "Print comma-separated values: path, rank, class, probability; or path and box.")
  var csv = false

  @OptionGroup(title: "General") var common: CommonOptions

  func validate() throws {
    guard top >= 1 else { throw ValidationError("--top must be at least 1, not \(top)") }
    if let threshold, !(0...1).contains(threshold) {
      throw ValidationError("--threshold must be from 0 to 1, not \(threshold)")
    }
    guard !(json && csv) else { throw ValidationError("give --json or --csv, not both") }
  }

  func run() throws {
    common.apply()
    let folder = try ImageFolder(paths: pictures)
    let ensemble = try model.load(opinions)
    for classifier in ensemble.models {
      Report.note(classifier.summary, common)
      Report.warn(classifier.warnings)
    }
    guard threshold == nil || ensemble.task == .labels else {
      throw ValidationError(
        "--threshold goes with a model for several labels; this one is for \(ensemble.task.rawValue)")
    }
    let progress = ProgressLine(
      "predict", unit: .things("pictures"), quiet: common.quiet || folder.items.count < 8)
    let skipped: [SkippedPicture]
    if ensemble.task == .boxes {
      let found = try ensemble.boxes(in: folder) { progress.update($0, of: $1) }
      progress.finish()
      try print(found.boxes, text: found.boxes.text, csv: found.boxes.csv)
      skipped = found.skipped
    } else {
      let found = try ensemble.predict(folder) { progress.update($0, of: $1) }
      progress.finish()
      let pictures = found.predictions.map { picture(of: $0.path, $0.prediction, ensemble) }
      try print(pictures, text: pictures.text, csv: pictures.csv)
      skipped = found.skipped
    }
    try Report.finish(skipped: skipped)
  }

  /// The classes of a picture that are wanted.
  private func picture(
    of path: String, _ prediction: Prediction, _ ensemble: ClassifierEnsemble
  ) -> PicturePrediction {
    guard ensemble.task == .labels else {
      return PicturePrediction(path: path, prediction: prediction, top: top)
    }
    let thresholds = threshold.map { [Float](repeating: $0, count: ensemble.classes.count) }
    return PicturePrediction(
      path: path, prediction: prediction, thresholds: thresholds ?? ensemble.thresholds)
  }

  private func print(_ pictures: [some Encodable], text: String, csv table: String) throws {
    if json {
      try Report.json(pictures)
    } else if csv {
      try Report.result(table)
    } else if !pictures.isEmpty {
      try Report.result(text)
    }
  }
}
