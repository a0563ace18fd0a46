import Foundation
import GraftData
import GraftLinear
import GraftSupport
import GraftTensor
import Testing
import _GraftTestSupport

@Suite("Logistic regression")
struct LogisticRegressionTests {
  @Test("weights, bias and loss are scikit-learn's at the same strength", arguments: LogisticGolden.all)
  func golden(golden: LogisticGolden) throws {
    let found = try LogisticRegression(l2: .fixed(golden.l2), tolerance: 1e-14).fit(
      features: golden.features, classIndices: golden.classIndices, labels: golden.labels)
    let training = try #require(found.training)
    #expect(abs(training.objective - golden.objective) < 1e-9 * golden.objective)
    #expect(abs(training.logLoss - golden.logLoss) < 1e-7 * golden.logLoss)
    // Feature by feature: they are of very different sizes.
    for feature in 0..<golden.width {
      let place = feature * golden.classes..<(feature + 1) * golden.classes
      expectClose(
        found.kernel.scalars[place], golden.kernel[place], tolerance: 1e-5, floor: 1e-3,
        "weights of feature \(feature)")
    }
    expectClose(found.bias.scalars, golden.bias, tolerance: 1e-5, "bias")
    #expect(training.converged && training.l2 == golden.l2 && training.path == nil)
    #expect(training.classCounts.reduce(0, +) == golden.rows)
  }

  @Test("the golden cases are all there")
  func goldens() { #expect(LogisticGolden.all.count == 9) }

  @Test(
    "the default tolerance leaves the objective within a millionth of its minimum",
    arguments: LogisticGolden.all)
  func defaultTolerance(golden: LogisticGolden) throws {
    let found = try LogisticRegression(l2: .fixed(golden.l2)).fit(
      features: golden.features, classIndices: golden.classIndices, labels: golden.labels)
    let objective = try #require(found.training?.objective)
    #expect(objective < golden.objective * (1 + 1e-6) && objective > golden.objective * (1 - 1e-9))
  }

  @Test("a fit large enough to start in Float ends at the minimum in Double")
  func large() throws {
    let data = Drawn(rows: 1500, width: 200, classes: 60, spread: 2, seed: 11)
    let labels = try Labels((0..<60).map { "\($0)" })
    let found = try LogisticRegression(l2: 1e-2, tolerance: 1e-10).fit(
      features: data.features, classIndices: data.classIndices, labels: labels)
    let training = try #require(found.training)
    let standardization = try #require(found.standardization)
    #expect(training.converged)
    let reference = ReferenceObjective(
      features: data.features, classIndices: data.classIndices, classes: 60, standardization: standardization,
      l2: 1e-2)
    let parameters = standardized(found)
    #expect(abs(reference.value(parameters) - training.objective) < 1e-7 * training.objective)
    // At a minimum of a convex function every direction leads up.
    var generator = SeededGenerator(seed: 1, stream: "directions")
    for _ in 0..<3 {
      let moved = parameters.map { $0 + 1e-2 * generator.normal() }
      #expect(reference.value(moved) > training.objective)
    }
    #expect(training.gradientNorm < 1e-6)
  }

  @Test("the classifier is the same bits for any number of threads", arguments: [2, 5])
  func threads(count: Int) throws {
    let data = Drawn(rows: 700, width: 30, classes: 4, spread: 3, seed: 12)
    let labels = try Labels(["a", "b", "c", "d"])
    func fit(_ threads: Int) throws -> LinearClassifier {
      let before = ThreadPool.threads
      defer { ThreadPool.threads = before }
      ThreadPool.threads = threads
      return try LogisticRegression(l2: .auto, folds: 3).fit(
        features: data.features, classIndices: data.classIndices, labels: labels)
    }
    let (one, many) = (try fit(1), try fit(count))
    #expect(one == many)
    #expect(one.kernel.scalars.map(\.bitPattern) == many.kernel.scalars.map(\.bitPattern))
  }

  @Test("separable classes under next to no penalty stay finite", arguments: [1e-12, 0])
  func separable(l2: Double) throws {
    let data = Drawn(rows: 40, width: 6, classes: 2, spread: 0.1, seed: 13)
    let found = try LogisticRegression(l2: .fixed(l2), maxIterations: 300).fit(
      features: data.features, classIndices: data.classIndices, labels: try Labels(["a", "b"]))
    #expect(found.kernel.scalars.allSatisfy { $0.isFinite && abs($0) < 1e6 })
    let evaluation = try found.evaluate(
      features: data.features, classIndices: data.classIndices, labels: found.labels)
    #expect(evaluation.accuracy == 1)
    let probabilities = try found.probabilities(of: data.features)
    #expect(probabilities.scalars.allSatisfy { $0 >= 0 && $0 <= 1 })
  }

  @Test("a constant feature gets no weight and changes nothing")
  func constantColumns() throws {
    let data = Drawn(rows: 60, width: 3, classes: 3, spread: 1, seed: 14)
    let labels = try Labels(["a", "b", "c"])
    var scalars: [Float] = []
    for row in 0..<60 {
      scalars.append(0.3)
      scalars += data.features.scalars[row * 3..<(row + 1) * 3]
      scalars.append(-7e5)
    }
    let widened = Tensor(shape: [60, 5], scalars: scalars)
    let regression = LogisticRegression(l2: 0.01, tolerance: 1e-12)
    let plain = try regression.fit(
      features: data.features, classIndices: data.classIndices, labels: labels)
    let wide = try regression.fit(features: widened, classIndices: data.classIndices, labels: labels)
    #expect(wide.kernel.scalars[..<3].allSatisfy { abs($0) < 1e-9 })
    #expect(wide.kernel.scalars[12...].allSatisfy { abs($0) < 1e-9 })
    expectClose(wide.kernel.scalars[3..<12], plain.kernel.scalars, tolerance: 1e-5, "weights")
  }

  @Test("rows that are all there twice give the same classifier, and so does another order of rows")
  func duplicates() throws {
    let data = Drawn(rows: 50, width: 4, classes: 3, spread: 1, seed: 15)
    let labels = try Labels(["a", "b", "c"])
    let regression = LogisticRegression(l2: 0.05, tolerance: 1e-12)
    let once = try regression.fit(features: data.features, classIndices: data.classIndices, labels: labels)
    for order in [Array(0..<50) + Array(0..<50), (0..<50).reversed()] {
      let rows = data.rows(order)
      let other = try regression.fit(features: rows.features, classIndices: rows.classIndices, labels: labels)
      expectClose(other.kernel.scalars, once.kernel.scalars, tolerance: 1e-5, "weights")
      expectClose(other.bias.scalars, once.bias.scalars, tolerance: 1e-5, "bias")
    }
  }

  @Test("numbers stand for fixed strengths")
  func literals() {
    let strengths: [LogisticRegression.Strength] = [0.01, 1, .auto]
    #expect(strengths == [.fixed(0.01), .fixed(1), .auto])
    #expect(LogisticRegression().l2 == .auto)
  }

  @Test("a fit that runs out of steps says so")
  func iterationLimit() throws {
    let data = Drawn(rows: 60, width: 8, classes: 3, spread: 1, seed: 16)
    let found = try LogisticRegression(l2: 1e-4, maxIterations: 2).fit(
      features: data.features, classIndices: data.classIndices, labels: try Labels(["a", "b", "c"]))
    let training = try #require(found.training)
    #expect(training.outcome == .iterationLimit && !training.converged && training.iterations == 2)
  }

  @Test("progress tells of fits and steps, and stops the work by throwing")
  func progress() throws {
    struct Stop: Error {}
    let data = Drawn(rows: 60, width: 8, classes: 3, spread: 1, seed: 17)
    let labels = try Labels(["a", "b", "c"])
    var events: [LogisticRegression.Event] = []
    let found = try LogisticRegression(folds: 2).fit(
      features: data.features, classIndices: data.classIndices, labels: labels,
      progress: { events.append($0) })
    let steps = events.filter { if case .step = $0 { true } else { false } }
    #expect(steps.count == found.training?.iterations)
    #expect(events.first == .crossValidating(done: 0, total: 26))
    #expect(throws: Stop.self) {
      try LogisticRegression(l2: 0.1).fit(
        features: data.features, classIndices: data.classIndices, labels: labels,
        progress: { _ in throw Stop() })
    }
  }

  /// Parameters for standardized features.
  private func standardized(_ classifier: LinearClassifier) -> [Double] {
    guard let standardization = classifier.standardization else { return [] }
    let classes = classifier.labels.count
    var bias = classifier.bias.scalars.map(Double.init)
    var weights = classifier.kernel.scalars.map(Double.init)
    for feature in 0..<classifier.width {
      for label in 0..<classes {
        bias[label] += weights[feature * classes + label] * standardization.mean[feature]
        weights[feature * classes + label] *= standardization.scale[feature]
      }
    }
    return weights + bias
  }
}
