import Foundation
import Graft
import Testing
import _GraftTestSupport

/// The README's commands, run in its order as a reader would.
@Suite("The README")
struct ReadmeTests {
  static let text =
    (try? String(contentsOf: TestData.package.appending(path: "README.md"), encoding: .utf8)) ?? ""

  /// The code blocks of a language.
  static func blocks(_ language: String) -> [String] {
    text.components(separatedBy: "```\(language)\n").dropFirst().compactMap {
      $0.components(separatedBy: "\n```").first
    }
  }

  /// A server that has the two weight files that the README fetches, with random weights in them.
  static func weightServer(in folder: URL) throws -> LoopbackServer {
    var files: [String: [UInt8]] = [:]
    let architecture = try Architecture.named("mobilenetv2_1.0")
    for (name, top) in [
      ("mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224_no_top.h5", Architecture.Top.none),
      ("mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224.h5", .classifier(classes: 1000)),
    ] {
      let graph = try architecture.graph(top: top)
      let network = try Network(graph: graph, parameters: .random(for: graph, seed: 1))
      let path = folder.appending(path: name).path
      try KerasModelFile.write(network, name: "mobilenetv2", to: path)
      files[name] = Array(try Data(contentsOf: URL(filePath: path)))
    }
    let served = files
    return try LoopbackServer { request in
      let name = request.path.split(separator: "/").last.map(String.init) ?? ""
      return served[name].map { .file($0, tag: "\"1\"", for: request) } ?? .init(status: 404)
    }
  }

  @Test("Every command of the README works, in its order")
  func commands() throws {
    let commands = Self.blocks("sh").flatMap { $0.split(separator: "\n").map(String.init) }
    #expect(commands.count >= 20)
    try TestData.withTemporaryFolder { folder in
      try FileManager.default.createSymbolicLink(
        at: folder.appending(path: "examples"),
        withDestinationURL: TestData.package.appending(path: "examples"))
      try Pictures.copy(classes: 2, perClass: 6, to: folder.appending(path: "photos/train"))
      try Pictures.copy(Pictures.val, classes: 2, perClass: 4, to: folder.appending(path: "photos/val"))
      let server = try Self.weightServer(in: folder)
      defer { server.stop() }
      let environment = [
        "GRAFT_HOME": folder.appending(path: "home").path, "GRAFT_MIRROR": "http://127.0.0.1:\(server.port)",
      ]
      for command in commands {
        let words = command.split(separator: " ").map(String.init)
        switch words.first {
        case "graft":
          let run = try Program.run(Array(words.dropFirst()), in: folder, environment: environment)
          #expect(run.status == 0, "\(command): \(run.errors)")
        case "make":
          let run = try Program.runAny(
            "/usr/bin/env", ["make", "-n"] + words.dropFirst(), in: TestData.package)
          #expect(run.status == 0, "\(command): \(run.errors)")
        case "git":
          break
        default:
          Issue.record("a command of another kind: \(command)")
        }
      }
    }
  }

  /// The accuracy in percent that an evaluation begins with.
  static func accuracy(_ report: String) -> Double {
    report.split(separator: " ").dropFirst().first.flatMap { Double($0) } ?? .nan
  }

  /// The words of a report that are no figures.
  static func words(_ report: String) -> [Substring] {
    report.split { $0.isWhitespace }.filter { $0.contains { $0.isLetter } }
  }

  @Test("The figures shown are those of the commands before them")
  func figures() throws {
    let shown = try #require(Self.text.components(separatedBy: "\n```\n").first { $0.hasPrefix("accuracy") })
    try TestData.withTemporaryFolder { folder in
      #expect(try Program.run(["extract", Pictures.train.path, "-o", "f.h5"], in: folder).status == 0)
      #expect(try Program.run(["fit", "f.h5", "-o", "m.h5"], in: folder).status == 0)
      let run = try Program.run(["evaluate", Pictures.val.path, "--model", "m.h5"], in: folder)
      // Another processor adds in another order, which may turn a picture or two.
      let (found, claimed) = (Self.accuracy(run.output), Self.accuracy(shown))
      #expect(abs(found - claimed) <= 1, "\(claimed) % in the README, \(found) % here")
      let words = Self.words(shown.replacing("…", with: ""))
      #expect(Self.words(run.output).starts(with: words))
    }
  }

  @Test("The Swift code is the code that is compiled and run here")
  func swiftCode() throws {
    let source = try String(contentsOfFile: #filePath, encoding: .utf8)
    let compiled = try #require(
      source.components(separatedBy: "// README begins\n").dropFirst().first?
        .components(separatedBy: "      // README ends").first)
    let lines = compiled.split(separator: "\n", omittingEmptySubsequences: false).map {
      $0.trimmingCharacters(in: .whitespaces)
    }
    let shown = try #require(Self.blocks("swift").first)
    #expect("import Graft\n\n" + lines.joined(separator: "\n").trimmingCharacters(in: .newlines) == shown)
    try TestData.withTemporaryFolder { folder in
      try Pictures.copy(classes: 2, perClass: 8, to: folder.appending(path: "photos/train"))
      try Pictures.copy(Pictures.val, classes: 2, perClass: 4, to: folder.appending(path: "photos/val"))
      try FileManager.default.copyItem(
        at: TestData.package.appending(path: "weights/default.h5"), to: folder.appending(path: "weights.h5"))
      let name = try #require(
        try FileManager.default.contentsOfDirectory(atPath: Pictures.val.path).sorted().first)
      let file = try #require(
        try FileManager.default.contentsOfDirectory(atPath: Pictures.val.path + "/" + name).sorted().first)
      try FileManager.default.copyItem(
        at: Pictures.val.appending(path: "\(name)/\(file)"), to: folder.appending(path: "photo.jpg"))
      try example(in: folder)
      #expect(FileManager.default.fileExists(atPath: folder.appending(path: "model.h5").path))
    }
  }

  /// The README's example, with the file names meant relative to `folder`.
  private func example(in folder: URL) throws {
    var printed: [String] = []
    func print(_ value: some CustomStringConvertible) { printed.append("\(value)") }
    func path(_ name: String) -> String { folder.appending(path: name).path }
    func ImageFolder(_ name: String) throws -> GraftImage.ImageFolder {
      try GraftImage.ImageFolder(path(name))
    }
    func Image(contentsOf name: String) throws -> GraftImage.Image {
      try GraftImage.Image(contentsOf: path(name))
    }
    func FeatureExtractor(weights: WeightSource) throws -> Graft.FeatureExtractor {
      guard case .file(let name) = weights else { return try Graft.FeatureExtractor(weights: weights) }
      return try Graft.FeatureExtractor(weights: .file(path(name)))
    }
    func ImageClassifier(_ extractor: Graft.FeatureExtractor, head: LinearClassifier) throws -> Saver {
      Saver(model: try Graft.ImageClassifier(extractor, head: head), folder: folder)
    }
    do {
      // README begins
      let extractor = try FeatureExtractor(weights: .file("weights.h5"))
      let train = try extractor.features(of: ImageFolder("photos/train"))
      let classifier = try LogisticRegression(l2: 1e-3).fit(train)

      let heldOut = try extractor.features(of: ImageFolder("photos/val"))
      print(try classifier.evaluate(heldOut).accuracy)

      let model = try ImageClassifier(extractor, head: classifier)
      print(try model.predict(Image(contentsOf: "photo.jpg")).label)
      try model.save(to: "model.h5")
      // README ends
    }
    #expect(printed.count == 2)
    #expect((Double(printed[0]) ?? 0) > 0.5)
    #expect(try LabelsOf(folder).contains(printed[1]))
  }

  private func LabelsOf(_ folder: URL) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.appending(path: "photos/train").path)
  }

  /// A classifier whose files lie in `folder`.
  private struct Saver {
    let model: Graft.ImageClassifier
    let folder: URL

    func predict(_ image: GraftImage.Image) throws -> Prediction { try model.predict(image) }

    func save(to name: String) throws { try model.save(to: folder.appending(path: name).path) }
  }
}
