import Foundation
import GraftData
import Testing

/// What scikit-learn says of predictions of several labels; see Golden/make_multilabel.py.
private struct MultiLabelGolden: Decodable, CustomTestStringConvertible {
  let name: String
  let labels: Int
  let thresholds: [Float]
  let probabilities: [Float]
  let truth: [[Int]]
  let precision: [Double]
  let recall: [Double]
  let f1: [Double]
  let support: [Int]
  let averagePrecision: [Double?]
  let meanAveragePrecision: Double
  let microF1: Double
  let macroF1: Double
  let exactMatch: Double

  var testDescription: String { name }

  static let all: [MultiLabelGolden] = {
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Golden/multilabel.json")
    do {
      return try JSONDecoder().decode([MultiLabelGolden].self, from: Data(contentsOf: file))
    } catch {
      Issue.record("multilabel.json: \(error)")
      return []
    }
  }()
}

@Suite("Evaluation of several labels")
struct MultiLabelEvaluationTests {
  @Test("its figures are scikit-learn's", arguments: MultiLabelGolden.all)
  private func figures(golden: MultiLabelGolden) throws {
    let found = MultiLabelEvaluation(
      probabilities: golden.probabilities, truth: golden.truth,
      labels: try Labels((0..<golden.labels).map { "label \($0)" }), thresholds: golden.thresholds)
    func expect(_ value: Double?, _ expected: Double?, _ what: String) {
      guard let value, let expected else {
        #expect(value == nil && expected == nil, "\(what): \(value ?? .nan), not \(expected ?? .nan)")
        return
      }
      #expect(abs(value - expected) <= 1e-12, "\(what): \(value), not \(expected)")
    }
    #expect(found.count == golden.truth.count)
    expect(found.meanAveragePrecision, golden.meanAveragePrecision, "mAP")
    expect(found.microF1, golden.microF1, "micro F1")
    expect(found.macroF1, golden.macroF1, "macro F1")
    expect(found.exactMatch, golden.exactMatch, "exact match")
    #expect(found.perLabel.map(\.support) == golden.support)
    for (index, score) in found.perLabel.enumerated() {
      expect(score.precision, golden.precision[index], "precision of \(index)")
      expect(score.recall, golden.recall[index], "recall of \(index)")
      expect(score.f1, golden.f1[index], "F1 of \(index)")
      expect(score.averagePrecision, golden.averagePrecision[index], "average precision of \(index)")
    }
  }

  @Test("what is not a number is not given and ranks last; no pictures give no figures that are not numbers")
  func degenerate() throws {
    let labels = try Labels(["a", "b"])
    let found = MultiLabelEvaluation(
      probabilities: [.nan, 0.9, 0.8, .nan], truth: [[0], [1]], labels: labels, thresholds: [0.5, 0.5])
    #expect(found.perLabel.map(\.averagePrecision) == [0.5, 0.5])
    #expect(found.exactMatch == 0 && found.microF1 == 0)
    let none = MultiLabelEvaluation(probabilities: [], truth: [], labels: labels, thresholds: [0.5, 0.5])
    #expect(none.meanAveragePrecision == 0 && none.exactMatch == 0 && none.macroF1 == 0)
    let json = String(decoding: try JSONEncoder().encode(none), as: UTF8.self)
    #expect(json.contains("\"averagePrecision\":null") && json.contains("\"images\":0"))
  }
}

@Suite("Boxes")
struct BoxTests {
  @Test("areas that are shared and covered")
  func overlap() {
    let box = Box(left: 0, top: 0, right: 0.5, bottom: 0.5)
    #expect(box == Box(centerX: 0.25, centerY: 0.25, width: 0.5, height: 0.5))
    #expect(box.intersectionOverUnion(box) == 1)
    #expect(box.intersectionOverUnion(Box(left: 0.25, top: 0, right: 0.75, bottom: 0.5)) == 1.0 / 3)
    #expect(box.intersectionOverUnion(Box(left: 0.5, top: 0, right: 1, bottom: 0.5)) == 0)
    // A quarter inside, and nothing for sides that are not positive or not numbers.
    #expect(box.intersectionOverUnion(Box(left: 0, top: 0, right: 0.25, bottom: 0.25)) == 0.25)
    #expect(box.intersectionOverUnion(Box(centerX: 0.25, centerY: 0.25, width: -0.5, height: 0.5)) == 0)
    #expect(box.intersectionOverUnion(Box(centerX: .nan, centerY: 0.25, width: 0.5, height: 0.5)) == 0)
    #expect(
      Box(left: -0.5, top: 0.5, right: 0.5, bottom: 1.5).clipped
        == Box(left: 0, top: 0.5, right: 0.5, bottom: 1))
    #expect(Box(left: 1.5, top: 0, right: 2, bottom: 1).clipped.area == 0)
  }

  @Test("figures over pictures")
  func evaluation() {
    let truth = Box(left: 0, top: 0, right: 0.5, bottom: 0.5)
    let found = [
      truth, Box(left: 0.25, top: 0, right: 0.75, bottom: 0.5), Box(left: 0, top: 0, right: 0.5, bottom: 0.3),
    ]
    let rows = found.enumerated().map {
      BoxEvaluation.Row(path: "\($0.offset)", truth: truth, found: $0.element)
    }
    let evaluation = BoxEvaluation(rows)
    #expect(abs(evaluation.meanIoU - (1 + 1.0 / 3 + 0.6) / 3) < 1e-12)
    #expect(evaluation.shareAboveHalf == 2.0 / 3 && evaluation.shareAboveThreeQuarters == 1.0 / 3)
    #expect(evaluation.worst.map(\.path) == ["1", "2", "0"])
    #expect(
      abs(evaluation.meanErrors[0] - 0.25 / 3) < 1e-12 && abs(evaluation.meanErrors[3] - 0.2 / 3) < 1e-12)
    #expect(BoxEvaluation([]).meanIoU == 0)
  }
}
