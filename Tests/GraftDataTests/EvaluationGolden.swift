import Foundation
import GraftData
import Testing

/// What scikit-learn says of predictions; see Golden/make.py.
struct EvaluationGolden: Decodable, CustomTestStringConvertible {
  struct Calibration: Decodable {
    let counts: [Int]
    let accuracy: [Double]
    let confidence: [Double]
    let expectedError: Double
    let maximumError: Double
  }

  struct Curves: Decodable {
    let rocArea: Double?
    let roc: [[Double]]?
    let averagePrecision: Double?
    let precisionRecall: [[Double]]?
  }

  let name: String
  let classes: Int
  let probabilities: [Float]
  let truth: [Int]
  let accuracy: Double
  let topAccuracy: Double
  let logLoss: Double
  let brier: Double
  let balancedAccuracy: Double
  let macroF1: Double
  let macro: [Double]
  let weighted: [Double]
  let precision: [Double]
  let recall: [Double]
  let f1: [Double]
  let support: [Int]
  let confusion: [[Int]]
  let calibration: Calibration
  let curves: [Curves]

  var testDescription: String { name }

  static let all: [EvaluationGolden] = read("evaluation")

  /// A file of the folder Golden.
  static func read<Value: Decodable>(_ name: String) -> [Value] {
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Golden/\(name).json")
    do {
      return try JSONDecoder().decode([Value].self, from: Data(contentsOf: file))
    } catch {
      Issue.record("\(name).json: \(error)")
      return []
    }
  }

  func judged() throws -> JudgedPictures {
    JudgedPictures(
      probabilities: probabilities, truth: truth, classes: try Labels((0..<classes).map { "class \($0)" }))
  }

  func evaluate() throws -> Evaluation { Evaluation(try judged()) }
}

/// Whether two numbers are the same but for rounding.
func isClose(_ value: Double, _ expected: Double, _ tolerance: Double = 1e-12) -> Bool {
  abs(value - expected) <= tolerance * max(1, abs(expected))
}
