import GraftEngine
import GraftGraph
import GraftSupport
import GraftTensor
import Testing
import _GraftTestSupport

@Suite("Matrix product with packed weights")
struct ProductTests {
  struct Case: Sendable {
    var rows: Int
    var depth: Int
    var columns: Int
  }

  static let cases: [Case] = {
    var cases: [Case] = []
    for rows in [0, 1, 2, 5, 6, 7, 11, 12, 13, 25] { cases.append(Case(rows: rows, depth: 9, columns: 40)) }
    for columns in [1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 24, 31, 32, 33, 47, 48, 49, 65] {
      cases.append(Case(rows: 13, depth: 5, columns: columns))
    }
    for depth in [0, 1, 2, 3, 64, 301] { cases.append(Case(rows: 7, depth: depth, columns: 19)) }
    return cases
  }()

  @Test("equals the sum in Double, with bias, residual and limits", arguments: instructionSets)
  func againstReference(_ set: KernelTable.InstructionSet) throws {
    let table = try kernels(set)
    var random = SeededGenerator(seed: 1, stream: "product")
    for c in Self.cases {
      // Rows lie further apart than they are long.
      let (xStride, yStride, rStride) = (c.depth + 3, c.columns + 2, c.columns + 5)
      let x = GuardedArray(random: max(c.rows * xStride - 3, 0), &random)
      let weights = GuardedArray(random: c.depth * c.columns, &random)
      let bias = GuardedArray(random: c.columns, &random)
      let residual = GuardedArray(random: max(c.rows * rStride - 5, 0), &random)
      let packed = GuardedArray(count: table.packedSize(depth: c.depth, columns: c.columns))
      table.packProduct(
        depth: c.depth, columns: c.columns, weights.base, stride: c.columns, into: packed.base)
      let y = GuardedArray(count: max(c.rows * yStride - 2, 0), repeating: -1)
      table.product(
        rows: c.rows, depth: c.depth, x.base, stride: xStride, packed: packed.base, columns: c.columns,
        range: 0..<c.columns, into: y.base, stride: yStride,
        KernelEpilogue(
          bias: bias.base, residual: residual.base, residualStride: rStride,
          activation: KernelActivation(.clamp, low: -0.5, high: 1.5)))
      var expected = [Double](repeating: -1, count: y.count)
      for r in 0..<c.rows {
        for j in 0..<c.columns {
          var sum = Double(bias.base[j]) + Double(residual.base[r * rStride + j])
          for k in 0..<c.depth {
            sum += Double(x.base[r * xStride + k]) * Double(weights.base[k * c.columns + j])
          }
          expected[r * yStride + j] = min(max(sum, -0.5), 1.5)
        }
      }
      expectClose(y.values, expected, tolerance: 4e-6, "\(set) \(c)")
    }
  }

  @Test("gives the same bits however rows and columns are split", arguments: instructionSets)
  func splits(_ set: KernelTable.InstructionSet) throws {
    let table = try kernels(set)
    var random = SeededGenerator(seed: 2, stream: "splits")
    let (rows, depth, columns) = (29, 37, 3 * table.panel + table.lanes + 1)
    let x = GuardedArray(random: rows * depth, &random)
    let weights = GuardedArray(random: depth * columns, &random)
    let packed = GuardedArray(count: table.packedSize(depth: depth, columns: columns))
    table.packProduct(depth: depth, columns: columns, weights.base, stride: columns, into: packed.base)
    let whole = GuardedArray(count: rows * columns)
    table.product(
      rows: rows, depth: depth, x.base, stride: depth, packed: packed.base, columns: columns,
      range: 0..<columns, into: whole.base, stride: columns, KernelEpilogue())
    for step in [1, 2, 5, 12, 17] {
      let parts = GuardedArray(count: rows * columns)
      for row in stride(from: 0, to: rows, by: step) {
        for first in stride(from: 0, to: columns, by: table.panel) {
          table.product(
            rows: min(step, rows - row), depth: depth, x.base + row * depth, stride: depth,
            packed: packed.base, columns: columns, range: first..<min(first + table.panel, columns),
            into: parts.base + row * columns, stride: columns, KernelEpilogue())
        }
      }
      #expect(parts.values.map(\.bitPattern) == whole.values.map(\.bitPattern), "\(set), \(step) rows")
    }
  }

  @Test("applies every activation after the sum", arguments: instructionSets)
  func activations(_ set: KernelTable.InstructionSet) throws {
    let table = try kernels(set)
    var random = SeededGenerator(seed: 3, stream: "activations")
    let (rows, depth, columns) = (14, 6, 2 * table.panel + 3)
    let x = GuardedArray(random: rows * depth, &random)
    let weights = GuardedArray(random: depth * columns, &random)
    let packed = GuardedArray(count: table.packedSize(depth: depth, columns: columns))
    table.packProduct(depth: depth, columns: columns, weights.base, stride: columns, into: packed.base)
    for kind in KernelActivation.Kind.allCases {
      let activation = KernelActivation(kind, low: 0.1, high: 1)
      let (plain, fused) = (GuardedArray(count: rows * columns), GuardedArray(count: rows * columns))
      for (y, epilogue) in [(plain, KernelEpilogue()), (fused, KernelEpilogue(activation: activation))] {
        table.product(
          rows: rows, depth: depth, x.base, stride: depth, packed: packed.base, columns: columns,
          range: 0..<columns, into: y.base, stride: columns, epilogue)
      }
      table.activate(rows * columns, plain.base, into: plain.base, activation)
      #expect(fused.values.map(\.bitPattern) == plain.values.map(\.bitPattern), "\(set) \(kind)")
    }
  }

  @Test("passes on what is not a number", arguments: instructionSets)
  func notANumber(_ set: KernelTable.InstructionSet) throws {
    let table = try kernels(set)
    let weights = GuardedArray(count: 5, repeating: 1)
    let packed = GuardedArray(count: table.packedSize(depth: 1, columns: 5))
    table.packProduct(depth: 1, columns: 5, weights.base, stride: 5, into: packed.base)
    let x = GuardedArray([.nan, 1])
    let y = GuardedArray(count: 10, repeating: 0)
    table.product(
      rows: 2, depth: 1, x.base, stride: 1, packed: packed.base, columns: 5, range: 0..<5, into: y.base,
      stride: 5, KernelEpilogue(activation: .relu6))
    #expect(y.values.map(\.isNaN) == [Bool](repeating: true, count: 5) + [Bool](repeating: false, count: 5))
  }
}
