import Foundation
import GraftData
import GraftLinear
import GraftSupport
import GraftTensor
import Testing
import _GraftTestSupport

@Suite("Solvers of linear classifiers")
struct SolverTests {
  private let labels = ["a", "b", "c", "d"]

  /// Rows with correlated features: few factors behind many of them.
  private func correlated(rows: Int, width: Int, classes: Int, seed: UInt64) -> Drawn {
    let factors = Drawn(rows: rows, width: 6, classes: classes, spread: 1.5, seed: seed)
    var generator = SeededGenerator(seed: seed, stream: "mixture")
    let mixture = (0..<6 * width).map { _ in Float(generator.normal()) }
    var features: [Float] = []
    for row in 0..<rows {
      for column in 0..<width {
        let sum = (0..<6).reduce(Float(0)) {
          $0 + factors.features.scalars[row * 6 + $1] * mixture[$1 * width + column]
        }
        features.append(max(sum + 0.05 * Float(generator.normal()), 0))
      }
    }
    return Drawn(
      features: Tensor(shape: [rows, width], scalars: features), classIndices: factors.classIndices)
  }

  @Test("the minimum of the multiclass hinge is proved by its dual, and no direction leads down")
  func hinge() throws {
    let data = correlated(rows: 200, width: 20, classes: 4, seed: 60)
    for l2 in [1, 0.05] {
      let found = try SupportVectorMachine(
        loss: .hinge, l2: .fixed(l2), options: FittingOptions(maxIterations: 20000, tolerance: 1e-6)
      ).fit(features: data.features, classIndices: data.classIndices, labels: try Labels(labels))
      let facts = try #require(found.training)
      #expect(facts.converged, "l2 \(l2): \(facts.iterations) steps")
      let parameters = data.parameters(of: found)
      let value = data.hinge(parameters, l2: l2)
      #expect(abs(value - facts.objective) < 1e-9 * value)
      var generator = SeededGenerator(seed: 61, stream: "directions")
      for size in [1e-3, 1e-2, 0.1] {
        let moved = parameters.map { $0 + size * generator.normal() }
        #expect(data.hinge(moved, l2: l2) > value * (1 - 1e-6))
      }
    }
  }

  @Test(
    "support vector machines of fewer rows than features, and of more, end in a few steps however weak the penalty",
    arguments: [(rows: 24, width: 60), (rows: 90, width: 10)])
  func newton(rows: Int, width: Int) throws {
    let data = correlated(rows: rows, width: width, classes: 3, seed: 68)
    let labels = try Labels(["a", "b", "c"])
    let weights = (0..<rows).map { $0.isMultiple(of: 3) ? 2.0 : 1.0 }
    for l2 in [1, 1e-2, 1e-4] {
      let svm = try SupportVectorMachine(
        l2: .fixed(l2), options: FittingOptions(maxIterations: 40, tolerance: 1e-9)
      ).fit(features: data.features, classIndices: data.classIndices, labels: labels, sampleWeights: weights)
      let facts = try #require(svm.training)
      #expect(facts.converged, "l2 \(l2): \(facts.iterations) steps")
      // Where the gradient vanishes, a convex objective is least.
      let objective = LinearObjective<Double, SquaredHingeLoss>(
        rows: FeatureRows(features: data.features), loss: SquaredHingeLoss(classIndices: data.classIndices),
        outputs: 3, standardization: Standardization(features: data.features), l2: l2,
        weights: RowWeights(weights), penalizesBias: true)
      let parameters = data.parameters(of: svm)
      var gradient = parameters
      let value = try objective(parameters, gradient: &gradient)
      #expect(abs(value - facts.objective) < 1e-9 * value)
      let square = gradient.reduce(0) { $0 + $1 * $1 }
      #expect(square < 2 * l2 * 1e-8 * value, "l2 \(l2): \(square), \(value)")
      let hinge = try SupportVectorMachine(
        loss: .hinge, l2: .fixed(l2), options: FittingOptions(maxIterations: 1000, tolerance: 1e-6)
      ).fit(features: data.features, classIndices: data.classIndices, labels: labels)
      #expect(hinge.training?.converged == true, "hinge, l2 \(l2): \(hinge.training?.iterations ?? 0) steps")
    }
  }

  @Test(
    "with a penalty on magnitudes most weights are 0, and the rest satisfies the conditions of the minimum")
  func sparse() throws {
    let data = correlated(rows: 300, width: 30, classes: 4, seed: 62)
    let l1 = 0.02
    let found = try LogisticRegression(l2: 0, maxIterations: 5000, tolerance: 1e-9, l1: .fixed(l1)).fit(
      features: data.features, classIndices: data.classIndices, labels: try Labels(labels))
    let zeros = found.kernel.scalars.count { $0 == 0 }
    #expect(zeros > 60 && zeros < 119)
    // The slope of the loss is l1 against the sign of a weight that is not 0, and within l1 where it is.
    let standardization = Standardization(features: data.features)
    let objective = LinearObjective<Double, MultinomialLoss>(
      rows: FeatureRows(features: data.features), loss: MultinomialLoss(classIndices: data.classIndices),
      outputs: 4, standardization: standardization, l2: 0)
    let parameters = data.parameters(of: found)
    var gradient = parameters
    _ = try objective(parameters, gradient: &gradient)
    for place in 0..<120 {
      if parameters[place] == 0 {
        #expect(abs(gradient[place]) < l1 * 1.001)
      } else {
        #expect(abs(gradient[place] + (parameters[place] > 0 ? l1 : -l1)) < 1e-3 * l1)
      }
    }
  }

  @Test(
    "ridge solves the normal equations, with more rows than features and with fewer", arguments: [60, 15])
  func ridge(rows: Int) throws {
    let data = correlated(rows: rows, width: 20, classes: 3, seed: 63)
    let l2 = 0.3
    let found = try RidgeClassifier(l2: .fixed(l2)).fit(
      features: data.features, classIndices: data.classIndices, labels: try Labels(["a", "b", "c"]))
    let parameters = data.parameters(of: found)
    // The gradient: z' (z W + b - y) / N + l2 W, and the sum of the residuals.
    let (standardized, classes) = (data.standardized(), 3)
    var gradient = parameters.enumerated().map { $0 < 60 ? l2 * $1 : 0 }
    for (row, label) in data.classIndices.enumerated() {
      for place in 0..<classes {
        var residual = parameters[60 + place] - (place == label ? 1 : -1)
        for feature in 0..<20 {
          residual += standardized[row][feature] * parameters[feature * classes + place]
        }
        for feature in 0..<20 {
          gradient[feature * classes + place] += standardized[row][feature] * residual / Double(rows)
        }
        gradient[60 + place] += residual / Double(rows)
      }
    }
    #expect(gradient.allSatisfy { abs($0) < 1e-5 })
  }

  @Test("ridge without a penalty on dependent features says what to do")
  func singular() throws {
    let data = correlated(rows: 15, width: 20, classes: 3, seed: 64)
    let error = #expect(throws: LinearError.self) {
      try RidgeClassifier(l2: 0).fit(
        features: data.features, classIndices: data.classIndices, labels: try Labels(["a", "b", "c"]))
    }
    #expect(error?.code == .invalidOption && error?.message.contains("l2") == true)
  }

  @Test("a preconditioned solver comes to the same minimum in fewer steps")
  func preconditioned() throws {
    // Wide enough for the curvature to be worth computing, which it is not for few rows.
    let many = correlated(rows: 1200, width: 40, classes: 4, seed: 65)
    let found = try LogisticRegression(l2: 1e-4, tolerance: 1e-9).fit(
      features: many.features, classIndices: many.classIndices, labels: try Labels(labels))
    let facts = try #require(found.training)
    #expect(facts.converged)
    let objective = LinearObjective<Double, MultinomialLoss>(
      rows: FeatureRows(features: many.features), loss: MultinomialLoss(classIndices: many.classIndices),
      outputs: 4, standardization: Standardization(features: many.features), l2: 1e-4)
    var plain = LBFGS(start: [Double](repeating: 0, count: 164))
    _ = try plain.minimize(
      { try objective($0, gradient: &$1) }, limits: .init(iterations: 5000),
      until: { $0.gradient.reduce(0) { $0 + $1 * $1 } <= 2e-4 * 1e-9 * $0.value })
    #expect(abs(plain.value - facts.objective) < 1e-7 * plain.value)
    #expect(facts.iterations < plain.iterations, "\(facts.iterations) steps and \(plain.iterations)")
  }

  @Test("elastic nets are searched at random, the same ones for the same seed")
  func randomSearch() throws {
    let data = correlated(rows: 120, width: 12, classes: 3, seed: 66)
    func fit(_ seed: UInt64) throws -> RegularizationPath? {
      try LogisticRegression(l2: .auto, tolerance: 1e-5, folds: 3, seed: seed, l1: .auto).fit(
        features: data.features, classIndices: data.classIndices, labels: try Labels(["a", "b", "c"])
      ).training?.path
    }
    let path = try #require(try fit(1))
    #expect(path.points.count == 30)
    #expect(try fit(1) == path)
    #expect(path.points.allSatisfy { ($0.l1 ?? 0) > 0 && $0.logLoss >= path.points[path.chosen].logLoss })
    #expect(
      zip(path.points, path.points.dropFirst()).allSatisfy { ($0.l1 ?? 0) + $0.l2 >= ($1.l1 ?? 0) + $1.l2 })
  }

  @Test("the one-standard-error rule takes a stronger penalty whose log loss is as good within the error")
  func oneStandardError() throws {
    let data = Drawn(rows: 90, width: 30, classes: 3, spread: 2, seed: 67)
    func path(_ rule: SelectionRule) throws -> RegularizationPath {
      let found = try LogisticRegression(folds: 5, selection: rule).fit(
        features: data.features, classIndices: data.classIndices, labels: try Labels(["a", "b", "c"]))
      return try #require(found.training?.path)
    }
    let (best, careful) = (try path(.best), try path(.oneStandardError))
    #expect(best.points == careful.points && careful.l2 > best.l2)
    let bound = best.points[best.chosen].logLoss + best.points[best.chosen].logLossStandardError
    #expect(careful.points[careful.chosen].logLoss <= bound)
    #expect(careful.points[..<careful.chosen].allSatisfy { $0.logLoss > bound })
  }
}

extension Drawn {
  /// The rows with mean 0 and deviation 1 of each feature.
  fileprivate func standardized() -> [[Double]] {
    let (standardization, width) = (Standardization(features: features), features.shape[1])
    return (0..<features.shape[0]).map { row in
      (0..<width).map {
        (Double(features.scalars[row * width + $0]) - standardization.mean[$0]) / standardization.scale[$0]
      }
    }
  }

  /// The parameters for standardized features that a classifier was made of: the rows of W, then b.
  fileprivate func parameters(of classifier: LinearClassifier) -> [Double] {
    let (standardization, classes) = (Standardization(features: features), classifier.labels.count)
    let temperature = classifier.training?.temperature ?? 1
    var parameters = classifier.parameters.values.map { $0 * temperature }
    let weightCount = parameters.count - classes
    for place in 0..<weightCount {
      parameters[weightCount + place % classes] += parameters[place] * standardization.mean[place / classes]
      parameters[place] *= standardization.scale[place / classes]
    }
    return parameters
  }

  /// The multiclass hinge objective by its formula.
  fileprivate func hinge(_ parameters: [Double], l2: Double) -> Double {
    let (rows, width) = (standardized(), features.shape[1])
    let classes = parameters.count / (width + 1)
    var sum = 0.0
    for (row, label) in zip(rows, classIndices) {
      let scores = (0..<classes).map { place in
        row.indices.reduce(parameters[width * classes + place]) {
          $0 + row[$1] * parameters[$1 * classes + place]
        }
      }
      for place in 0..<classes where place != label { sum += max(0, scores[place] - scores[label] + 1) }
    }
    return sum / Double(rows.count) + l2 / 2 * parameters.reduce(0) { $0 + $1 * $1 }
  }
}
