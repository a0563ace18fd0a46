import GraftLinear
import GraftTensor
import Testing

@Suite("Standardization")
struct StandardizationTests {
  @Test(
    "means and deviations are those of the formula, whatever the number of rows",
    arguments: [1, 2, 7, 600, 2100])
  func formula(rows: Int) {
    let data = Drawn(rows: rows, width: 3, classes: 2, spread: 3, seed: 9)
    let found = Standardization(features: data.features)
    for column in 0..<3 {
      let values = (0..<rows).map { Double(data.features.scalars[$0 * 3 + column]) }
      let mean = values.reduce(0, +) / Double(rows)
      let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(rows)
      #expect(abs(found.mean[column] - mean) < 1e-13)
      #expect(abs(found.scale[column] - (rows == 1 ? 1 : variance.squareRoot())) < 1e-13)
    }
  }

  @Test(
    "a constant feature keeps the scale 1, however its sum rounds", arguments: [0, 0.1, 1e-20, -3e7, 1e30])
  func constant(value: Float) {
    let found = Standardization(features: Tensor(repeating: value, shape: [1237, 2]))
    #expect(found.scale == [1, 1])
    #expect(abs(found.mean[0] - Double(value)) <= 1e-12 * abs(Double(value)))
  }

  @Test("a feature that differs in one row is not constant")
  func nearlyConstant() {
    var scalars = [Float](repeating: 1000, count: 500)
    scalars[77] = 1000.001
    let found = Standardization(features: Tensor(shape: [500, 1], scalars: scalars))
    #expect(found.scale[0] < 1e-3 && found.scale[0] > 0)
  }
}
