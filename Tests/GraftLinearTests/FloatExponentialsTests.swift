import Foundation
import GraftLinear
import GraftSupport
import Testing

@Suite("Exponentials in single precision")
struct FloatExponentialsTests {
  @Test("they and their sum are those of the C library, for any number of values", arguments: 1...35)
  func values(count: Int) {
    var generator = SeededGenerator(seed: 90, stream: "exponents")
    for spread in [0.0, 1e-4, 1, 30, 86] {
      let values = (0..<count).map { _ in Float(3 - spread * generator.unit()) }
      let largest = Float.largest(values, count: count)
      #expect(largest == values.max())
      var powers = values
      let sum = powers.withUnsafeMutableBufferPointer {
        Float.exponentiate($0.baseAddress.unsafelyUnwrapped, count: count, largest: largest)
      }
      for (value, power) in zip(values, powers) {
        let expected = exp(Double(value - largest))
        #expect(abs(Double(power) / expected - 1) < 2e-7, "of \(value - largest)")
      }
      #expect(abs(sum - powers.reduce(0) { $0 + Double($1) }) < 1e-12 * sum)
    }
  }

  @Test("far below there is next to nothing, and what is no number stays none", arguments: [3, 8, 21])
  func ends(count: Int) {
    func powers(_ value: Float) -> [Float] {
      var values = [Float](repeating: value, count: count)
      values.withUnsafeMutableBufferPointer {
        _ = Float.exponentiate($0.baseAddress.unsafelyUnwrapped, count: count, largest: 0)
      }
      return values
    }
    #expect(powers(0) == [Float](repeating: 1, count: count))
    for low: Float in [-88, -1e4, -Float.greatestFiniteMagnitude, -Float.infinity] {
      let found = powers(low)
      #expect(found.allSatisfy { $0 == 0 }, "\(low)")
    }
    for place in 0..<count {
      var mixed = [Float](repeating: -1, count: count)
      mixed[place] = .nan
      mixed[(place + 1) % count] = -.infinity
      let sum = mixed.withUnsafeMutableBufferPointer {
        Float.exponentiate($0.baseAddress.unsafelyUnwrapped, count: count, largest: 0)
      }
      #expect(sum.isNaN && mixed[place].isNaN && mixed[(place + 1) % count] == 0)
    }
    let none = powers(.nan)
    #expect(none.allSatisfy { $0.isNaN })
  }
}
