import Foundation
import GraftData
import Testing

@Suite("Reliability")
struct ReliabilityTests {
  @Test("Bins and errors are those of scikit-learn's calibration curve", arguments: EvaluationGolden.all)
  func golden(golden: EvaluationGolden) throws {
    let found = try golden.evaluate().reliability
    let expected = golden.calibration
    #expect(found.bins.map(\.count) == expected.counts)
    #expect(isClose(found.expectedError, expected.expectedError), "\(found.expectedError)")
    #expect(isClose(found.maximumError, expected.maximumError), "\(found.maximumError)")
    let filled = found.bins.filter { $0.count > 0 }
    #expect(filled.count == expected.accuracy.count)
    for (bin, (accuracy, confidence)) in zip(filled, zip(expected.accuracy, expected.confidence)) {
      #expect(isClose(bin.accuracy ?? .nan, accuracy) && isClose(bin.confidence ?? .nan, confidence))
    }
    #expect(found.bins.allSatisfy { ($0.accuracy == nil) == ($0.count == 0) })
  }

  @Test(
    "An edge belongs to the bin below it, as in NumPy's searchsorted from the left",
    arguments: [1, 4, 10, 15])
  func edges(_ count: Int) {
    for index in 0...count {
      let edge = index == count ? 1 : Double(index) * (1 / Double(count))
      let found = Reliability(confidences: [edge], isRight: [true], bins: count)
      #expect(found.bins.firstIndex { $0.count == 1 } == max(index - 1, 0), "edge \(index) of \(count)")
      let above = Reliability(confidences: [edge.nextUp], isRight: [true], bins: count)
      #expect(above.bins.firstIndex { $0.count == 1 } == min(index, count - 1))
    }
  }

  @Test("Without pictures, and with a confidence that is no number, there is no error to speak of")
  func undefined() throws {
    #expect(Reliability(confidences: [], isRight: []).expectedError.isNaN)
    let found = Reliability(confidences: [0.5, .nan], isRight: [true, false])
    #expect(found.expectedError.isNaN && found.maximumError.isNaN)
    let back = try JSONDecoder().decode(Reliability.self, from: JSONEncoder().encode(found))
    #expect(back.bins == found.bins && back.expectedError.isNaN)
  }
}
