import GraftLinear
import GraftSupport
import GraftTensor
import Testing
import _GraftTestSupport

@Suite("Objective of linear models")
struct LinearObjectiveTests {
  private func objective<Scalar: DenseScalar>(
    _: Scalar.Type, _ rows: FeatureRows, _ classIndices: [Int], classes: Int,
    _ standardization: Standardization,
    l2: Double
  ) -> LinearObjective<Scalar, MultinomialLoss> {
    LinearObjective(
      rows: rows, loss: MultinomialLoss(classIndices: classIndices), outputs: classes,
      standardization: standardization, l2: l2)
  }

  /// Rows, features, classes: less than a block of rows, several blocks, several runs of blocks.
  static let sizes = [(13, 5, 4), (40, 1, 2), (1300, 3, 3)]

  private func parameters(_ count: Int) -> [Double] {
    var generator = SeededGenerator(seed: 3, stream: "parameters")
    return (0..<count).map { _ in generator.normal() / 2 }
  }

  @Test("value and gradient are those of the formula, the gradient by central differences", arguments: sizes)
  func gradient(rows: Int, width: Int, classes: Int) throws {
    let data = Drawn(rows: rows, width: width, classes: classes, spread: 1, seed: 1)
    let standardization = Standardization(features: data.features)
    let table = FeatureRows(features: data.features)
    let exact = objective(
      Double.self, table, data.classIndices, classes: classes, standardization, l2: 0.3)
    let rough = objective(Float.self, table, data.classIndices, classes: classes, standardization, l2: 0.3)
    let reference = ReferenceObjective(
      features: data.features, classIndices: data.classIndices, classes: classes,
      standardization: standardization, l2: 0.3)
    let point = parameters(exact.parameterCount)
    #expect(exact.parameterCount == (width + 1) * classes)
    var gradient = [Double](repeating: 0, count: point.count)
    var roughGradient = gradient
    let value = try exact(point, gradient: &gradient)
    let roughValue = try rough(point, gradient: &roughGradient)
    let expected = reference.value(point)
    #expect(abs(value - expected) < 1e-12 * expected)
    #expect(abs(roughValue - expected) < 1e-5 * expected)
    for (index, difference) in reference.differences(point).enumerated() {
      #expect(abs(gradient[index] - difference) < 1e-8, "parameter \(index)")
      #expect(abs(roughGradient[index] - difference) < 1e-5, "parameter \(index) in Float")
    }
  }

  @Test("only some rows of a table count where only some are named")
  func someRows() throws {
    let data = Drawn(rows: 50, width: 4, classes: 3, spread: 1, seed: 2)
    let chosen = [3, 41, 7, 7, 0, 22, 13, 49]
    let part = data.rows(chosen)
    let standardization = Standardization(features: part.features)
    #expect(standardization == Standardization(features: data.features, rows: chosen))
    let indexed = objective(
      Double.self, FeatureRows(features: data.features, rows: chosen), part.classIndices, classes: 3,
      standardization, l2: 0.1)
    let copied = objective(
      Double.self, FeatureRows(features: part.features), part.classIndices, classes: 3, standardization,
      l2: 0.1)
    let point = parameters(15)
    var (a, b) = (point, point)
    #expect(try indexed(point, gradient: &a) == copied(point, gradient: &b))
    #expect(a == b)
  }

  @Test("huge logits neither overflow nor lose the loss")
  func hugeLogits() throws {
    let features = Tensor(shape: [2, 1], scalars: [1, -1])
    let own = objective(
      Double.self, FeatureRows(features: features), [0, 0], classes: 2, Standardization(identity: 1), l2: 0)
    var gradient = [Double](repeating: 0, count: 4)
    // Row 0 is sure and right, row 1 sure and wrong by 2 x 5000.
    let value = try own([5000, -5000, 0, 0], gradient: &gradient)
    #expect(value == 5000)
    #expect(gradient == [0.5, -0.5, -0.5, 0.5])
  }

  @Test("the bits do not depend on the number of threads", arguments: [1, 2, 3, 5])
  func threads(count: Int) throws {
    let data = Drawn(rows: 3000, width: 41, classes: 7, spread: 2, seed: 5)
    func run<Scalar: DenseScalar>(_: Scalar.Type, _ threads: Int) throws -> [Double] {
      let before = ThreadPool.threads
      defer { ThreadPool.threads = before }
      ThreadPool.threads = threads
      let own = objective(
        Scalar.self, FeatureRows(features: data.features), data.classIndices, classes: 7,
        Standardization(features: data.features), l2: 1e-3)
      let point = parameters(own.parameterCount)
      var gradient = point
      let value = try own(point, gradient: &gradient)
      return gradient + [value]
    }
    #expect(try run(Double.self, count) == run(Double.self, 1))
    #expect(try run(Float.self, count) == run(Float.self, 1))
  }
}
