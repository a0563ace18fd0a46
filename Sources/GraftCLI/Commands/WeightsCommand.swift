import ArgumentParser
import Graft

/// `graft weights`: published weight files.
struct WeightsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "weights",
    abstract: "List, fetch and check the weight files that Keras publishes.",
    discussion: """
      Files are kept in $GRAFT_HOME/weights, by default ~/.cache/graft/weights. A name from the list can be given \
      wherever --weights takes a file. GRAFT_MIRROR names a server to fetch from instead of Keras's.
      """,
    subcommands: [List.self, Fetch.self, Verify.self, Path.self])

  /// `graft weights list`.
  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List the published weight files.")

    @Argument(help: "Only those whose name or architecture holds this.")
    var filter: String?

    @Flag(help: "Print JSON.")
    var json = false

    @OptionGroup(title: "General") var common: CommonOptions

    private struct Row: Encodable {
      let name: String
      let architecture: String
      let hasTop: Bool
      let inputSize: Int
      let parameters: Int?
      let top1: Double?
      let file: String
      let url: String
      let digest: WeightRegistry.Digest?
      let licence: String?
      let path: String?
    }

    func run() throws {
      common.apply()
      let store = WeightStore()
      let wanted = filter?.lowercased()
      let entries = try WeightRegistry.published.entries.filter { entry in
        wanted.map { entry.name.lowercased().contains($0) || entry.architecture.lowercased().contains($0) }
          ?? true
      }
      if json {
        return try Report.json(
          entries.map { entry in
            Row(
              name: entry.name, architecture: entry.architecture, hasTop: entry.hasTop,
              inputSize: entry.inputSize,
              parameters: entry.parameters, top1: entry.accuracy?.top1, file: entry.file, url: entry.url,
              digest: entry.digest, licence: entry.licence,
              path: store.contains(entry) ? store.location(of: entry) : nil)
          })
      }
      guard !entries.isEmpty else {
        Report.error("Error: no published weight file has \"\(Format.printable(filter ?? ""))\" in its name")
        throw ExitCode.failure
      }
      var table = TextTable([
        ("name", .left), ("top", .left), ("input", .right), ("parameters", .right), ("top-1", .right),
        ("here", .left),
      ])
      for entry in entries {
        table.add([
          entry.name, entry.hasTop ? "yes" : "no", "\(entry.inputSize)",
          entry.parameters.map(Format.count) ?? "",
          (entry.accuracy?.top1).map { Format.decimal($0, 1) + " %" } ?? "",
          store.contains(entry) ? "yes" : "",
        ])
      }
      try Report.result(table.text)
    }
  }

  /// `graft weights fetch`.
  struct Fetch: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Fetch a published weight file, unless it is here.",
      discussion: "A transfer that broke off goes on where it stopped. The path is printed.")

    @Argument(help: "Names from graft weights list.")
    var names: [String]

    @OptionGroup(title: "General") var common: CommonOptions

    func run() throws {
      common.apply()
      for name in names {
        let progress = ProgressLine(name, unit: .bytes, quiet: common.quiet)
        let path = try WeightStore().fetch(name) { received, expected in
          progress.update(received, of: expected)
        }
        progress.finish()
        try Report.result(path)
      }
    }
  }

  /// `graft weights verify`.
  struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Check weight files: against what is published, and for values that no trained network has.",
      discussion: """
        Of a published name, the digest is compared. Of any file, all values must be finite and no variance negative, \
        and the normalizations must not be as they were made. Of some files it is known what Keras computes with them \
        for a picture that is built in; the network must agree.
        """)

    @Argument(help: "Weight files or models.", completion: .file())
    var files: [String]

    @OptionGroup(title: "General") var common: CommonOptions

    func run() throws {
      common.apply()
      var failed = false
      for file in files {
        do {
          let result = try WeightStore().verify(file)
          let basis =
            switch result.basis {
            case .published(let algorithm): "its \(algorithm) is the published one"
            case .download: "unchanged since its download; no digest is published"
            case .content: "as many weights as published; no digest is published to compare with"
            case .statistics: "no file of this name is published to compare with"
            }
          let values = "\(Format.count(result.statistics.values)) values, all sound"
          let answer =
            result.differenceFromKeras.map { "; Keras's answer for a picture, to \(Format.strength($0))" }
            ?? ""
          try Report.result(
            "\(file): \(result.entry.map { $0.name + ", " } ?? "")\(basis); \(values)\(answer) "
              + "(SHA-256 \(result.sha256))")
        } catch {
          Report.error("Error: \(Format.printable("\(error)"))")
          failed = true
        }
      }
      if failed { throw ExitCode.failure }
    }
  }

  /// `graft weights path`.
  struct Path: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Print where a fetched weight file is.")

    @Argument(help: "A name from graft weights list.")
    var name: String

    @OptionGroup(title: "General") var common: CommonOptions

    func run() throws {
      common.apply()
      try Report.result(try WeightStore().path(of: name))
    }
  }
}
