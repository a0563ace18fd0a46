import Foundation
import GraftData
import Testing

@Suite("Temperature scaling")
struct TemperatureScalingTests {
  struct Golden: Decodable, CustomTestStringConvertible {
    let name: String
    let classes: Int
    let logits: [Float]
    let truth: [Int]
    let temperature: Double
    let logLoss: Double
    var testDescription: String { name }
    static let all: [Golden] = EvaluationGolden.read("temperatures")
  }

  @Test("It is scikit-learn's, and its loss no larger", arguments: Golden.all)
  func golden(golden: Golden) throws {
    let found = try TemperatureScaling(logits: golden.logits, truth: golden.truth, width: golden.classes)
    // scikit-learn's search stops within the square root of the precision: the loss is flat there.
    #expect(
      isClose(found.temperature, golden.temperature, 1e-6), "\(found.temperature), not \(golden.temperature)")
    #expect(found.logLossAfter <= golden.logLoss + 1e-12 && isClose(found.logLossAfter, golden.logLoss, 1e-9))
    #expect(found.logLossAfter <= found.logLossBefore && found.count == golden.truth.count)
    #expect(!found.isAtLimit)
    for factor in [0.999, 1.001] {
      let near = try TemperatureScaling(
        logits: golden.logits.map { $0 / Float(found.temperature * factor) }, truth: golden.truth,
        width: golden.classes)
      #expect(near.logLossBefore >= found.logLossAfter, "a neighbour is better")
    }
  }

  @Test("The golden cases are all there")
  func goldens() { #expect(Golden.all.count == 3) }

  @Test("Pictures that are all right, or no better than chance, leave it at a limit that is told")
  func limits() throws {
    let sure = try TemperatureScaling(logits: [2, 0, 0, 2], truth: [0, 1], width: 2)
    #expect(sure.isAtLimit && sure.temperature == TemperatureScaling.range.lowerBound)
    let wrong = try TemperatureScaling(logits: [2, 0, 0, 2], truth: [1, 0], width: 2)
    #expect(wrong.isAtLimit && wrong.temperature == TemperatureScaling.range.upperBound)
    let one = try TemperatureScaling(logits: [1, 1, 1], truth: [0], width: 3)
    #expect(one.temperature.isFinite && one.logLossAfter.isFinite)
  }

  @Test("Logits as large as numbers get do no harm, and what is no number is an error")
  func extremes() throws {
    let large = try TemperatureScaling(logits: [3e38, -3e38, 0, 1, 5, 2], truth: [0, 0, 1], width: 2)
    #expect(large.temperature.isFinite && large.logLossAfter.isFinite)
    for logits: [Float] in [[.nan, 1], [.infinity, 1]] {
      let error = #expect(throws: DataError.self) {
        try TemperatureScaling(logits: logits, truth: [0], width: 2)
      }
      #expect(error?.code == .invalidValues)
    }
    #expect(throws: DataError.self) { try TemperatureScaling(logits: [], truth: [], width: 2) }
  }
}
