import Foundation
import GraftData
import GraftFeatures
import GraftLinear
import GraftSupport
import GraftTensor
import Testing
import _GraftTestSupport

/// What every kind of linear classifier keeps to.
@Suite("All linear classifiers")
struct ClassifierContractTests {
  typealias Method = LinearClassifier.Method

  private static let labels = ["cat", "dog", "owl"]

  private func options(_ method: Method, l2: PenaltyStrength = 0.05) -> any ClassifierOptions {
    // The dual of the hinge proves less than a gradient does.
    let tolerance = method == .hinge ? 1e-8 : 1e-10
    return method.options(l2: l2, FittingOptions(maxIterations: 20000, tolerance: tolerance, folds: 3))
  }

  private func data(rows: Int = 90, classes: Int = 3) -> Drawn {
    Drawn(rows: rows, width: 7, classes: classes, spread: 1, seed: 40)
  }

  private func fit(
    _ method: Method, _ data: Drawn, names: [String] = labels, l2: PenaltyStrength = 0.05
  ) throws -> LinearClassifier {
    try options(method, l2: l2).fit(
      features: data.features, classIndices: data.classIndices, labels: try Labels(names))
  }

  @Test("learn what there is to learn, and say what they are", arguments: Method.allCases)
  func learns(method: Method) throws {
    let (data, facts) = (data(), try #require(try fit(method, data()).training))
    let found = try fit(method, data)
    let evaluation = try found.evaluate(
      features: data.features, classIndices: data.classIndices, labels: found.labels)
    #expect(evaluation.accuracy > 0.8)
    #expect(facts.method == method && facts.converged)
    #expect(found.activation == (method == .multiLabel ? .sigmoid : .softmax))
    let hasTemperature = method != .logistic && method != .multiLabel
    #expect((facts.temperature ?? 0 > 0) == hasTemperature)
    // What they say is worth something as a probability, too: guessing costs ln 3.
    #expect(evaluation.logLoss < 0.6)
  }

  @Test("two classes", arguments: Method.allCases)
  func twoClasses(method: Method) throws {
    let data = data(rows: 60, classes: 2)
    let found = try fit(method, data, names: ["a", "b"])
    let evaluation = try found.evaluate(
      features: data.features, classIndices: data.classIndices, labels: found.labels)
    #expect(evaluation.accuracy > 0.8)
  }

  @Test("one class, an empty class and what is not a number are refused by name", arguments: Method.allCases)
  func refusals(method: Method) throws {
    let data = data()
    func refusal(_ features: Tensor, _ classIndices: [Int], _ names: [String]) throws -> LinearError? {
      #expect(throws: LinearError.self) {
        try options(method).fit(features: features, classIndices: classIndices, labels: try Labels(names))
      }
    }
    // A yes or no for a single class makes sense where pictures may belong to none.
    if method != .multiLabel {
      let one = try refusal(data.features, [Int](repeating: 0, count: 90), ["cat"])
      #expect(one?.code == .singleClass && one?.message.contains("cat") == true)
    }
    let empty = try refusal(data.features, data.classIndices, Self.labels + ["yak"])
    #expect(empty?.code == .emptyClass && empty?.message.contains("yak") == true)
    for value in [Float.nan, .infinity] {
      var scalars = data.features.scalars
      scalars[3 * 7 + 5] = value
      let found = try refusal(Tensor(shape: [90, 7], scalars: scalars), data.classIndices, Self.labels)
      #expect(found?.code == .notFinite && found?.message.contains("feature 5 of row 3") == true)
    }
    #expect(try refusal(data.features, [0, 1], Self.labels)?.code == .widthMismatch)
  }

  @Test("the order of rows does not matter", arguments: Method.allCases)
  func order(method: Method) throws {
    let data = data()
    let turned = data.rows((0..<90).reversed())
    // The folds that a temperature comes from are dealt out by the keys of rows.
    let digests = (0..<90).map { "picture \($0)" }
    let once = try options(method).fit(
      features: data.features, classIndices: data.classIndices, labels: try Labels(Self.labels),
      digests: digests)
    let other = try options(method).fit(
      features: turned.features, classIndices: turned.classIndices, labels: try Labels(Self.labels),
      digests: digests.reversed())
    expectClose(other.kernel.scalars, once.kernel.scalars, tolerance: 2e-3, "weights")
    expectClose(other.bias.scalars, once.bias.scalars, tolerance: 2e-3, "bias")
  }

  @Test("fitted twice, and on any number of threads, the bits are the same", arguments: Method.allCases)
  func repeatable(method: Method) throws {
    let data = data(rows: 700)
    func fit(_ threads: Int) throws -> LinearClassifier {
      let before = ThreadPool.threads
      defer { ThreadPool.threads = before }
      ThreadPool.threads = threads
      return try self.fit(method, data)
    }
    let (one, again, many) = (try fit(1), try fit(1), try fit(3))
    #expect(one == again && one == many)
    #expect(one.kernel.scalars.map(\.bitPattern) == many.kernel.scalars.map(\.bitPattern))
  }

  @Test("written and read they are the same", arguments: Method.allCases)
  func coding(method: Method) throws {
    let found = try fit(method, data(), l2: .auto)
    let read = try JSONDecoder().decode(LinearClassifier.self, from: JSONEncoder().encode(found))
    #expect(read == found)
  }

  @Test("from disk, from memory and from halves in memory the bits are the same", arguments: Method.allCases)
  func onDisk(method: Method) throws {
    let store = try StoredRows(rows: 400, width: 7, classes: 3)
    defer { store.remove() }
    for path in [store.single, store.half] {
      let opened = try FeatureStore(path: path)
      let inMemory = try options(method).fit(try opened.dataset())
      let streamed = try opened.dataset(memory: 0)
      #expect(streamed.features.isOnDisk)
      #expect(try options(method).fit(streamed) == inMemory)
      let table = try opened.table()
      #expect(try options(method).fit(table) == inMemory)
      #expect(
        try inMemory.probabilities(of: streamed.features) == inMemory.probabilities(of: table.features))
    }
  }

  @Test(
    "weights that are all alike change nothing; a heavier class is chosen more often",
    arguments: Method.allCases)
  func sampleWeights(method: Method) throws {
    let data = Drawn(rows: 90, width: 7, classes: 3, spread: 3, seed: 42)
    func fit(_ weights: [Double]?) throws -> LinearClassifier {
      try options(method).fit(
        features: data.features, classIndices: data.classIndices, labels: try Labels(Self.labels),
        sampleWeights: weights)
    }
    func chosen(_ found: LinearClassifier, _ label: String) throws -> Int {
      try found.predictions(for: data.features).count { $0.label == label }
    }
    let plain = try fit(nil)
    let doubled = try fit([Double](repeating: 2, count: 90))
    expectClose(doubled.kernel.scalars, plain.kernel.scalars, tolerance: 1e-4, "weights")
    let tilted = try fit(data.classIndices.map { $0 == 2 ? 20 : 1 })
    // A mean of a class's rows does not depend on how much they all weigh.
    let before = try chosen(plain, "owl")
    #expect(try method == .centroid ? chosen(tilted, "owl") == before : chosen(tilted, "owl") > before)
    for weights in [[-1] + [Double](repeating: 1, count: 89), [Double](repeating: 0, count: 90), [1]] {
      #expect(throws: LinearError.self) { try fit(weights) }
    }
  }
}
