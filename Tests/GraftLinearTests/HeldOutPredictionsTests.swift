import Foundation
import GraftData
import GraftFeatures
import GraftLinear
import GraftSupport
import GraftTensor
import Testing

@Suite("Predictions of rows that are held out")
struct HeldOutPredictionsTests {
  private func table(_ data: Drawn) throws -> FeatureTable {
    let classes = (data.classIndices.max() ?? 0) + 1
    return FeatureTable(
      features: data.features, classIndices: data.classIndices,
      labels: try Labels((0..<classes).map { "\($0)" }))
  }

  /// Fewer rows than features, so that coordinates are used, and more.
  @Test(
    "Are those of classifiers fitted to the other folds, whether there are more rows or features",
    arguments: [(60, 12), (60, 200), (61, 79)])
  func fitted(_ rows: Int, _ width: Int) throws {
    let table = try table(Drawn(rows: rows, width: width, classes: 3, spread: 3, seed: 40))
    let options = LogisticRegression(folds: 4, seed: 2)
    let found = try options.heldOutPredictions(of: table)
    #expect(found.rows == Array(0..<rows) && found.path.folds == 4)
    let parts = Folds(
      classIndices: try #require(table.classIndices), count: 4, seed: 2, digests: table.digests)
    var largest = 0.0
    for (part, heldOut) in parts.heldOut.enumerated() {
      #expect(heldOut.allSatisfy { found.folds[$0] == part })
      let classifier = try LogisticRegression(l2: .fixed(found.path.l2), tolerance: 1e-10).fit(
        table.rows(parts.training(part)))
      let expected = try classifier.probabilities(of: table.rows(heldOut).features).scalars
      for (place, row) in heldOut.enumerated() {
        for label in 0..<3 {
          largest = max(
            largest, abs(found.probabilities[row * 3 + label] - Double(expected[place * 3 + label])))
        }
      }
    }
    // Cross-validation stops within a ten-thousandth of the objective.
    #expect(largest < 0.02, "off by \(largest)")
  }

  @Test("The path is that by which a fit chooses its strength", arguments: [(90, 10), (40, 150)])
  func path(_ rows: Int, _ width: Int) throws {
    let table = try table(Drawn(rows: rows, width: width, classes: 2, spread: 4, seed: 41))
    let options = LogisticRegression(folds: 5, seed: 3)
    let mine = try options.heldOutPredictions(of: table).path
    let fitted = try #require(try options.fit(table).training?.path)
    #expect(mine.l2 == fitted.l2)
    for (a, b) in zip(mine.points, fitted.points) {
      #expect(a.l2 == b.l2 && abs(a.logLoss - b.logLoss) < 1e-3 * b.logLoss + 1e-4)
    }
  }

  @Test("Rows of a group are held out together, and neither threads nor their number matter")
  func groups() throws {
    let table = try table(Drawn(rows: 80, width: 100, classes: 2, spread: 2, seed: 42))
    let keys = (0..<80).map { "\($0 % 2) \($0 / 8)" }
    let threads = ThreadPool.threads
    defer { ThreadPool.threads = threads }
    var results: [[Double]] = []
    for count in [1, 4] {
      ThreadPool.threads = count
      let found = try LogisticRegression(seed: 1).heldOutPredictions(of: table, groups: keys)
      for key in Set(keys) {
        #expect(Set(keys.indices.filter { keys[$0] == key }.map { found.folds[$0] }).count == 1)
      }
      results.append(found.probabilities)
    }
    #expect(results[0] == results[1])
  }

  @Test("What cannot be cross-validated is refused, and throwing from progress stops")
  func refusals() throws {
    let lone = FeatureTable(
      features: Tensor(shape: [2, 1], scalars: [0, 1]), classIndices: [0, 1], labels: try Labels(["a", "b"]))
    let error = #expect(throws: LinearError.self) { try LogisticRegression().heldOutPredictions(of: lone) }
    #expect(error?.code == .cannotCrossValidate)
    struct Stop: Error {}
    let table = try table(Drawn(rows: 20, width: 3, classes: 2, spread: 1, seed: 43))
    #expect(throws: Stop.self) {
      try LogisticRegression().heldOutPredictions(of: table) { done, _ in if done > 0 { throw Stop() } }
    }
  }
}

@Suite("Groups of look-alikes")
struct LookAlikeGroupsTests {
  @Test("Planted groups are found, class by class")
  func planted() throws {
    // Four bursts of ten rows in each of two classes.
    let drawn = Drawn(rows: 80, width: 30, classes: 8, spread: 0.1, seed: 50)
    let table = FeatureTable(
      features: drawn.features, classIndices: drawn.classIndices.map { $0 % 2 },
      labels: try Labels(["a", "b"]))
    let keys = try LookAlikeGroups(perClass: 4, seed: 1).keys(of: table)
    #expect(Set(keys).count == 8)
    for burst in 0..<8 {
      #expect(Set(keys.indices.filter { drawn.classIndices[$0] == burst }.map { keys[$0] }).count == 1)
    }
    #expect(try LookAlikeGroups(perClass: 4, seed: 1).keys(of: table) == keys)
  }

  @Test("A class with no more rows than groups has each by itself; equal rows do no harm")
  func few() throws {
    let drawn = Drawn(rows: 12, width: 5, classes: 2, spread: 1, seed: 51)
    let table = FeatureTable(
      features: drawn.features, classIndices: drawn.classIndices, labels: try Labels(["a", "b"]))
    #expect(Set(try LookAlikeGroups(perClass: 6).keys(of: table)).count == 12)
    let equal = FeatureTable(
      features: Tensor(shape: [20, 2], scalars: [Float](repeating: 3, count: 40)),
      classIndices: (0..<20).map { $0 % 2 }, labels: try Labels(["a", "b"]))
    #expect(try LookAlikeGroups(perClass: 4).keys(of: equal).count == 20)
  }
}
