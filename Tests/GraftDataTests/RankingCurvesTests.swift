import Foundation
import GraftData
import Testing

@Suite("Ranking curves")
struct RankingCurvesTests {
  @Test(
    "Areas and curves are scikit-learn's, and no number where it only warns", arguments: EvaluationGolden.all)
  func golden(golden: EvaluationGolden) throws {
    let found = RankingCurves.ofClasses(try golden.judged())
    #expect(found.map(\.label) == (0..<golden.classes).map { "class \($0)" })
    var defined = 0
    for (curves, expected) in zip(found, golden.curves) {
      check(
        curves.roc, curves.rocArea, expected.roc, expected.rocArea, "ROC of \(curves.label)",
        firstIsExtra: true)
      check(
        curves.precisionRecall, curves.averagePrecision, expected.precisionRecall, expected.averagePrecision,
        "precision-recall of \(curves.label)", firstIsExtra: false)
      if expected.averagePrecision != nil { defined += 1 }
    }
    #expect(defined == golden.support.count { $0 > 0 })
    let areas = golden.curves.compactMap(\.rocArea)
    if areas.isEmpty {
      #expect(found.macroROCArea.isNaN)
    } else {
      #expect(isClose(found.macroROCArea, areas.reduce(0, +) / Double(areas.count)))
    }
    let precisions = golden.curves.compactMap(\.averagePrecision)
    #expect(isClose(found.macroAveragePrecision, precisions.reduce(0, +) / Double(precisions.count)))
  }

  /// Compares points with lists of x, y and thresholds; the point without a threshold comes first or last.
  private func check(
    _ points: [RankingCurves.Point], _ area: Double, _ expected: [[Double]]?, _ expectedArea: Double?,
    _ what: String, firstIsExtra: Bool
  ) {
    guard let expected, let expectedArea else {
      #expect(points.isEmpty && area.isNaN, "\(what): defined, not in scikit-learn")
      return
    }
    #expect(isClose(area, expectedArea), "\(what): \(area), not \(expectedArea)")
    #expect(points.count == expected[0].count, "\(what): \(points.count) points, not \(expected[0].count)")
    for (point, (x, y)) in zip(points, zip(expected[0], expected[1])) {
      #expect(isClose(point.x, x) && isClose(point.y, y), "\(what): \(point), not \(x), \(y)")
    }
    let thresholds = firstIsExtra ? points.dropFirst() : points.dropLast()
    for (point, threshold) in zip(thresholds, expected[2]) {
      #expect(
        abs(point.threshold - threshold) < 1e-7, "\(what): threshold \(point.threshold), not \(threshold)")
    }
    #expect((firstIsExtra ? points.first : points.last)?.threshold == .infinity)
  }

  @Test("A score that is no number leaves nothing to rank by")
  func notANumber() {
    let curves = RankingCurves(label: "a", scores: [0.1, .nan, 0.3], isPositive: [true, false, false])
    #expect(curves.rocArea.isNaN && curves.averagePrecision.isNaN && curves.roc.isEmpty)
  }

  @Test("JSON has areas and curves, null where there is no number")
  func json() throws {
    let curves = RankingCurves(label: "a", scores: [0.9, 0.2, 0.1], isPositive: [true, false, false])
    let object = try #require(
      try JSONSerialization.jsonObject(with: JSONEncoder().encode(curves)) as? [String: Any])
    #expect(object["class"] as? String == "a" && object["rocArea"] as? Double == 1)
    let roc = try #require(object["roc"] as? [String: [Any]])
    #expect(roc["truePositiveRate"]?.count == roc["threshold"]?.count && roc["threshold"]?.first is NSNull)
    let none = RankingCurves(label: "a", scores: [0.5], isPositive: [false])
    let empty = try JSONSerialization.jsonObject(with: JSONEncoder().encode(none)) as? [String: Any]
    #expect(empty?["rocArea"] is NSNull)
  }
}
