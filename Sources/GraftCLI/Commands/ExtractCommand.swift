import ArgumentParser
import Graft

/// `graft extract`: pictures to features.
struct ExtractCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "extract",
    abstract: "Compute features of pictures with a frozen network.",
    discussion: """
      Pictures are files or a folder; sub-folders of a folder are classes. The features go to an HDF5 store, \
      or to a CSV file if the name ends in .csv, or for x.npy to a NumPy array with x_paths.txt and, where there are \
      classes, x_labels.npy and x_classes.txt beside it. Extraction into an existing store computes \
      only pictures that are new or changed, and goes on where a killed run stopped. Pictures that cannot be \
      read are skipped and named; the exit code is then 2.
      """)

  @Argument(help: "Pictures, or a folder with one sub-folder per class.", completion: .file())
  var pictures: [String]

  @Option(name: [.short, .long], help: "The file to write: .h5, .npy or .csv.", completion: .file())
  var output: String

  @Option(help: "A layer to take features of; repeat for several (default: the last before the classifier).")
  var layer: [String] = []

  @Option(help: "What is kept of a feature map: avg, max, or none for all of it.")
  var pooling = FeaturePooling.avg

  @Option(parsing: .unconditional, help: "Pictures computed together; has no influence on the result.")
  var batch = 32

  @Option(help: "The type of the numbers in the store: float32 or float16.")
  var precision = FeatureScalar.float32

  @Flag(help: "Say afterwards what each layer of the network took.")
  var profile = false

  @OptionGroup(title: "Part") var part: PartOptions
  @OptionGroup(title: "Network") var network: NetworkOptions
  @OptionGroup(title: "General") var common: CommonOptions

  func validate() throws {
    guard (1...4096).contains(batch) else {
      throw ValidationError("--batch must be from 1 to 4096, not \(batch)")
    }
  }

  func run() throws {
    common.apply()
    let folder = try part.folder(pictures)
    var extractor = try FeatureExtractor(
      network.load(layers: layer), at: layer, pooling: pooling, keepsWeights: false)
    if profile { extractor = extractor.profiling() }
    Report.note(extractor.pretrained.summary, common)
    for layer in extractor.layers {
      let bytes = layer.shape.count * folder.items.count * (precision == .float16 ? 2 : 4)
      Report.note(
        "features       \(layer.name): \(layer.shape) for each of "
          + "\(Format.plural(folder.items.count, "picture")), \(Format.bytes(bytes))", common)
    }
    if let classes = folder.classSummary { Report.note("classes        \(classes)", common) }
    Report.warn(extractor.pretrained.warnings)
    Interruption.advise("what is computed is kept; run the same command again to go on")
    let progress = ProgressLine("extract", unit: .things("pictures"), quiet: common.quiet)
    let report = try extractor.extract(
      folder, to: output, options: ExtractionOptions(batch: batch, precision: precision)
    ) { done, total in progress.update(done, of: total) }
    progress.finish()
    Interruption.advise(nil)
    var line = "\(Format.printable(output)): \(Format.plural(report.stored, "picture"))"
    if report.computed + report.copies < report.stored {
      line += ", \(Format.count(report.computed)) computed now"
    }
    if report.dropped > 0 { line += ", \(Format.count(report.dropped)) gone from the folder and dropped" }
    if report.oriented > 0 { line += ", \(Format.count(report.oriented)) turned upright" }
    if report.copies > 0 { line += ", \(Format.count(report.copies)) the same as others" }
    Report.note(line, common)
    for file in FeatureFormat.companions(of: output, classes: folder.labels != nil) {
      Report.note("\(Format.printable(file.path)): \(file.content)", common)
    }
    if let profile = extractor.profile {
      try Report.result(ProfileReport(layers: profile.layers, limitOfThread: profile.limitOfThread).text)
    }
    try Report.finish(skipped: report.skipped)
  }
}
