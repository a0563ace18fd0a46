import GraftEngine
import GraftGraph
import GraftSupport
import GraftTensor
import Testing
import _GraftTestSupport

/// Matrices for one case of a product by Strassen's method.
private struct StrassenFixture {
  let rows, depth, columns: Int
  let xStride, yStride, residualStride: Int
  let x, weights, bias, residual, packed: GuardedArray

  init(
    rows: Int, depth: Int, pairs: Int, gap: Int = 0, _ table: KernelTable, _ random: inout SeededGenerator
  ) {
    (self.rows, self.depth) = (rows, depth)
    columns = pairs * 2 * table.panel
    (xStride, yStride, residualStride) = (depth + gap, columns + gap, columns + 2 * gap)
    x = GuardedArray(random: rows * xStride - gap, &random)
    weights = GuardedArray(random: depth * columns, &random)
    bias = GuardedArray(random: columns, &random)
    residual = GuardedArray(random: rows * residualStride - 2 * gap, &random)
    packed = GuardedArray(count: table.strassenPackedSize(depth: depth, columns: columns))
    table.packStrassen(
      depth: depth, columns: columns, weights.base, stride: columns, into: packed.base)
  }

  /// Runs the kernel on ranges of tiles and columns; what it must not write stays -1.
  func run(
    _ table: KernelTable, tiles: [Range<Int>]? = nil, columns ranges: [Range<Int>]? = nil,
    activation: KernelActivation = .none, residual: Bool = false
  ) -> GuardedArray {
    let y = GuardedArray(count: rows * yStride - (yStride - columns), repeating: -1)
    withScratch(table.strassenScratch(depth: depth)) { scratch in
      for tiles in tiles ?? [0..<table.strassenTiles(rows: rows)] {
        for columns in ranges ?? [0..<columns] {
          table.strassen(
            x.base, KernelRows(count: rows, stride: xStride), tiles: tiles, depth: depth, packed: packed.base,
            range: columns, into: y.base, stride: yStride,
            KernelEpilogue(
              bias: bias.base, residual: residual ? self.residual.base : nil,
              residualStride: residualStride, activation: activation),
            scratch: scratch)
        }
      }
    }
    return y
  }

  /// The sums in Double, -1 between rows.
  func sums(residual: Bool) -> [Double] {
    var expected = [Double](repeating: -1, count: rows * yStride - (yStride - columns))
    for r in 0..<rows {
      for j in 0..<columns {
        var sum = Double(bias.base[j])
        if residual { sum += Double(self.residual.base[r * residualStride + j]) }
        for k in 0..<depth {
          sum += Double(x.base[r * xStride + k]) * Double(weights.base[k * columns + j])
        }
        expected[r * yStride + j] = sum
      }
    }
    return expected
  }
}

@Suite("Matrix product by Strassen's method")
struct StrassenTests {
  static let shapes = [
    (1, 2, 1), (2, 6, 2), (3, 16, 1), (11, 18, 1), (13, 64, 2), (49, 46, 1), (99, 8, 1), (100, 10, 1),
    (101, 12, 1), (205, 22, 2),
  ]

  @Test("is within rounding of the sum in Double", arguments: instructionSets)
  func againstReference(_ set: KernelTable.InstructionSet) throws {
    let table = try kernels(set)
    var random = SeededGenerator(seed: 21, stream: "strassen")
    for (rows, depth, pairs) in Self.shapes {
      for gap in [0, 3] {
        let f = StrassenFixture(rows: rows, depth: depth, pairs: pairs, gap: gap, table, &random)
        for residual in [false, true] {
          let found = f.run(
            table, activation: KernelActivation(.clamp, low: -1, high: 3), residual: residual)
          expectClose(
            found.values, f.sums(residual: residual).map { min(max($0, -1), 3) }, tolerance: 5e-6,
            "\(set), \(rows) x \(depth) x \(f.columns), gap \(gap)")
        }
      }
    }
  }

  @Test("gives the same bits however tiles and columns are split", arguments: instructionSets)
  func splits(_ set: KernelTable.InstructionSet) throws {
    let table = try kernels(set)
    var random = SeededGenerator(seed: 22, stream: "strassen splits")
    let f = StrassenFixture(rows: 517, depth: 38, pairs: 3, gap: 1, table, &random)
    let tiles = table.strassenTiles(rows: f.rows)
    #expect(tiles > 2)
    let whole = f.run(table, residual: true)
    let parts = f.run(
      table, tiles: (0..<tiles).reversed().map { $0..<$0 + 1 },
      columns: [0, 2, 1].map { $0 * 2 * table.panel..<($0 + 1) * 2 * table.panel }, residual: true)
    #expect(parts.values.map(\.bitPattern) == whole.values.map(\.bitPattern), "\(set)")
  }

  @Test("applies every activation after the sum", arguments: instructionSets)
  func activations(_ set: KernelTable.InstructionSet) throws {
    let table = try kernels(set)
    var random = SeededGenerator(seed: 23, stream: "strassen activations")
    let f = StrassenFixture(rows: 7, depth: 20, pairs: 1, table, &random)
    let plain = f.run(table, residual: true)
    for kind in KernelActivation.Kind.allCases {
      let activation = KernelActivation(kind, low: 0.1, high: 1)
      let found = f.run(table, activation: activation, residual: true)
      let expected = GuardedArray(count: plain.count)
      table.activate(plain.count, plain.base, into: expected.base, activation)
      #expect(found.values.map(\.bitPattern) == expected.values.map(\.bitPattern), "\(set) \(kind)")
    }
  }
}
