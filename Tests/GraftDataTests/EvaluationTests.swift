import Foundation
import GraftData
import Testing

@Suite("Evaluation")
struct EvaluationTests {
  @Test("its figures are scikit-learn's", arguments: EvaluationGolden.all)
  private func figures(golden: EvaluationGolden) throws {
    let found = try golden.evaluate()
    func expect(_ value: Double, _ expected: Double, _ what: String) {
      #expect(abs(value - expected) <= 1e-12 * max(1, abs(expected)), "\(what): \(value), not \(expected)")
    }
    #expect(found.count == golden.truth.count)
    expect(found.accuracy, golden.accuracy, "accuracy")
    expect(found.topAccuracy, golden.topAccuracy, "top-5 accuracy")
    expect(found.logLoss, golden.logLoss, "log loss")
    expect(found.balancedAccuracy, golden.balancedAccuracy, "balanced accuracy")
    expect(found.macroF1, golden.macroF1, "macro F1")
    expect(found.brier, golden.brier, "Brier score")
    for (average, expected, what) in [
      (found.macro, golden.macro, "macro"), (found.weighted, golden.weighted, "weighted"),
    ] {
      expect(average.precision, expected[0], "\(what) precision")
      expect(average.recall, expected[1], "\(what) recall")
      expect(average.f1, expected[2], "\(what) F1")
    }
    #expect(found.confusion == golden.confusion)
    #expect(found.perClass.map(\.support) == golden.support)
    for (index, score) in found.perClass.enumerated() {
      expect(score.precision, golden.precision[index], "precision of \(index)")
      expect(score.recall, golden.recall[index], "recall of \(index)")
      expect(score.f1, golden.f1[index], "F1 of \(index)")
    }
    #expect(found.correct == golden.confusion.indices.reduce(0) { $0 + golden.confusion[$1][$1] })
    #expect(
      found.absentClasses == golden.support.indices.filter { golden.support[$0] == 0 }.map { "class \($0)" })
  }

  @Test("the golden cases are all there")
  func goldens() { #expect(EvaluationGolden.all.count == 6) }

  @Test("equally likely classes rank by index")
  func ties() throws {
    let labels = try Labels((0..<6).map { "\($0)" })
    let even = [Float](repeating: 1 / 6, count: 6)
    let first = Evaluation(probabilities: even, truth: [0], classes: labels)
    #expect(first.accuracy == 1 && first.topAccuracy == 1)
    let fifth = Evaluation(probabilities: even, truth: [4], classes: labels)
    #expect(fifth.accuracy == 0 && fifth.topAccuracy == 1)
    let sixth = Evaluation(probabilities: even, truth: [5], classes: labels)
    #expect(sixth.accuracy == 0 && sixth.topAccuracy == 0)
  }

  @Test("mistakes are listed with the least likely right class first, and no more than asked for")
  func mistakes() throws {
    let labels = try Labels(["cat", "dog", "owl"])
    let probabilities: [Float] = [
      0.6, 0.3, 0.1,  // a dog, mistaken
      0.2, 0.1, 0.7,  // an owl, right
      0.5, 0.1, 0.4,  // a dog, badly mistaken
      0.5, 0.4, 0.1,  // an owl, as badly, less surely said than the next
      0.9, 0.0, 0.1,  // an owl
    ]
    let paths = ["a.jpg", "b.jpg", "c.jpg", "d.jpg", "e.jpg"]
    let all = Evaluation(probabilities: probabilities, truth: [1, 2, 1, 2, 2], classes: labels, paths: paths)
    #expect(all.worstMistakes.map(\.path) == ["e.jpg", "c.jpg", "d.jpg", "a.jpg"])
    #expect(all.worstMistakes.map(\.row) == [4, 2, 3, 0])
    #expect(
      all.worstMistakes[0]
        == Evaluation.Mistake(
          row: 4, path: "e.jpg", label: "owl", predicted: "cat", probability: 0.9, labelProbability: 0.1))
    let two = Evaluation(
      probabilities: probabilities, truth: [1, 2, 1, 2, 2], classes: labels, mistakeLimit: 2)
    #expect(two.worstMistakes.map(\.row) == [4, 2])
    #expect(two.worstMistakes[0].path == nil)
  }

  @Test("classes are matched by name when the data have some of the model's, in another order")
  func matching() throws {
    let model = try Labels(["cat", "dog", "owl"])
    let data = try Labels(["owl", "cat"])
    let probabilities: [Float] = [0.8, 0.1, 0.1, 0.1, 0.2, 0.7, 0.3, 0.5, 0.2]
    let found = try Evaluation(probabilities: probabilities, truth: [1, 0, 0], labels: data, classes: model)
    #expect(
      found == Evaluation(probabilities: probabilities, truth: [0, 2, 2], classes: model))
    #expect(found.absentClasses == ["dog"])
    #expect(found.correct == 2)
  }

  @Test("a class that the model does not know is an error that names it, unless no picture has it")
  func unknownClass() throws {
    let model = try Labels(["cat", "dog"])
    let data = try Labels(["cat", "fox", "dog"])
    let error = #expect(throws: DataError.self) {
      try Evaluation(probabilities: [0.5, 0.5, 0.5, 0.5], truth: [1, 0], labels: data, classes: model)
    }
    #expect(error?.code == .unknownClass)
    #expect(error?.message.contains("\"fox\"") == true && error?.message.contains("\"dog\"") == true)
    let used = try Evaluation(
      probabilities: [0.4, 0.6, 0.6, 0.4], truth: [2, 0], labels: data, classes: model)
    #expect(used.accuracy == 1)
  }

  @Test("classes that share a name are matched by their identifiers")
  func identifiers() throws {
    let model = try Labels(["crane", "owl", "crane"], identifiers: ["n1", "n2", "n3"])
    let places = try Labels(["n3", "n1", "owl"]).indices(in: model)
    #expect(places == [2, 0, 1])
    #expect(throws: DataError.self) { try Labels(["crane"]).indices(in: model) }
  }

  @Test("no pictures give figures that are no numbers, and null in JSON")
  func nothing() throws {
    let found = Evaluation(
      probabilities: [Float](), truth: [], classes: try Labels(["cat", "dog"]),
      skipped: [SkippedPicture(path: "broken.jpg", reason: "cut short")])
    #expect(found.accuracy.isNaN && found.topAccuracy.isNaN && found.logLoss.isNaN)
    let object = try json(found)
    #expect(object["images"] as? Int == 0)
    #expect(object["top1"] is NSNull && object["top5"] is NSNull)
    let skipped = try #require(object["skipped"] as? [[String: String]])
    #expect(skipped == [["path": "broken.jpg", "reason": "cut short"]])
  }

  @Test("a probability that is not a number ranks last and makes the log loss no number")
  func notANumber() throws {
    let found = Evaluation(
      probabilities: [.nan, 0.1, 0.2, 0.7], truth: [0, 1], classes: try Labels(["cat", "dog"]))
    #expect(found.accuracy == 0.5 && found.logLoss.isNaN)
    #expect(found.confusion == [[0, 1], [0, 1]])
    _ = try JSONEncoder().encode(found)
  }

  @Test("its JSON has the documented keys and reads back as the same", arguments: EvaluationGolden.all)
  private func coding(golden: EvaluationGolden) throws {
    let found = try golden.evaluate()
    let object = try json(found)
    #expect(object["images"] as? Int == golden.truth.count)
    let shares = [try #require(object["top1"] as? Double), try #require(object["top5"] as? Double)]
    #expect(abs(shares[0] - found.accuracy) < 1e-15 && abs(shares[1] - found.topAccuracy) < 1e-15)
    let perClass = try #require(object["perClass"] as? [[String: Any]])
    #expect(perClass.count == golden.classes && perClass[0]["class"] as? String == "class 0")
    let recall = try #require(perClass[0]["recall"] as? Double)
    #expect(abs(recall - found.perClass[0].recall) < 1e-15)
    let data = try JSONEncoder().encode(found)
    #expect(try JSONDecoder().decode(Evaluation.self, from: data) == found)
  }

  @Test("JSON whose tables do not fit the classes is refused")
  func damaged() throws {
    let golden = try #require(EvaluationGolden.all.first)
    let text = String(decoding: try JSONEncoder().encode(golden.evaluate()), as: UTF8.self)
    let short = text.replacing("\"class 6\",\"class 7\"", with: "\"class 6\"")
    #expect(short != text)
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(Evaluation.self, from: Data(short.utf8))
    }
  }

  private func json(_ evaluation: Evaluation) throws -> [String: Any] {
    let data = try JSONEncoder().encode(evaluation)
    return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
  }
}
