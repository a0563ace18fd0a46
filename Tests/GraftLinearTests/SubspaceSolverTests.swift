import GraftData
import GraftFeatures
import GraftLinear
import GraftSupport
import GraftTensor
import Testing

@Suite("Classifiers of many classes, over spaces of gradients")
struct SubspaceSolverTests {
  static let (rows, width, classes) = (3600, 420, 14)
  private let data = Drawn(rows: Self.rows, width: Self.width, classes: Self.classes, spread: 6, seed: 80)

  @Test("spaces are searched where there are many classes and many more features")
  func suits() {
    func suits(_ rows: Int, _ width: Int, _ classes: Int) -> Bool {
      SubspaceSolver<MultinomialLoss>.suits(rows: rows, width: width, classes: classes)
    }
    // The sizes of the tests below.
    #expect(suits(Self.rows, Self.width, Self.classes))
    #expect(suits(3000, 420, 20) && suits(20_000, 2048, 100) && suits(1500, 1280, 37))
    // Few classes, few features, few rows, and rows or features that would fill the memory.
    #expect(!suits(20_000, 2048, 9) && !suits(8000, 1024, 80) && !suits(264, 1280, 25))
    #expect(!suits(1_000_000, 2048, 100) && !suits(10_000, 100_352, 50) && !suits(0, 0, 10))
  }

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

  @Test("the minimum is as near as was asked for, in fewer steps", arguments: [(1e-1, 0.0), (1e-3, 0.1)])
  func minimum(l2: Double, smoothing: Double) throws {
    let weights = smoothing == 0 ? nil : (0..<Self.rows).map { $0.isMultiple(of: 3) ? 2.5 : 1 }
    let exact = try minimum(
      MultinomialLoss(classIndices: data.classIndices, labelSmoothing: smoothing), l2: l2, weights: weights)
    for tolerance in [1e-2, 1e-4, 1e-7] {
      let options = LogisticRegression(l2: .fixed(l2), tolerance: tolerance, labelSmoothing: smoothing)
      let facts = try #require(try fit(options, weights: weights).training)
      let excess = facts.objective / exact.value - 1
      // Added up in Float, a value is off by some 1e-7 of it.
      #expect(excess > -1e-6 && excess < tolerance, "\(tolerance): \(excess)")
      #expect(facts.converged && facts.iterations < exact.iterations)
      if tolerance >= 1e-4 {
        #expect(3 * facts.iterations < exact.iterations, "\(facts.iterations) and \(exact.iterations)")
      }
    }
  }

  @Test("the objective falls with every space, and no more steps are taken than are allowed")
  func steps() throws {
    var values: [Double] = []
    let options = LogisticRegression(l2: 1e-3, maxIterations: 2, tolerance: 1e-9)
    let found = try fit(options) {
      if case .step(_, let objective, _) = $0 { values.append(objective) }
    }
    #expect(values.count == 2 && values[1] < values[0])
    #expect(found.training?.iterations == 2 && found.training?.outcome == .iterationLimit)
  }

  @Test("rows of several classes")
  func labelSets() throws {
    let l2 = 1e-2
    let sets = data.classIndices.enumerated().map { row, label in
      row.isMultiple(of: 3) ? [label, (label + 1) % Self.classes] : row.isMultiple(of: 7) ? [] : [label]
    }
    let exact = try minimum(SigmoidLoss(labelSets: LabelSets(sets)), l2: l2)
    for tolerance in [1e-2, 1e-4, 1e-7] {
      let options = FittingOptions(tolerance: tolerance)
      let facts = try #require(
        try MultiLabelRegression(l2: .fixed(l2), options: options).fit(
          features: data.features, labelSets: sets, labels: try labels()
        ).training)
      let excess = facts.objective / exact.value - 1
      // How near it is the solver can but estimate.
      #expect(excess > -1e-6 && excess < 2 * tolerance, "\(tolerance): \(excess)")
      #expect(facts.converged && facts.iterations < exact.iterations)
    }
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
    let store = try StoredRows(rows: 3000, width: 420, classes: 20)
    defer { store.remove() }
    let opened = try FeatureStore(path: store.single)
    let options = LogisticRegression(l2: 1e-2, tolerance: 1e-4)
    let streamed = try opened.dataset(memory: 0)
    #expect(streamed.features.isOnDisk)
    #expect(try options.fit(streamed) == options.fit(try opened.dataset()))
  }
}
