import GraftData
import GraftLinear
import GraftSupport
import GraftTensor
import Testing
import _GraftTestSupport

@Suite("Rows of several classes")
struct MultiLabelTests {
  private let data = Drawn(rows: 120, width: 6, classes: 4, spread: 1, seed: 80)

  /// Each row belongs to its class, and to others as its features have it.
  private var sets: [[Int]] {
    data.classIndices.enumerated().map { row, label in
      (0..<4).filter { $0 == label || data.features.scalars[row * 6 + $0] > 1.2 }.shuffledByRow(row)
    }
  }

  private func fit(_ sets: [[Int]], _ names: [String], l2: PenaltyStrength = 0.02) throws -> LinearClassifier
  {
    try MultiLabelRegression(l2: l2, options: FittingOptions(tolerance: 1e-11)).fit(
      features: data.features, labelSets: sets, labels: try Labels(names))
  }

  @Test("classes do not depend on each other")
  func independent() throws {
    let all = try fit(sets, ["a", "b", "c", "d"])
    let probabilities = try all.probabilities(of: data.features)
    for label in 0..<4 {
      let alone = try fit(sets.map { $0.contains(label) ? [0] : [] }, ["it"])
      let column = (0..<6).map { all.kernel.scalars[$0 * 4 + label] }
      expectClose(column, alone.kernel.scalars, tolerance: 1e-4, "weights of class \(label)")
      let own = (0..<120).map { probabilities.scalars[$0 * 4 + label] }
      expectClose(own, try alone.probabilities(of: data.features).scalars, tolerance: 1e-4, "probabilities")
      let right = zip(own, sets).count { ($0 > 0.5) == $1.contains(label) }
      #expect(right > 90)
    }
  }

  @Test("a yes or no is logistic regression of two classes, with half the penalty")
  func twoClasses() throws {
    // Of two opposite vectors each has a quarter of the squares of their difference.
    let yes = try fit(data.classIndices.map { $0 == 1 ? [0] : [] }, ["it"], l2: 0.02)
    let two = try LogisticRegression(l2: 0.04, tolerance: 1e-11).fit(
      features: data.features, classIndices: data.classIndices.map { $0 == 1 ? 1 : 0 },
      labels: try Labels(["other", "it"]))
    let difference = (0..<6).map { two.kernel.scalars[$0 * 2 + 1] - two.kernel.scalars[$0 * 2] }
    expectClose(yes.kernel.scalars, difference, tolerance: 1e-4, "weights")
  }

  @Test("the strength is chosen by cross-validation, where rows may belong to none")
  func auto() throws {
    var sets = sets
    for row in stride(from: 0, to: 120, by: 10) { sets[row] = [] }
    let found = try MultiLabelRegression().fit(
      features: data.features, labelSets: sets, labels: try Labels(["a", "b", "c", "d"]))
    let path = try #require(found.training?.path)
    #expect(path.rows == 120 && path.points[path.chosen].accuracy > 0.75)
    #expect(found.training?.classCounts.reduce(0, +) == sets.reduce(0) { $0 + $1.count })
  }

  @Test("what does not fit is refused")
  func refusals() throws {
    func code(_ sets: [[Int]], _ names: [String]) throws -> LinearError.Code? {
      let error = #expect(throws: LinearError.self) { try fit(sets, names) }
      return error?.code
    }
    #expect(try code(sets, ["a", "b", "c", "d", "e"]) == .emptyClass)
    #expect(try code(sets, ["a", "b", "c"]) == .widthMismatch)
    #expect(try code([[0]] + sets, ["a", "b", "c", "d"]) == .widthMismatch)
    #expect(try code([[1, 1]] + sets.dropFirst(), ["a", "b", "c", "d"]) == .widthMismatch)
  }
}

extension [Int] {
  /// The same elements from another one on: their order says nothing.
  fileprivate func shuffledByRow(_ row: Int) -> [Int] {
    isEmpty ? self : Array(self[(row % count)...] + self[..<(row % count)])
  }
}
