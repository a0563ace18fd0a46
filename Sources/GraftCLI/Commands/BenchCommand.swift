import ArgumentParser
import Graft

/// `graft bench`: the speed of a network.
struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Time a compiled network on random pixels.",
    discussion: """
      Neither reading pictures nor loading weights is timed. The limit is what the same threads reach with \
      multiply-adds in registers, measured in turns with the network; a fraction above 1 means that convolutions \
      are computed with fewer operations than their sums have.
      """)

  @Option(help: "The architecture; see `graft models`.")
  var model: String

  @Option(
    help: "The weights: a Keras HDF5 file, a name from `graft weights list`, or `random`.",
    completion: .file(extensions: ["h5", "hdf5"]))
  var weights = "random"

  @Option(
    parsing: .unconditional, help: "The side of the network's input in pixels (default: the weights' own).")
  var size: Int?

  @Option(parsing: .unconditional, help: "Pictures computed together.")
  var batch = 8

  @Flag(inversion: .prefixedNo, help: "Whether the classifier is computed, too.")
  var top = true

  @Option(parsing: .unconditional, help: "How many seconds to time, at least.")
  var seconds = 3.0

  @Flag(help: "Time steps of training: forward, backward and Adam, batch normalization on stored statistics.")
  var train = false

  @Option(help: "With --train, the first stage that trains (default: all of them).")
  var unfreezeFrom: String?

  @Flag(help: "Say what each layer takes.")
  var profile = false

  @Flag(help: "Print JSON.")
  var json = false

  @OptionGroup(title: "General") var common: CommonOptions

  private struct Result: Encodable {
    let model: String
    let batch: Int
    let threads: Int
    let imagesPerSecond: Double
    let fractionOfLimit: Double
  }

  func validate() throws {
    guard (1...4096).contains(batch) else {
      throw ValidationError("--batch must be from 1 to 4096, not \(batch)")
    }
    guard (0...3600).contains(seconds) else {
      throw ValidationError("--seconds must be from 0 to 3600, not \(seconds)")
    }
    guard train || unfreezeFrom == nil else { throw ValidationError("--unfreeze-from needs --train") }
    guard top || !train else { throw ValidationError("training needs the classifier; leave out --no-top") }
    guard !(json && profile) else { throw ValidationError("give either --json or --profile") }
  }

  func run() throws {
    common.apply()
    let (source, architecture) = (WeightSource(parsing: weights), try Architecture.named(model))
    let pretrained =
      try top
      ? PretrainedNetwork(classifier: source, architecture: architecture, inputSize: size)
      : PretrainedNetwork(source, architecture: architecture, inputSize: size)
    Report.warn(pretrained.warnings)
    if train { return try runTraining(pretrained) }
    let name = pretrained.name
    let bench = try NetworkBenchmark(
      consume pretrained, batch: batch, includesTop: top, seconds: seconds, profiles: profile)
    if json {
      return try Report.json(
        Result(
          model: name, batch: batch, threads: Threads.count, imagesPerSecond: bench.imagesPerSecond,
          fractionOfLimit: bench.fractionOfLimit))
    }
    var table = TextTable([
      ("network", .left), ("batch", .right), ("threads", .right), ("images/s", .right),
      ("ms a picture", .right), ("GFLOP a picture", .right), ("GFLOP/s", .right), ("limit", .right),
      ("of the limit", .right),
    ])
    table.add([
      name, "\(batch)", "\(Threads.count)", Format.rate(bench.imagesPerSecond),
      Format.decimal(bench.processorSeconds * 1e3, 2), Format.decimal(bench.operations / 1e9, 2),
      Format.decimal(bench.imagesPerSecond * bench.operations / 1e9, 1), Format.decimal(bench.limit / 1e9, 1),
      Format.decimal(bench.fractionOfLimit, 2),
    ])
    try Report.result(table.text)
    Report.note(
      "medians of \(Format.plural(bench.runs, "run")); milliseconds are processor time of all threads together; "
        + "compiled in \(Format.decimal(bench.compilationSeconds, 2)) s, "
        + "first run \(Format.decimal(bench.firstRunSeconds, 2)) s",
      common)
    if profile {
      try Report.result("\n" + ProfileReport(layers: bench.layers, limitOfThread: bench.limitOfThread).text)
    }
  }
  private struct TrainingResult: Encodable {
    let model: String
    let batch: Int
    let threads: Int
    let trainableParameters: Int
    let imagesPerSecond: Double
    let processorSecondsPerImage: Double
  }

  private func runTraining(_ pretrained: PretrainedNetwork) throws {
    let bench = try TrainingBenchmark(
      pretrained, batch: batch, unfrozenFrom: unfreezeFrom, seconds: seconds, profiles: profile)
    if json {
      return try Report.json(
        TrainingResult(
          model: pretrained.name, batch: batch, threads: Threads.count, trainableParameters: bench.parameters,
          imagesPerSecond: bench.imagesPerSecond, processorSecondsPerImage: bench.processorSeconds))
    }
    var table = TextTable([
      ("network", .left), ("batch", .right), ("threads", .right), ("parameters that train", .right),
      ("images/s", .right), ("ms a picture", .right), ("frozen part", .right),
    ])
    table.add([
      pretrained.name, "\(batch)", "\(Threads.count)", "\(bench.parameters)",
      Format.rate(bench.imagesPerSecond), Format.decimal(bench.processorSeconds * 1e3, 2),
      Format.decimal(bench.frozenSeconds * 1e3, 2),
    ])
    try Report.result(table.text)
    Report.note(
      "medians of \(Format.plural(bench.runs, "step")); milliseconds are processor time of all threads together",
      common)
    if profile { try Report.result("\n" + TrainingProfileReport(layers: bench.layers).text) }
  }
}
