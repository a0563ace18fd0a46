import GraftData
import GraftFeatures
import GraftLinear
import GraftSupport
import GraftTensor
import Testing

/// Rows of so many classes and features that spaces of gradients are searched; `LinearSolver` decides by sizes.
@Suite("Classifiers of many classes, over spaces of gradients")
struct SubspaceSolverTests {
  static let (rows, width, classes) = (3600, 420, 14)
  private let data = Drawn(rows: Self.rows, width: Self.width, classes: Self.classes, spread: 6, seed: 80)

  private func labels() throws -> Labels { try Labels((0..<Self.classes).map { "class \($0)" }) }

  private func fit(
    _ options: LogisticRegression, weights: [Double]? = nil, _ progress: (FitEvent) throws -> Void = { _ in }
  ) throws -> LinearClassifier {
    try options.fit(
      features: FeatureMatrix(data.features), classIndices: data.classIndices, labels: try labels(),
      sampleWeights: weights, progress: progress)
  }

  /// The minimum by a quasi-Newton method in Double alone.
  private func minimum<Loss: RowLoss>(_ loss: Loss, l2: Double, weights: [Double]? = nil) throws -> LBFGS {
    let objective = LinearObjective<Double, Loss>(
      rows: FeatureRows(features: data.features), loss: loss, outputs: Self.classes,
      standardization: Standardization(features: data.features), l2: l2, weights: weights.map(RowWeights.init)
    )
    var solver = LBFGS(start: [Double](repeating: 0, count: objective.parameterCount))
    let outcome = try solver.minimize(
      { try objective($0, gradient: &$1) }, limits: .init(iterations: 5000),
      until: { $0.gradient.reduce(0) { $0 + $1 * $1 } <= 2 * l2 * 1e-9 * $0.value })
    #expect(outcome == .converged)
    return solver
  }

  @Test("the minimum is as near as was asked for, in fewer steps", arguments: [1e-1, 1e-3])
  func minimum(l2: Double) throws {
    let weights = (0..<data.classIndices.count).map { $0.isMultiple(of: 3) ? 2.5 : 1 }
    for (smoothing, weights) in [(0, nil), (0.1, nil), (0, weights)] {
      let exact = try minimum(
        MultinomialLoss(classIndices: data.classIndices, labelSmoothing: smoothing), l2: l2, weights: weights)
      for tolerance in [1e-2, 1e-4, 1e-7] {
        let found = try fit(
          LogisticRegression(l2: .fixed(l2), tolerance: tolerance, labelSmoothing: smoothing),
          weights: weights)
        let facts = try #require(found.training)
        let excess = facts.objective / exact.value - 1
        // Added up in Float, a value is off by some 1e-7 of it.
        #expect(excess > -1e-6 && excess < tolerance, "\(smoothing), \(tolerance): \(excess)")
        #expect(facts.converged && facts.iterations < exact.iterations)
        if tolerance >= 1e-4 {
          #expect(3 * facts.iterations < exact.iterations, "\(facts.iterations) and \(exact.iterations)")
        }
      }
    }
  }

  @Test("the objective falls with every space, and fewer steps than were asked for are taken")
  func steps() throws {
    var values: [Double] = []
    let options = LogisticRegression(l2: 1e-3, maxIterations: 2, tolerance: 1e-9)
    let found = try fit(options) {
      if case .step(_, let objective, _) = $0 { values.append(objective) }
    }
    #expect(values.count == 2 && values[1] < values[0])
    #expect(found.training?.iterations == 2 && found.training?.outcome == .iterationLimit)
  }

  @Test("the bits do not depend on the number of threads, nor on where the rows are")
  func bits() throws {
    func fit(_ threads: Int) throws -> LinearClassifier {
      let before = ThreadPool.threads
      defer { ThreadPool.threads = before }
      ThreadPool.threads = threads
      return try self.fit(LogisticRegression(l2: 1e-2, tolerance: 1e-4))
    }
    let one = try fit(1)
    for threads in [2, 3, 5] { #expect(try fit(threads) == one) }
    let store = try StoredRows(rows: 1100, width: 400, classes: 40)
    defer { store.remove() }
    let opened = try FeatureStore(path: store.single)
    let options = LogisticRegression(l2: 1e-2, tolerance: 1e-4)
    let streamed = try opened.dataset(memory: 0)
    #expect(streamed.features.isOnDisk)
    #expect(try options.fit(streamed) == options.fit(try opened.dataset()))
  }

  @Test(
    "strengths are judged alike, each starting from the one before, whether that is near its minimum or not")
  func path() throws {
    // Smoothed targets are judged by fits that end in Double where that is asked for.
    func path(_ tolerance: Double) throws -> [RegularizationPath.Point] {
      let options = LogisticRegression(tolerance: tolerance, folds: 5, labelSmoothing: 0.05)
      return try #require(try fit(options).training?.path).points
    }
    let (rough, exact) = (try path(1e-4), try path(1e-6))
    #expect(rough.count > 4)
    for (rough, exact) in zip(rough, exact) {
      #expect(rough.l2 == exact.l2)
      #expect(
        abs(rough.logLoss / exact.logLoss - 1) < 0.01, "\(rough.l2): \(rough.logLoss), \(exact.logLoss)")
    }
  }
}
