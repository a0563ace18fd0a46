import Foundation
import Graft
import Testing
import _GraftTestSupport

@Suite("Assessments")
struct AssessmentTests {
  /// A small network with random weights and a random head.
  private func classifier(scale: Float = 1) throws -> ImageClassifier {
    let extractor = try FeatureExtractor(
      Architecture.named("mobilenet_0.25"), weights: .random(seed: 3), inputSize: 64)
    let kernel = Tensor(
      shape: [256, 2], scalars: (0..<512).map { scale * Float(($0 * 37) % 101 - 50) / 50 })
    return try ImageClassifier(
      extractor,
      head: LinearClassifier(
        labels: Labels(["<b>", "dog"]), kernel: kernel, bias: Tensor(shape: [2], scalars: [0.1, -0.1])))
  }

  /// Pictures in two folders, other ones for another `first`.
  private func pictures(_ folder: URL, _ name: String, count: Int, first: Int) throws -> ImageFolder {
    for (index, label) in ["<b>", "dog"].enumerated() {
      let place = folder.appending(path: "\(name)/\(label)")
      try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
      for number in 0..<count {
        let step = (first + number) * 2 + index * 5 + 3
        let image = Image(width: 70, height: 70, pixels: (0..<14700).map { UInt8(($0 * step) % 251) })
        try image.writeJPEG(to: place.appending(path: "it's \(number).jpg").path)
      }
    }
    return try ImageFolder(folder.appending(path: name).path)
  }

  @Test("A calibrated model has the temperature in its weights: same answers, powers of the probabilities")
  func calibration() throws {
    try TestData.withTemporaryFolder { folder in
      let heldOut = try pictures(folder, "held out", count: 6, first: 0)
      // A random head is better than chance, or its opposite is.
      let model = try #require(
        try [3, -3].map { try classifier(scale: $0) }.first {
          !(try $0.calibrated(on: heldOut).scaling.isAtLimit)
        })
      let test = try pictures(folder, "test", count: 4, first: 20)
      var assessment = Assessment(try ClassifierEnsemble(model).judge(test))
      let calibrated = try assessment.calibrate(ClassifierEnsemble(model), on: heldOut, judging: test)
      let effect = try #require(assessment.calibration)
      #expect(effect.scaling.count == 12 && effect.scaling.logLossAfter < effect.scaling.logLossBefore)
      let path = folder.appending(path: "calibrated.h5").path
      try calibrated.save(to: path)
      let saved = try ImageClassifier(contentsOf: path)
      #expect(saved.facts.temperature == effect.scaling.temperature)
      #expect(try ClassifierEnsemble(calibrated).judge(test) == ClassifierEnsemble(saved).judge(test))
      // Over the held-out pictures the loss is what the fit says that it is.
      let judged = try ClassifierEnsemble(saved).evaluate(heldOut)
      #expect(abs(judged.logLoss - effect.scaling.logLossAfter) < 1e-5)
      for item in test.items {
        let image = try Image(contentsOf: item.path)
        let (before, after) = (try model.predict(image), try saved.predict(image))
        #expect(before.guesses.map(\.index) == after.guesses.map(\.index))
        let powers = before.guesses.map { pow(Double($0.probability), 1 / effect.scaling.temperature) }
        for (guess, power) in zip(after.guesses, powers) {
          #expect(abs(Double(guess.probability) - power / powers.reduce(0, +)) < 1e-5)
        }
      }
      // Twice: the temperatures multiply, the second is 1.
      let again = try saved.calibrated(on: heldOut)
      #expect(abs(again.scaling.temperature - 1) < 1e-3)
    }
  }

  @Test("A network whose softmax is a layer of its own is calibrated too")
  func separateSoftmax() throws {
    try TestData.withTemporaryFolder { folder in
      var builder = GraphBuilder()
      var x = builder.input([64, 64, 3], "in")
      x = builder.convolution(x, filters: 2, kernel: 8, stride: 8, "conv")
      x = builder.globalPooling(x, .average, "pool")
      x = builder.dense(x, units: 2, "logits")
      x = builder.dropout(x, rate: 0.2, "drop")
      _ = builder.activation(x, .softmax, "softmax")
      let graph = try builder.graph()
      let network = try Network(graph: graph, parameters: .random(for: graph, seed: 5))
      let path = folder.appending(path: "own.h5").path
      try KerasModelFile.write(network, name: "own", to: path)
      let model = try ImageClassifier(
        PretrainedNetwork(classifier: .file(path), preprocessing: PreprocessingChoice(mode: .tf)))
      let heldOut = try pictures(folder, "p", count: 5, first: 0)
      // Its classes are numbers; the folders are renamed to be them.
      for (index, name) in ["<b>", "dog"].enumerated() {
        try FileManager.default.moveItem(
          at: folder.appending(path: "p/\(name)"), to: folder.appending(path: "p/\(model.classes[index])"))
      }
      _ = heldOut
      let renamed = try ImageFolder(folder.appending(path: "p").path)
      let calibrated = try model.calibrated(on: renamed)
      let after = try ClassifierEnsemble(calibrated.model).evaluate(renamed)
      #expect(abs(after.logLoss - calibrated.scaling.logLossAfter) < 1e-5)
    }
  }

  @Test("Pictures that are both to calibrate on and to judge on are refused by name")
  func overlap() throws {
    try TestData.withTemporaryFolder { folder in
      let model = try classifier()
      let heldOut = try pictures(folder, "a", count: 3, first: 0)
      let test = try pictures(folder, "b", count: 3, first: 2)
      var assessment = Assessment(try ClassifierEnsemble(model).judge(test), draws: 0)
      let error = #expect(throws: DataError.self) {
        try assessment.calibrate(ClassifierEnsemble(model), on: heldOut, judging: test)
      }
      #expect(error?.code == .differentPictures)
      #expect(error?.message.contains("/a/") == true && error?.message.contains("/b/") == true)
      #expect(assessment.calibration == nil)
    }
  }

  @Test("Copies of training pictures are found: the same file, and the same picture saved anew")
  func duplicates() throws {
    try TestData.withTemporaryFolder { folder in
      let training = try pictures(folder, "train", count: 4, first: 0)
      let test = folder.appending(path: "test/dog")
      try FileManager.default.createDirectory(at: test, withIntermediateDirectories: true)
      try FileManager.default.copyItem(
        atPath: training.items[0].path, toPath: test.appending(path: "same.jpg").path)
      try Image(contentsOf: training.items[3].path).writeJPEG(
        to: test.appending(path: "anew.jpg").path, quality: 88)
      try Image(width: 64, height: 64, pixels: [UInt8](repeating: 9, count: 12288)).writeJPEG(
        to: test.appending(path: "other.jpg").path)
      let folderOfTest = try ImageFolder(folder.appending(path: "test").path)
      let model = try classifier()
      let found = try model.nearDuplicates(
        of: folderOfTest, inTraining: folder.appending(path: "train").path, threshold: 0.3)
      #expect(found.count == 3 && found.otherCount == 8)
      func other(_ name: String) -> NearDuplicates.Pair? { found.pairs.first { $0.path.hasSuffix(name) } }
      #expect(other("same.jpg")?.other == training.items[0].path && other("same.jpg")?.isSameFile == true)
      #expect(other("same.jpg")?.similarity == 1)
      #expect(other("anew.jpg")?.other == training.items[3].path && other("anew.jpg")?.isSameFile == false)
    }
  }

  @Test("The page of an assessment names everything, shows pictures and escapes")
  func page() throws {
    try TestData.withTemporaryFolder { folder in
      let test = try pictures(folder, "test", count: 6, first: 0)
      let ensemble = try ClassifierEnsemble([classifier()])
      var assessment = Assessment(try ensemble.judge(test), draws: 50)
      try assessment.compare(with: ClassifierEnsemble([classifier(scale: -2)]).judge(test))
      let html = try ReportPage(assessment, of: ensemble, pictures: "te\"st", models: ["<m>.h5"]).html()
      for words in [
        "How good is &lt;m&gt;.h5?", "te&quot;st", "it&#39;s ", "McNemar", "Reliability",
        "ROC",
        "Confusions", "src=\"data:image/jpeg;base64,/9j/", "mobilenet_0.25",
      ] {
        #expect(html.contains(words), "\(words) is missing")
      }
      #expect(html.contains("&lt;b&gt; → dog") || html.contains("dog → &lt;b&gt;"))
      #expect(!html.contains("<b>") && !html.contains("<m>"))
      #expect(!html.contains(">nan") && !html.contains("\"nan") && !html.contains("inf\""))
      let mistakes = assessment.evaluation.count - assessment.evaluation.correct
      #expect(html.components(separatedBy: "<img ").count - 1 == mistakes)
      let empty = Assessment(JudgedPictures(probabilities: [Float](), truth: [], classes: ensemble.classes))
      #expect(try ReportPage(empty, title: "t").html().contains("No picture could be judged"))
    }
  }

  @Test("JSON has every figure beside those of the evaluation")
  func json() throws {
    let judged = JudgedPictures(
      probabilities: [0.9, 0.1, 0.2, 0.8, 0.6, 0.4], truth: [0, 1, 1], classes: try Labels(["a", "b"]))
    let object = try #require(
      try JSONSerialization.jsonObject(with: JSONEncoder().encode(Assessment(judged))) as? [String: Any])
    for key in [
      "top1", "brier", "reliability", "macro", "weighted", "curves", "rocArea", "averagePrecision",
      "intervals",
      "suspiciousLabels", "confusion", "worstMistakes",
    ] {
      #expect(object[key] != nil, "\(key) is missing")
    }
    #expect(object["comparison"] == nil)
  }
}
