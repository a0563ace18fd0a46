import Foundation
import GraftLinear
import GraftSupport
import GraftTensor
import Testing
import _GraftTestSupport

/// What scikit-learn fits to several outputs; see Golden/make_outputs.py.
private struct OutputsGolden: Decodable, CustomTestStringConvertible {
  let rows: Int
  let width: Int
  let outputs: Int
  let l2: Double
  let features: [Float]
  let marks: [Float]
  let values: [Float]
  let logisticKernel: [Double]
  let logisticBias: [Double]
  let ridgeKernel: [Double]
  let ridgeBias: [Double]

  var testDescription: String { "\(rows) x \(width), \(outputs) outputs, l2 \(l2)" }

  static let all: [OutputsGolden] = {
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Golden/outputs.json")
    do {
      return try JSONDecoder().decode([OutputsGolden].self, from: Data(contentsOf: file))
    } catch {
      Issue.record("outputs.json: \(error)")
      return []
    }
  }()

  var table: Tensor { Tensor(shape: [rows, width], scalars: features) }
  func targets(_ values: [Float]) -> Tensor { Tensor(shape: [rows, outputs], scalars: values) }
}

@Suite("Linear models of several outputs")
struct LinearOutputsTests {
  @Test(
    "are scikit-learn's logistic regressions, one a label, and its ridge regression",
    arguments: OutputsGolden.all)
  private func golden(golden: OutputsGolden) throws {
    var regression = LogisticRegression(l2: .fixed(golden.l2))
    regression.tolerance = 1e-12
    let marks = golden.targets(golden.marks)
    let logistic = try regression.fit(features: golden.table, marks: marks)
    expectClose(logistic.kernel.scalars, golden.logisticKernel, tolerance: 1e-5, "kernel")
    expectClose(logistic.bias.scalars, golden.logisticBias, tolerance: 1e-5, "bias")
    #expect(
      logistic.training.classCounts
        == (0..<golden.outputs).map { label in
          (0..<golden.rows).count { golden.marks[$0 * golden.outputs + label] == 1 }
        })
    let ridge = try regression.fit(features: golden.table, values: golden.targets(golden.values))
    expectClose(ridge.kernel.scalars, golden.ridgeKernel, tolerance: 1e-5, "kernel")
    expectClose(ridge.bias.scalars, golden.ridgeBias, tolerance: 1e-5, "bias")
  }

  @Test("the gradients of both objectives are the slopes of their values", arguments: [13, 700])
  func gradients(rows: Int) throws {
    let data = Drawn(rows: rows, width: 4, classes: 3, spread: 1, seed: 1)
    var generator = SeededGenerator(seed: 9, stream: "targets")
    let marks = (0..<rows * 3).map { _ in Float(generator.below(2)) }
    let values = (0..<rows * 3).map { _ in Float(generator.normal()) }
    let sets = LabelSets((0..<rows).map { row in (0..<3).filter { marks[row * 3 + $0] == 1 } })
    try check(data, SigmoidLoss(labelSets: sets), &generator)
    try check(data, SquaredLoss(values: values), &generator)
  }

  private func check(_ data: Drawn, _ loss: some RowLoss, _ generator: inout SeededGenerator) throws {
    let objective = LinearObjective<Double, _>(
      rows: FeatureRows(features: data.features), loss: loss, outputs: 3,
      standardization: Standardization(features: data.features), l2: 0.3)
    let point = (0..<objective.parameterCount).map { _ in generator.normal() / 2 }
    var gradient = point
    var unused = point
    _ = try objective(point, gradient: &gradient)
    for place in point.indices {
      let step = 1e-6
      var (before, after) = (point, point)
      before[place] -= step
      after[place] += step
      let slope =
        (try objective(after, gradient: &unused) - objective(before, gradient: &unused)) / (2 * step)
      #expect(
        abs(slope - gradient[place]) < 1e-7 * max(1, abs(slope)), "\(place): \(gradient[place]), \(slope)")
    }
  }

  @Test("the strength is chosen by held-out rows: weak where features say all, strong where they say nothing")
  func choice() throws {
    var generator = SeededGenerator(seed: 2, stream: "rows")
    let features = Tensor(shape: [120, 8], scalars: (0..<960).map { _ in Float(generator.normal()) })
    let values = features.scalars
    let outputs = (0..<120).flatMap { row -> [Float] in
      let start = row * 8
      return [values[start] * 0.3, values[start + 3] - values[start + 1]]
    }
    let told = Tensor(shape: [120, 2], scalars: outputs)
    let noise = Tensor(shape: [120, 2], scalars: (0..<240).map { _ in Float(generator.normal()) })
    let sure = try LogisticRegression().fit(features: features, values: told)
    let lost = try LogisticRegression().fit(features: features, values: noise)
    #expect(sure.training.l2 <= 1e-4 && lost.training.l2 >= 0.3)
    let marks = Tensor(shape: [120, 2], scalars: noise.scalars.map { $0 > 0 ? 1 : 0 })
    #expect(try LogisticRegression().fit(features: features, marks: marks).training.l2 >= 0.1)
  }

  @Test("what does not fit is refused")
  func refused() throws {
    let features = Tensor(shape: [3, 2], scalars: [1, 2, 3, 4, 5, 6])
    func code(_ features: Tensor, _ values: Tensor) -> LinearError.Code? {
      let error = #expect(throws: LinearError.self) {
        try LogisticRegression(l2: 0.1).fit(features: features, values: values)
      }
      return error?.code
    }
    #expect(code(features, Tensor(shape: [2, 1], scalars: [1, 2])) == .widthMismatch)
    #expect(code(features, Tensor(shape: [3], scalars: [1, 2, 3])) == .widthMismatch)
    let endless = Tensor(shape: [3, 2], scalars: [1, 2, .infinity, 4, 5, 6])
    #expect(code(endless, Tensor(shape: [3, 1], scalars: [1, 2, 3])) == .notFinite)
    let one = Tensor(shape: [1, 2], scalars: [1, 2])
    #expect(code(one, Tensor(shape: [1, 1], scalars: [1])) == .tooFewRows)
  }
}
