import Foundation
import GraftEngine
import GraftGraph
import GraftSupport
import Testing
import _GraftTestSupport

@Suite("Element-wise kernels")
struct ElementwiseTests {
  static func lengths(_ table: KernelTable) -> [Int] {
    [0, 1, table.lanes - 1, table.lanes, table.lanes + 1, 5 * table.lanes + 3]
  }

  static func reference(_ x: Double, _ a: KernelActivation) -> Double {
    switch a.kind {
    case .clamp: min(max(x, Double(a.low)), Double(a.high))
    case .hardSigmoid: min(max(x + 3, 0), 6) / 6
    case .hardSwish: x * min(max(x + 3, 0), 6) / 6
    case .sigmoid: 1 / (1 + exp(-x))
    case .swish: x / (1 + exp(-x))
    case .tanh: tanh(x)
    case .gelu: x * erfc(-x / 2.0.squareRoot()) / 2
    case .leaky: x < 0 ? x * Double(a.low) : x
    }
  }

  @Test("activations equal their formulas in Double", arguments: instructionSets)
  func activations(_ set: KernelTable.InstructionSet) throws {
    let table = try kernels(set)
    var random = SeededGenerator(seed: 9, stream: "activate")
    for kind in KernelActivation.Kind.allCases {
      let activation = KernelActivation(kind, low: kind == .clamp ? -1 : 0.1, high: 4)
      for n in Self.lengths(table) {
        var values = (0..<n).map { _ in Float(random.unit() * 16 - 8) }
        for (index, value) in [Float(0), -0.0, 100, -100, 3, -3].enumerated() where index < n {
          values[index] = value
        }
        let x = GuardedArray(values)
        let y = GuardedArray(count: n)
        table.activate(n, x.base, into: y.base, activation)
        for (found, x) in zip(y.values, values) {
          let expected = Self.reference(Double(x), activation)
          // Relative to the larger of the result and its argument's unit.
          #expect(
            abs(Double(found) - expected) <= 4e-7 * max(1, abs(expected)), "\(set) \(kind) of \(x): \(found)")
        }
      }
    }
  }

  @Test("sums, products and affine maps equal those in Double", arguments: instructionSets)
  func arithmetic(_ set: KernelTable.InstructionSet) throws {
    let table = try kernels(set)
    var random = SeededGenerator(seed: 10, stream: "arithmetic")
    for n in Self.lengths(table) {
      let (a, b) = (GuardedArray(random: n, &random), GuardedArray(random: n, &random))
      let (sum, product, scaled) = (GuardedArray(count: n), GuardedArray(count: n), GuardedArray(count: n))
      table.add(n, a.base, b.base, into: sum.base, .relu)
      table.multiply(n, a.base, b.base, into: product.base)
      table.rescale(n, a.base, scale: 1.5, offset: -0.25, into: scaled.base)
      #expect(sum.values == zip(a.values, b.values).map { max($0 + $1, 0) })
      #expect(product.values == zip(a.values, b.values).map { $0 * $1 })
      expectClose(scaled.values, a.doubles.map { $0 * 1.5 - 0.25 }, tolerance: 1e-6, floor: 0.1)
      for pixels in [0, 1, 3] {
        let x = GuardedArray(random: max(pixels * (n + 1) - 1, 0), &random)
        let y = GuardedArray(count: max(pixels * (n + 4) - 4, 0), repeating: 9)
        table.affine(
          pixels: pixels, channels: n, x.base, stride: n + 1, scale: a.base, offset: b.base, into: y.base,
          stride: n + 4, .relu6)
        var expected = [Double](repeating: 9, count: y.count)
        for p in 0..<pixels {
          for c in 0..<n {
            let value = Double(x.base[p * (n + 1) + c]) * Double(a.base[c]) + Double(b.base[c])
            expected[p * (n + 4) + c] = min(max(value, 0), 6)
          }
        }
        expectClose(y.values, expected, tolerance: 1e-7)
      }
      let same = GuardedArray(count: n)
      table.affine(
        pixels: 1, channels: n, a.base, stride: n, scale: nil, offset: nil, into: same.base, stride: n)
      #expect(same.values == a.values)
    }
  }

  @Test("softmax equals its formula in Double, also far from zero", arguments: instructionSets)
  func softmax(_ set: KernelTable.InstructionSet) throws {
    let table = try kernels(set)
    var random = SeededGenerator(seed: 11, stream: "softmax")
    for columns in [1, 2, table.lanes, table.lanes + 1, 1000] {
      for offset in [0.0, -500, 500] {
        let values = (0..<3 * columns).map { _ in Float(offset + random.unit() * 20) }
        let x = GuardedArray(values)
        let y = GuardedArray(count: 3 * columns)
        table.softmax(rows: 3, columns: columns, x.base, into: y.base)
        let expected = Reference.activation(values.map(Double.init), .softmax, channels: columns)
        expectClose(y.values, expected, tolerance: 5e-7, "\(set) \(columns) \(offset)")
      }
    }
  }

  @Test("layer normalization equals its formula in Double, also far from zero", arguments: instructionSets)
  func layerNormalization(_ set: KernelTable.InstructionSet) throws {
    let table = try kernels(set)
    var random = SeededGenerator(seed: 12, stream: "layer normalization")
    for columns in [1, 2, table.lanes - 1, table.lanes, table.lanes + 1, 5 * table.lanes + 3, 768] {
      for offset in [0.0, 50] {
        let values = (0..<3 * columns).map { _ in Float(offset + random.unit() * 2) }
        let x = GuardedArray(values)
        let (gamma, beta) = (GuardedArray(random: columns, &random), GuardedArray(random: columns, &random))
        for isPlain in [false, true] {
          let y = GuardedArray(count: 3 * columns)
          table.layerNormalize(
            rows: 3, columns: columns, x.base, gamma: isPlain ? nil : UnsafePointer(gamma.base),
            beta: isPlain ? nil : UnsafePointer(beta.base), epsilon: 1e-2, into: y.base)
          let expected = (0..<3).flatMap { row in
            let part = values[row * columns..<(row + 1) * columns].map(Double.init)
            let mean = part.reduce(0, +) / Double(columns)
            let power = part.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(columns)
            return part.indices.map { c in
              (part[c] - mean) / (power + 1e-2).squareRoot() * (isPlain ? 1 : gamma.doubles[c])
                + (isPlain ? 0 : beta.doubles[c])
            }
          }
          expectClose(y.values, expected, tolerance: offset > 0 ? 2e-5 : 1e-6, floor: 1, "\(set) \(columns)")
        }
      }
    }
  }

  @Test("the slope of GELU is the derivative of GELU", arguments: instructionSets)
  func geluSlope(_ set: KernelTable.InstructionSet) throws {
    let table = try kernels(set)
    for n in Self.lengths(table) {
      let values = (0..<n).map { Float($0) * 0.37 - 6 }
      let (x, y) = (GuardedArray(values), GuardedArray(count: n))
      table.geluSlope(n, x.base, into: y.base)
      for (found, x) in zip(y.values, values) {
        let gelu = KernelActivation(.gelu)
        let expected =
          (Self.reference(Double(x) + 1e-5, gelu) - Self.reference(Double(x) - 1e-5, gelu)) / 2e-5
        #expect(abs(Double(found) - expected) <= 5e-7, "\(set) \(x): \(found)")
      }
    }
  }
}
