import GraftEngine
import GraftGraph
import GraftSupport
import GraftTensor
import Testing
import _GraftTestSupport

/// Pictures, weights and everything else for one case of Winograd's convolution.
private struct WinogradFixture {
  static let pictures = 2
  let side: Int
  let shape: WindowCase
  let filters: Int
  let gap: Int
  let window: KernelWindow
  let weights, bias, x, residual, packed: GuardedArray

  init(
    side: Int, _ shape: WindowCase, filters: Int, gap: Int = 0, _ table: KernelTable,
    _ random: inout SeededGenerator
  ) {
    self.side = side
    (self.shape, self.filters, self.gap) = (shape, filters, gap)
    window = shape.window(outputs: filters, gap: gap)
    weights = GuardedArray(random: 9 * shape.channels * filters, &random)
    bias = GuardedArray(random: filters, &random)
    let (pixels, places) = (shape.height * shape.width, shape.output.height * shape.output.width)
    x = GuardedArray(random: Self.pictures * pixels * (shape.channels + gap) - gap, &random)
    residual = GuardedArray(random: Self.pictures * places * filters, &random)
    packed = GuardedArray(
      count: table.winogradPackedSize(side: side, channels: shape.channels, columns: filters))
    table.packWinograd(
      side: side, channels: shape.channels, columns: filters, weights.base, stride: filters,
      into: packed.base
    )
  }

  var pixels: Int { shape.height * shape.width }
  var places: Int { shape.output.height * shape.output.width }
  var tiles: Int { ((shape.output.height + side - 1) / side) * ((shape.output.width + side - 1) / side) }
  var xStride: Int { pixels * (shape.channels + gap) }

  /// The sums of a picture in Double, bias included.
  func sums(_ picture: Int) -> ReferenceArray {
    let dense = (0..<pixels * shape.channels).map {
      Double(x.base[picture * xStride + $0 / shape.channels * (shape.channels + gap) + $0 % shape.channels])
    }
    return Reference.convolution(
      ReferenceArray(shape.shape, dense), ReferenceArray([3, 3, shape.channels, filters], weights.doubles),
      bias: bias.doubles, shape.reference)
  }

  /// Runs the kernel on ranges of tiles and columns.
  func run(
    _ table: KernelTable, tiles: [Range<Int>], columns: [Range<Int>], activation: KernelActivation = .none,
    residual: Bool = false, pools: Bool = false
  ) -> [Float] {
    let places = pools ? (shape.output.height / 2) * (shape.output.width / 2) : places
    let y = GuardedArray(count: max(Self.pictures * places * (filters + gap) - gap, 0), repeating: 0)
    withScratch(table.winogradScratch(side: side, window)) { scratch in
      for tiles in tiles {
        for columns in columns {
          table.winograd(
            side: side, window, tiles: tiles, x.base, stride: xStride, packed: packed.base,
            columns: filters,
            range: columns, into: y.base, stride: places * (filters + gap),
            KernelEpilogue(
              bias: bias.base, residual: residual ? self.residual.base : nil, residualStride: filters,
              activation: activation),
            residualStride: residual ? places * filters : 0, pools: pools, scratch: scratch)
        }
      }
    }
    return (0..<Self.pictures * places * filters).map {
      y.base[$0 / filters * (filters + gap) + $0 % filters]
    }
  }

  func whole(_ table: KernelTable, pools: Bool = false) -> [Float] {
    run(table, tiles: [0..<Self.pictures * tiles], columns: [0..<filters], pools: pools)
  }
}

@Suite("Winograd's convolution")
struct WinogradTests {
  static let shapes = [
    WindowCase(height: 1, width: 1, channels: 3, kernel: 3, insets: EdgeInsets(1)),
    WindowCase(height: 3, width: 19, channels: 17, kernel: 3),
    WindowCase(height: 7, width: 7, channels: 40, kernel: 3, insets: EdgeInsets(1)),
    WindowCase(height: 8, width: 8, channels: 64, kernel: 3, insets: EdgeInsets(1)),
    WindowCase(
      height: 10, width: 6, channels: 5, kernel: 3, insets: EdgeInsets(top: 2, bottom: 1, left: 0, right: 3)),
    WindowCase(
      height: 9, width: 13, channels: 100, kernel: 3, insets: EdgeInsets(top: 0, bottom: 1, left: 1, right: 0)
    ),
  ]

  @Test("is within rounding of the sum in Double", arguments: instructionSets, [4, 2])
  func againstReference(_ set: KernelTable.InstructionSet, side: Int) throws {
    let table = try kernels(set)
    var random = SeededGenerator(seed: 11, stream: "winograd")
    for shape in Self.shapes {
      for (filters, gap) in [(1, 0), (33, 3)] {
        let f = WinogradFixture(side: side, shape, filters: filters, gap: gap, table, &random)
        let all = 0..<WinogradFixture.pictures * f.tiles
        let found = f.run(table, tiles: [all], columns: [0..<filters], activation: .relu, residual: true)
        for picture in 0..<WinogradFixture.pictures {
          let range = picture * f.places * filters..<(picture + 1) * f.places * filters
          let expected = zip(f.sums(picture).values, f.residual.doubles[range]).map { max($0 + $1, 0) }
          expectClose(
            Array(found[range]), expected, tolerance: 1e-5, "\(set), \(side), \(shape.testDescription)")
        }
      }
    }
  }

  @Test("reads weights that were too many for the caches when they were packed", arguments: instructionSets)
  func largeWeights(_ set: KernelTable.InstructionSet) throws {
    let table = try kernels(set)
    var random = SeededGenerator(seed: 15, stream: "winograd weights")
    let shape = WindowCase(height: 5, width: 4, channels: 250, kernel: 3, insets: EdgeInsets(1))
    let f = WinogradFixture(side: 4, shape, filters: 277, table, &random)
    #expect(table.winogradPackedSize(side: 4, channels: 250, columns: 277) > 8 << 18)
    let found = f.whole(table)
    for picture in 0..<WinogradFixture.pictures {
      let range = picture * f.places * 277..<(picture + 1) * f.places * 277
      expectClose(Array(found[range]), f.sums(picture).values, tolerance: 1e-5, "\(set), picture \(picture)")
    }
  }

  @Test("keeps the largest of each four results where it pools", arguments: instructionSets, [4, 2])
  func pooling(_ set: KernelTable.InstructionSet, side: Int) throws {
    let table = try kernels(set)
    var random = SeededGenerator(seed: 12, stream: "winograd pooling")
    for shape in Self.shapes.dropFirst() {
      let f = WinogradFixture(side: side, shape, filters: 37, table, &random)
      let (height, width) = (shape.output.height, shape.output.width)
      let (plain, pooled) = (f.whole(table), f.whole(table, pools: true))
      var expected: [Float] = []
      for picture in 0..<WinogradFixture.pictures {
        for y in 0..<height / 2 {
          for x in 0..<width / 2 {
            for c in 0..<37 {
              expected.append(
                [(0, 0), (0, 1), (1, 0), (1, 1)].map { dy, dx in
                  plain[((picture * height + 2 * y + dy) * width + 2 * x + dx) * 37 + c]
                }.max() ?? 0)
            }
          }
        }
      }
      #expect(pooled == expected, "\(set), \(side), \(shape.testDescription)")
    }
  }

  @Test("gives the same bits however tiles and columns are split", arguments: instructionSets, [4, 2])
  func splits(_ set: KernelTable.InstructionSet, side: Int) throws {
    let table = try kernels(set)
    var random = SeededGenerator(seed: 13, stream: "winograd splits")
    let f = WinogradFixture(
      side: side,
      WindowCase(height: 19, width: 22, channels: 21, kernel: 3, insets: EdgeInsets(1)),
      filters: 3 * table.panel + 5, table, &random)
    let whole = f.whole(table).map(\.bitPattern)
    let columns = stride(from: 0, to: f.filters, by: table.panel).map {
      $0..<min($0 + table.panel, f.filters)
    }
    for step in [1, 7, 30, 61] {
      let total = WinogradFixture.pictures * f.tiles
      let tiles = stride(from: 0, to: total, by: step).map { $0..<min($0 + step, total) }
      let parts = f.run(table, tiles: tiles, columns: columns)
      #expect(parts.map(\.bitPattern) == whole, "\(set), \(side), \(step) tiles")
    }
  }

  @Test("applies every activation after the sum", arguments: instructionSets, [4, 2])
  func activations(_ set: KernelTable.InstructionSet, side: Int) throws {
    let table = try kernels(set)
    var random = SeededGenerator(seed: 14, stream: "winograd activations")
    let f = WinogradFixture(
      side: side, WindowCase(height: 6, width: 5, channels: 4, kernel: 3, insets: EdgeInsets(1)),
      filters: 19,
      table,
      &random)
    let plain = GuardedArray(f.whole(table))
    for kind in KernelActivation.Kind.allCases {
      let activation = KernelActivation(kind, low: 0.1, high: 1)
      let found = f.run(
        table, tiles: [0..<WinogradFixture.pictures * f.tiles], columns: [0..<19], activation: activation)
      let expected = GuardedArray(count: plain.count)
      table.activate(plain.count, plain.base, into: expected.base, activation)
      #expect(found.map(\.bitPattern) == expected.values.map(\.bitPattern), "\(set), \(side), \(kind)")
    }
  }
}
