import ArgumentParser
import Graft

/// `graft predict`: pictures to classes.
struct PredictCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "predict",
    abstract: "Say what pictures show.",
    discussion: """
      With a model made by graft fit (--model), or with pretrained weights that have a classifier (--weights; those \
      of ImageNet's 1000 classes are named). Pictures that cannot be read are skipped and named; the exit code is \
      then 2.
      """)

  @Argument(help: "Pictures or folders of pictures.", completion: .file())
  var pictures: [String]

  @OptionGroup(title: "Model") var model: ModelOptions

  @OptionGroup(title: "Averaging") var opinions: OpinionOptions

  @Option(parsing: .unconditional, help: "How many classes to name for each picture.")
  var top = 5

  @Flag(help: "Print JSON: [{\"path\":…, \"predictions\":[{\"class\":…, \"probability\":…}]}].")
  var json = false

  @Flag(help: "Print comma-separated values: path, rank, class, probability.")
  var csv = false

  @OptionGroup(title: "General") var common: CommonOptions

  func validate() throws {
    guard top >= 1 else { throw ValidationError("--top must be at least 1, not \(top)") }
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
    let progress = ProgressLine(
      "predict", unit: .things("pictures"), quiet: common.quiet || folder.items.count < 8)
    let (predictions, skipped) = try ensemble.predict(folder) { done, total in
      progress.update(done, of: total)
    }
    progress.finish()
    let pictures = predictions.map { PicturePrediction(path: $0.path, prediction: $0.prediction, top: top) }
    if json {
      try Report.json(pictures)
    } else if csv {
      try Report.result(pictures.csv)
    } else if !pictures.isEmpty {
      try Report.result(pictures.text)
    }
    try Report.finish(skipped: skipped)
  }
}

extension [PicturePrediction] {
  /// A block a picture: its path, then the classes with their probabilities.
  fileprivate var text: String {
    map { picture in
      let lines = picture.predictions.map { guess in
        let share = Format.percent(Double(guess.probability))
        return String(repeating: " ", count: Swift.max(0, 9 - share.count)) + share + "  "
          + Format.printable(guess.label)
      }
      return ([Format.printable(picture.path)] + lines).joined(separator: "\n")
    }.joined(separator: "\n")
  }

  /// A line a class: path, rank, class, probability.
  fileprivate var csv: String {
    var lines = ["path,rank,class,probability"]
    for picture in self {
      for (rank, guess) in picture.predictions.enumerated() {
        let fields = [picture.path, "\(rank + 1)", guess.label, "\(guess.probability)"]
        lines.append(fields.map(Format.csv).joined(separator: ","))
      }
    }
    return lines.joined(separator: "\n")
  }
}
