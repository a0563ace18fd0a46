import ArgumentParser
import Graft

/// `graft models`: the architectures.
struct ModelsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "models",
    abstract: "List the architectures.",
    discussion: """
      Parameters are counted with the 1000-class top. Top-1 is the published accuracy on ImageNet's validation set, \
      where there is one. Weights on this machine are those fetched by graft weights fetch.
      """)

  @Flag(help: "Print JSON.")
  var json = false

  @OptionGroup(title: "General") var common: CommonOptions

  private struct Entry: Encodable {
    let name: String
    let parameters: Int
    let inputSize: Int
    let minimumInputSize: Int
    let features: Int
    let preprocessing: String
    let top1: Double?
    let weights: [String]
    let fetched: [String]
  }

  func run() throws {
    common.apply()
    let store = WeightStore()
    let entries = try Architecture.all.map { architecture in
      let published = try WeightRegistry.published.entries.filter { $0.architecture == architecture.name }
      return Entry(
        name: architecture.name, parameters: try architecture.graph().parameterCount,
        inputSize: architecture.inputSize, minimumInputSize: architecture.minimumInputSize,
        features: architecture.featureWidth, preprocessing: architecture.preprocessing.rawValue,
        top1: published.compactMap(\.accuracy?.top1).max(), weights: published.map(\.name),
        fetched: published.filter { store.contains($0) }.map(\.name))
    }
    if json { return try Report.json(entries) }
    var table = TextTable([
      ("architecture", .left), ("parameters", .right), ("input", .right), ("features", .right),
      ("preprocessing", .left), ("top-1", .right), ("weights here", .left),
    ])
    for entry in entries {
      table.add([
        entry.name, Format.count(entry.parameters), "\(entry.inputSize)", Format.count(entry.features),
        entry.preprocessing, entry.top1.map { Format.decimal($0, 1) + " %" } ?? "",
        entry.fetched.joined(separator: ", "),
      ])
    }
    try Report.result(table.text)
  }
}
