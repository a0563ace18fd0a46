import Foundation
import GraftData
import Testing

@Suite("Intervals, comparisons and suspicious labels")
struct ComparisonTests {
  struct Golden: Decodable {
    let first: Int
    let second: Int
    let statistic: Double?
    let p: Double
  }

  @Test("McNemar's test gives SciPy's probabilities, exact below 25 differing pictures")
  func mcNemar() {
    let all: [Golden] = EvaluationGolden.read("comparisons")
    #expect(all.count == 11)
    for golden in all {
      for (one, other) in [(golden.first, golden.second), (golden.second, golden.first)] {
        let found = McNemarTest(onlyFirst: one, onlySecond: other)
        #expect(
          abs(found.pValue - golden.p) <= 1e-9 * golden.p + 1e-15 * golden.p,
          "\(one), \(other): \(found.pValue)")
        #expect(found.method == (one + other < 25 ? .exact : .chiSquare))
        #expect((found.statistic == nil) == (golden.statistic == nil))
        if let statistic = found.statistic, let expected = golden.statistic {
          #expect(isClose(statistic, expected))
        }
      }
    }
  }

  /// Two classes, `right` of `count` pictures given the right one.
  private func judged(right: Int, of count: Int, paths: [String]? = nil) throws -> JudgedPictures {
    JudgedPictures(
      probabilities: (0..<count).flatMap { $0 < right ? [Float(0.75), 0.25] : [0.25, 0.75] },
      truth: [Int](repeating: 0, count: count), classes: try Labels(["cat", "dog"]), paths: paths)
  }

  @Test(
    "An interval of the accuracy is that of the binomial distribution, which draws of right and wrong follow")
  func bootstrap() throws {
    let intervals = BootstrapIntervals(try judged(right: 160, of: 200), draws: 4000, seed: 1)
    let accuracy = try #require(intervals.accuracy)
    // scipy.stats.binom(200, 0.8).ppf([0.025, 0.975]) is [149, 171].
    #expect(abs(accuracy.lower - 149.0 / 200) <= 0.0051 && abs(accuracy.upper - 171.0 / 200) <= 0.0051)
    // The others are functions of the accuracy here.
    let brier = try #require(intervals.brier)
    #expect(isClose(brier.lower, 2 * (0.0625 * accuracy.upper + 0.5625 * (1 - accuracy.upper))))
    let loss = try #require(intervals.logLoss)
    #expect(isClose(loss.upper, -log(0.75) * accuracy.lower - log(0.25) * (1 - accuracy.lower)))
    #expect(intervals.balancedAccuracy == intervals.accuracy)
    #expect(intervals.topAccuracy == .init(lower: 1, upper: 1))
  }

  @Test("Equal seeds give equal intervals, others not; a draw of everything right is a point")
  func seeds() throws {
    let pictures = try judged(right: 70, of: 100)
    #expect(BootstrapIntervals(pictures, seed: 3) == BootstrapIntervals(pictures, seed: 3))
    #expect(BootstrapIntervals(pictures, seed: 3) != BootstrapIntervals(pictures, seed: 4))
    #expect(BootstrapIntervals(try judged(right: 1, of: 1)).accuracy == .init(lower: 1, upper: 1))
    #expect(BootstrapIntervals(try judged(right: 0, of: 0)).accuracy == nil)
  }

  @Test("Two models are compared picture by picture, and only on the same pictures")
  func models() throws {
    let names = (0..<100).map { "\($0).jpg" }
    let first = try judged(right: 60, of: 100, paths: names)
    let second = try judged(right: 90, of: 100, paths: names)
    let found = try ModelComparison(first, second, seed: 1)
    #expect(found.accuracy == 0.6 && found.otherAccuracy == 0.9)
    #expect(found.test == McNemarTest(onlyFirst: 0, onlySecond: 30))
    #expect(found.bothRight == 60 && found.bothWrong == 10)
    let interval = try #require(found.difference)
    // scipy.stats.binom(100, 0.3).ppf([0.025, 0.975]) is [21, 39].
    #expect(abs(interval.lower - 0.21) < 0.0101 && abs(interval.upper - 0.39) < 0.0101)
    let others = try judged(right: 90, of: 100, paths: names.map { "x" + $0 })
    let error = #expect(throws: DataError.self) { try ModelComparison(first, others) }
    #expect(error?.code == .differentPictures)
    #expect(throws: DataError.self) { try ModelComparison(first, judged(right: 1, of: 2)) }
  }

  @Test("Suspicious is a picture of which the model is surer than of the class's own, against its label")
  func suspicious() throws {
    let judged = JudgedPictures(
      probabilities: [
        0.9, 0.1,  // a cat
        0.5, 0.5,  // a cat, not sure; the mean of cats is 0.7 with the next two
        0.2, 0.8,  // said to be a dog, and dogs are 0.75 sure: suspicious
        0.4, 0.6,  // said to be a dog, less sure than of dogs
        0.25, 0.75,  // a dog
      ], truth: [0, 0, 0, 0, 1], classes: try Labels(["cat", "dog"]),
      paths: ["a", "b", "c", "d", "e"])
    #expect(judged.suspiciousLabels.map(\.path) == ["c"])
    #expect(judged.suspiciousLabels.first?.predicted == "dog")
    // A class without pictures of its own has no usual confidence.
    let strange = JudgedPictures(
      probabilities: [0.1, 0.9], truth: [0], classes: try Labels(["cat", "dog"]))
    #expect(strange.suspiciousLabels.isEmpty)
  }
}
