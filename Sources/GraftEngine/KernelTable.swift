internal import CGraftKernels

/// The kernels of one instruction set; the only file that says `graft_`.
///
/// Kernels take arrays and a range and give arrays; the C header says what each computes. Pointers must
/// cover what the sizes say, which is the caller's business.
package struct KernelTable: Sendable {
  /// The instruction sets that there are kernels for.
  package enum InstructionSet: UInt32, Hashable, Sendable, CaseIterable {
    case portable = 0
    case avx2 = 1
    case avx512 = 2
    case neon = 3
  }

  nonisolated(unsafe) private let table: UnsafePointer<graft_kernels>

  private init(_ table: UnsafePointer<graft_kernels>) { self.table = table }

  /// The best table that this machine can run, or the one that `GRAFT_ISA` names.
  package static let current = KernelTable(graft_kernels_current())

  /// The tables that this machine can run, the portable one first.
  package static let available = InstructionSet.allCases.compactMap { KernelTable($0) }

  /// The table of an instruction set, or nil where the machine lacks it.
  package init?(_ set: InstructionSet) {
    guard let table = graft_kernels_for(graft_isa(rawValue: set.rawValue)) else { return nil }
    self.init(table)
  }

  /// The instruction set's name, as `GRAFT_ISA` takes it.
  package var name: String { String(cString: table.pointee.isa_name) }

  /// Floats in a vector.
  package var lanes: Int { table.pointee.lanes }

  /// Columns in a full panel of packed weights; column ranges start at multiples of it.
  package var panel: Int { table.pointee.panel }

  /// Rows that one pass over a panel computes at most.
  package var rows: Int { table.pointee.rows }
}

extension KernelTable {
  /// Floats that `packProduct` writes.
  package func packedSize(depth: Int, columns: Int) -> Int {
    table.pointee.product_packed_size(depth, columns)
  }

  /// Packs a matrix of depth x columns, rows `stride` floats apart.
  package func packProduct(
    depth: Int, columns: Int, _ weights: UnsafePointer<Float>, stride: Int,
    into packed: UnsafeMutablePointer<Float>
  ) {
    table.pointee.product_pack(depth, columns, weights, stride, packed)
  }

  /// y = epilogue(x w) for `rows` rows and the columns in a range.
  package func product(
    rows: Int, depth: Int, _ x: UnsafePointer<Float>, stride: Int, packed: UnsafePointer<Float>, columns: Int,
    range: Range<Int>, into y: UnsafeMutablePointer<Float>, stride yStride: Int, _ epilogue: KernelEpilogue
  ) {
    var epilogue = epilogue.c
    table.pointee.product(
      rows, depth, x, stride, packed, columns, range.lowerBound, range.upperBound, y, yStride, &epilogue)
  }

  /// Floats that `packStrassen` writes.
  package func strassenPackedSize(depth: Int, columns: Int) -> Int {
    table.pointee.strassen_packed_size(depth, columns)
  }

  /// Packs a matrix as `packProduct` does, for Strassen's method: an even depth, and columns that are a multiple of
  /// two panels.
  package func packStrassen(
    depth: Int, columns: Int, _ weights: UnsafePointer<Float>, stride: Int,
    into packed: UnsafeMutablePointer<Float>
  ) {
    table.pointee.strassen_pack(depth, columns, weights, stride, packed)
  }

  /// Tiles of neighbouring rows that Strassen's method cuts a matrix into.
  package func strassenTiles(rows: Int) -> Int { table.pointee.strassen_tiles(rows) }

  /// Bytes of scratch, aligned to 64, that `strassen` wants.
  package func strassenScratch(depth: Int) -> Int { table.pointee.strassen_scratch(depth) }

  /// y = epilogue(x w) for some tiles of all rows and the columns in a range, ends multiples of two panels. `y` is where
  /// the first row of all goes.
  package func strassen(
    _ x: UnsafePointer<Float>, _ rows: KernelRows, tiles: Range<Int>, depth: Int,
    packed: UnsafePointer<Float>, range: Range<Int>, into y: UnsafeMutablePointer<Float>, stride: Int,
    _ epilogue: KernelEpilogue, scratch: UnsafeMutableRawPointer
  ) {
    var rows = graft_rows(x: x, count: rows.count, stride: rows.stride, width: rows.width, line: rows.line)
    var epilogue = epilogue.c
    table.pointee.strassen(
      &rows, tiles.lowerBound, tiles.upperBound, depth, packed, range.lowerBound, range.upperBound, y, stride,
      &epilogue, scratch)
  }

  /// Bytes of scratch, aligned to 64, that `convolution` wants.
  package func convolutionScratch(_ window: KernelWindow) -> Int {
    var window = window.c
    return table.pointee.convolution_scratch(&window)
  }

  /// Convolution of one picture for output pixels in a range and columns in a range.
  package func convolution(
    _ window: KernelWindow, pixels: Range<Int>, _ x: UnsafePointer<Float>, packed: UnsafePointer<Float>,
    columns: Int, range: Range<Int>, into y: UnsafeMutablePointer<Float>, _ epilogue: KernelEpilogue,
    scratch: UnsafeMutableRawPointer
  ) {
    var window = window.c
    var epilogue = epilogue.c
    table.pointee.convolution(
      &window, pixels.lowerBound, pixels.upperBound, x, packed, columns, range.lowerBound, range.upperBound,
      y, &epilogue, scratch)
  }

  /// Floats that `packWinograd` writes.
  package func winogradPackedSize(side: Int, channels: Int, columns: Int) -> Int {
    table.pointee.winograd_packed_size(side, channels, columns)
  }

  /// Transforms and packs a kernel of 3 x 3 x channels x columns, rows `stride` floats apart, into memory that is aligned
  /// to 64 bytes.
  package func packWinograd(
    side: Int, channels: Int, columns: Int, _ weights: UnsafePointer<Float>, stride: Int,
    into packed: UnsafeMutablePointer<Float>
  ) {
    table.pointee.winograd_pack(side, channels, columns, weights, stride, packed)
  }

  /// Bytes of scratch, aligned to 64, that `winograd` wants.
  package func winogradScratch(side: Int, _ window: KernelWindow) -> Int {
    var window = window.c
    return table.pointee.winograd_scratch(side, &window)
  }

  /// Convolution of pictures that lie `stride` floats apart, for tiles of `side` x `side` outputs (4 or 2) in a
  /// range, counted from picture to picture, and columns in a range; with `pools` the largest of each 2 x 2 outputs.
  package func winograd(
    side: Int, _ window: KernelWindow, tiles: Range<Int>, _ x: UnsafePointer<Float>, stride: Int,
    packed: UnsafePointer<Float>, columns: Int, range: Range<Int>, into y: UnsafeMutablePointer<Float>,
    stride yStride: Int, _ epilogue: KernelEpilogue, residualStride: Int, pools: Bool,
    scratch: UnsafeMutableRawPointer
  ) {
    var window = window.c
    var epilogue = epilogue.c
    table.pointee.winograd(
      side, &window, tiles.lowerBound, tiles.upperBound, x, stride, packed, columns,
      range.lowerBound,
      range.upperBound, y, yStride, &epilogue, residualStride, pools ? 1 : 0, scratch)
  }

  /// Depthwise convolution of one picture for output rows in a range.
  package func depthwise(
    _ window: KernelWindow, rows: Range<Int>, _ x: UnsafePointer<Float>, weights: UnsafePointer<Float>,
    into y: UnsafeMutablePointer<Float>, _ epilogue: KernelEpilogue
  ) {
    var window = window.c
    var epilogue = epilogue.c
    table.pointee.depthwise(&window, rows.lowerBound, rows.upperBound, x, weights, y, &epilogue)
  }
}

extension KernelTable {
  /// The largest value of each window for output rows in a range; padding takes part as zeros if it counts.
  package func poolMax(
    _ window: KernelWindow, rows: Range<Int>, _ x: UnsafePointer<Float>,
    into y: UnsafeMutablePointer<Float>, paddingCounts: Bool
  ) {
    var window = window.c
    table.pointee.pool_max(&window, rows.lowerBound, rows.upperBound, x, y, paddingCounts ? 1 : 0)
  }

  /// The mean of each window for output rows in a range; padding takes part as zeros if it counts.
  package func poolAverage(
    _ window: KernelWindow, rows: Range<Int>, _ x: UnsafePointer<Float>,
    into y: UnsafeMutablePointer<Float>, paddingCounts: Bool
  ) {
    var window = window.c
    table.pointee.pool_average(&window, rows.lowerBound, rows.upperBound, x, y, paddingCounts ? 1 : 0)
  }

  /// The mean over pixels that are `stride` floats apart.
  package func globalAverage(
    pixels: Int, channels: Int, _ x: UnsafePointer<Float>, stride: Int, into y: UnsafeMutablePointer<Float>
  ) {
    table.pointee.global_average(pixels, channels, x, stride, y)
  }

  /// The largest value over pixels that are `stride` floats apart.
  package func globalMax(
    pixels: Int, channels: Int, _ x: UnsafePointer<Float>, stride: Int, into y: UnsafeMutablePointer<Float>
  ) {
    table.pointee.global_max(pixels, channels, x, stride, y)
  }

  /// y = activation(x)
  package func activate(
    _ n: Int, _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, _ activation: KernelActivation
  ) {
    var activation = activation.c
    table.pointee.activate(n, x, y, &activation)
  }

  /// y = activation(a + b)
  package func add(
    _ n: Int, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>,
    _ activation: KernelActivation = .none
  ) {
    var activation = activation.c
    table.pointee.add(n, a, b, y, &activation)
  }

  /// y = activation(a b), element by element
  package func multiply(
    _ n: Int, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>,
    _ activation: KernelActivation = .none
  ) {
    var activation = activation.c
    table.pointee.multiply(n, a, b, y, &activation)
  }

  /// y = activation(x scale + offset), with a scale and an offset a channel, or nil for 1 and 0
  package func affine(
    pixels: Int, channels: Int, _ x: UnsafePointer<Float>, stride: Int, scale: UnsafePointer<Float>?,
    offset: UnsafePointer<Float>?, into y: UnsafeMutablePointer<Float>, stride yStride: Int,
    _ activation: KernelActivation = .none
  ) {
    var activation = activation.c
    table.pointee.affine(pixels, channels, x, stride, scale, offset, y, yStride, &activation)
  }

  /// y = x scale + offset
  package func rescale(
    _ n: Int, _ x: UnsafePointer<Float>, scale: Float, offset: Float, into y: UnsafeMutablePointer<Float>
  ) {
    table.pointee.rescale(n, x, scale, offset, y)
  }

  /// Rows minus their means over their deviations, times gamma plus beta, or nil for 1 and 0
  package func layerNormalize(
    rows: Int, columns: Int, _ x: UnsafePointer<Float>, gamma: UnsafePointer<Float>?,
    beta: UnsafePointer<Float>?, epsilon: Float, into y: UnsafeMutablePointer<Float>
  ) {
    table.pointee.layer_norm(rows, columns, x, gamma, beta, epsilon, y)
  }

  /// The derivative of GELU
  package func geluSlope(_ n: Int, _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>) {
    table.pointee.gelu_slope(n, x, y)
  }

  /// exp(x - max) over its sum, row by row
  package func softmax(
    rows: Int, columns: Int, _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>
  ) {
    table.pointee.softmax(rows, columns, x, y)
  }

  /// Rounds of multiply-adds that wait for nothing; returns the number of floating-point operations.
  package func multiplyAddChains(rounds: Int) -> Int {
    var result: Float = 1
    return table.pointee.multiply_add_chains(rounds, &result)
  }
}

extension KernelTable {
  /// Bytes of scratch, aligned to 64, that `weightGradient` wants for so many channels and columns.
  package func weightGradientScratch(_ window: KernelWindow, depth: Int, columns: Int) -> Int {
    var window = window.c
    return table.pointee.weight_gradient_scratch(&window, depth, columns)
  }

  /// Adds the gradient with respect to a convolution's weights over output pixels counted from picture to picture,
  /// for channels and columns in ranges, and the sums of `dy`.
  package func weightGradient(
    _ window: KernelWindow, pixels: Range<Int>, _ x: UnsafePointer<Float>, stride: Int,
    _ dy: UnsafePointer<Float>, stride dyStride: Int, channels: Range<Int>, columns: Range<Int>,
    into to: UnsafeMutablePointer<Float>, stride toStride: Int, sums: UnsafeMutablePointer<Float>?,
    scratch: UnsafeMutableRawPointer
  ) {
    var window = window.c
    table.pointee.weight_gradient(
      &window, pixels.lowerBound, pixels.upperBound, x, stride, dy, dyStride, channels.lowerBound,
      channels.upperBound, columns.lowerBound, columns.upperBound, to, toStride, sums, scratch)
  }

  /// Transforms tiles of 4 x 4 outputs in a range, counted from picture to picture, into 36 matrices of tiles x
  /// channels, which lie `slice` floats apart and their rows `stride`; `scratch` has room for a row.
  package func winogradInputs(
    _ window: KernelWindow, tiles: Range<Int>, _ x: UnsafePointer<Float>, stride: Int,
    into to: UnsafeMutablePointer<Float>, stride toStride: Int, slice: Int, scratch: UnsafeMutableRawPointer
  ) {
    var window = window.c
    table.pointee.winograd_inputs(
      &window, tiles.lowerBound, tiles.upperBound, x, stride, to, toStride, slice, scratch)
  }

  /// The same for gradients with respect to outputs: 36 matrices of tiles x columns.
  package func winogradGradients(
    _ window: KernelWindow, columns: Int, tiles: Range<Int>, _ dy: UnsafePointer<Float>, stride: Int,
    into to: UnsafeMutablePointer<Float>, stride toStride: Int, slice: Int, scratch: UnsafeMutableRawPointer
  ) {
    var window = window.c
    table.pointee.winograd_gradients(
      &window, columns, tiles.lowerBound, tiles.upperBound, dy, stride, to, toStride, slice, scratch)
  }

  /// From their products, 36 matrices of channels x columns, the gradient with respect to the weights of 3 x 3 x channels
  /// x columns, for channels in a range.
  package func winogradWeights(
    channels: Int, columns: Int, range: Range<Int>, _ products: UnsafePointer<Float>, stride: Int, slice: Int,
    into to: UnsafeMutablePointer<Float>, stride toStride: Int
  ) {
    table.pointee.winograd_weights(
      channels, columns, range.lowerBound, range.upperBound, products, stride, slice, to, toStride)
  }

  /// Adds the gradient with respect to the weights of a depthwise convolution of one picture over output rows in a
  /// range, and the sums of `dy`.
  package func depthwiseWeightGradient(
    _ window: KernelWindow, rows: Range<Int>, _ x: UnsafePointer<Float>, _ dy: UnsafePointer<Float>,
    into to: UnsafeMutablePointer<Float>, sums: UnsafeMutablePointer<Float>?
  ) {
    var window = window.c
    table.pointee.depthwise_weight_gradient(&window, rows.lowerBound, rows.upperBound, x, dy, to, sums)
  }

  /// The gradient with respect to the input of a depthwise convolution of one picture, for input rows in a range.
  package func depthwiseInputGradient(
    _ window: KernelWindow, rows: Range<Int>, _ dy: UnsafePointer<Float>, weights: UnsafePointer<Float>,
    into dx: UnsafeMutablePointer<Float>, accumulates: Bool
  ) {
    var window = window.c
    table.pointee.depthwise_input_gradient(
      &window, rows.lowerBound, rows.upperBound, dy, weights, dx, accumulates ? 1 : 0)
  }

  /// Adds the gradient with respect to the input of `poolMax` over a whole picture.
  package func poolMaxGradient(
    _ window: KernelWindow, _ x: UnsafePointer<Float>, _ dy: UnsafePointer<Float>,
    addingTo dx: UnsafeMutablePointer<Float>, paddingCounts: Bool
  ) {
    var window = window.c
    table.pointee.pool_max_gradient(&window, x, dy, dx, paddingCounts ? 1 : 0)
  }

  /// Sets `dy` to zero where `y` is not strictly between two limits.
  package func gate(
    rows: Int, columns: Int, _ y: UnsafePointer<Float>, stride: Int, above low: Float, below high: Float,
    _ dy: UnsafeMutablePointer<Float>, stride dyStride: Int
  ) {
    table.pointee.gate(rows, columns, y, stride, low, high, dy, dyStride)
  }
}

extension KernelWindow {
  fileprivate var c: graft_window {
    graft_window(
      in_height: inputHeight, in_width: inputWidth, in_channels: channels, in_stride: inputStride,
      out_height: outputHeight, out_width: outputWidth, out_stride: outputStride,
      kernel_height: kernelHeight, kernel_width: kernelWidth, stride_y: strideY, stride_x: strideX,
      dilation_y: dilationY, dilation_x: dilationX, pad_top: padTop, pad_left: padLeft)
  }
}

extension KernelActivation {
  fileprivate var c: graft_activation { graft_activation(kind: kind.rawValue, low: low, high: high) }
}

extension KernelEpilogue {
  fileprivate var c: graft_epilogue {
    graft_epilogue(bias: bias, residual: residual, residual_stride: residualStride, activation: activation.c)
  }
}
