import GraftLinear
import GraftSupport
import GraftTensor
import Testing
import _GraftTestSupport

@Suite("Objective of linear models")
struct LinearObjectiveTests {
  /// Rows, features, classes: less than a block of rows, several blocks, several runs of blocks.
  static let sizes = [(13, 5, 4), (40, 1, 2), (1300, 3, 3)]

  private func parameters(_ count: Int) -> [Double] {
    var generator = SeededGenerator(seed: 3, stream: "parameters")
    return (0..<count).map { _ in generator.normal() / 2 }
  }

  @Test("value and gradient are those of the formula, the gradient by central differences", arguments: sizes)
  func gradient(rows: Int, width: Int, classes: Int) {
    let data = Drawn(rows: rows, width: width, classes: classes, spread: 1, seed: 1)
    let standardization = Standardization(features: data.features)
    let table = FeatureRows(features: data.features)
    let exact = LinearObjective<Double>(
      rows: table, targets: .classes(data.classIndices), classes: classes, standardization: standardization,
      l2: 0.3)
    let rough = LinearObjective<Float>(
      rows: table, targets: .classes(data.classIndices), classes: classes, standardization: standardization,
      l2: 0.3)
    let reference = ReferenceObjective(
      features: data.features, classIndices: data.classIndices, classes: classes,
      standardization: standardization, l2: 0.3)
    let point = parameters(exact.parameterCount)
    #expect(exact.parameterCount == (width + 1) * classes)
    var gradient = [Double](repeating: 0, count: point.count)
    var roughGradient = gradient
    let value = exact(point, gradient: &gradient)
    let roughValue = rough(point, gradient: &roughGradient)
    let expected = reference.value(point)
    #expect(abs(value - expected) < 1e-12 * expected)
    #expect(abs(roughValue - expected) < 1e-5 * expected)
    for (index, difference) in reference.differences(point).enumerated() {
      #expect(abs(gradient[index] - difference) < 1e-8, "parameter \(index)")
      #expect(abs(roughGradient[index] - difference) < 1e-5, "parameter \(index) in Float")
    }
  }

  @Test("only some rows of a table count where only some are named")
  func someRows() {
    let data = Drawn(rows: 50, width: 4, classes: 3, spread: 1, seed: 2)
    let chosen = [3, 41, 7, 7, 0, 22, 13, 49]
    let part = data.rows(chosen)
    let standardization = Standardization(features: part.features)
    #expect(standardization == Standardization(features: data.features, rows: chosen))
    let indexed = LinearObjective<Double>(
      rows: FeatureRows(features: data.features, rows: chosen), targets: .classes(part.classIndices),
      classes: 3,
      standardization: standardization, l2: 0.1)
    let copied = LinearObjective<Double>(
      rows: FeatureRows(features: part.features), targets: .classes(part.classIndices), classes: 3,
      standardization: standardization, l2: 0.1)
    let point = parameters(15)
    var (a, b) = (point, point)
    #expect(indexed(point, gradient: &a) == copied(point, gradient: &b))
    #expect(a == b)
  }

  @Test("huge logits neither overflow nor lose the loss")
  func hugeLogits() {
    let features = Tensor(shape: [2, 1], scalars: [1, -1])
    let objective = LinearObjective<Double>(
      rows: FeatureRows(features: features), targets: .classes([0, 0]), classes: 2,
      standardization: Standardization(identity: 1), l2: 0)
    var gradient = [Double](repeating: 0, count: 4)
    // Row 0 is sure and right, row 1 sure and wrong by 2 x 5000.
    let value = objective([5000, -5000, 0, 0], gradient: &gradient)
    #expect(value == 5000)
    #expect(gradient == [0.5, -0.5, -0.5, 0.5])
  }

  @Test("the bits do not depend on the number of threads", arguments: [1, 2, 3, 5])
  func threads(count: Int) {
    let data = Drawn(rows: 3000, width: 41, classes: 7, spread: 2, seed: 5)
    func run<Scalar: DenseScalar>(_: Scalar.Type, _ threads: Int) -> [Double] {
      let before = ThreadPool.threads
      defer { ThreadPool.threads = before }
      ThreadPool.threads = threads
      let objective = LinearObjective<Scalar>(
        rows: FeatureRows(features: data.features), targets: .classes(data.classIndices), classes: 7,
        standardization: Standardization(features: data.features), l2: 1e-3)
      let point = parameters(objective.parameterCount)
      var gradient = point
      let value = objective(point, gradient: &gradient)
      return gradient + [value]
    }
    #expect(run(Double.self, count) == run(Double.self, 1))
    #expect(run(Float.self, count) == run(Float.self, 1))
  }
}
