internal import GraftGraph
internal import GraftTensor

/// The gradient with respect to the input of a convolution, for the weights as they stand: a product with the
/// transposed weights, or, at stride 1, a convolution with the kernel rotated by half a turn.
///
/// Where the input is the result of a ReLU, the gradient is set to zero where that is flat while it is in the cache.
struct InputGradient: Sendable {
  private enum Method {
    /// The pixels of all pictures are rows.
    case product(PackedWeights)
    /// The same by Strassen's method.
    case strassen(PackedWeights)
    /// The same for the pixels that a kernel of one pixel visits; the others get nothing.
    case scattered(PackedWeights, Tiling)
    case winograd(Winograd)
    case convolution(KernelWindow, PackedWeights, Tiling)
    /// Windows of all output pixels, unfolded; the weights as they are.
    case unfolded(AlignedBuffer)
  }

  private let method: Method
  private let kernels: KernelTable
  private let window: SlidingWindow
  private let input: Shape
  private let output: Shape
  /// Bytes of scratch for each worker.
  let scratchBytes: Int

  /// Bytes of a picture from which on it is cut, so that what a share writes stays in the cache.
  private static let shareBytes = 256 << 10

  /// - Parameters:
  ///   - weights: the kernel of height x width x input channels x output channels.
  ///   - scale: what the kernel is to be multiplied by, one a column.
  /// - Throws: `EngineError` with code `.outOfMemory`.
  init(
    _ name: String, _ weights: UnsafePointer<Float>, scale: [Double]?, _ window: SlidingWindow,
    from input: Shape, to output: Shape, _ kernels: KernelTable
  ) throws {
    self.kernels = kernels
    self.window = window
    self.input = input
    self.output = output
    let (taps, channels, filters) = (
      window.kernel.height * window.kernel.width, input.channels, output.channels
    )
    let factors = scale?.map(Float.init)
    func transposed() -> LinearWeights {
      let matrix = Self.transposed(weights, taps: taps, rows: channels, columns: filters, factors)
      return LinearWeights(layer: name, matrix: matrix, columns: channels)
    }
    func tiling(_ rows: Int, depth: Int) -> Tiling {
      Tiling(rows: rows, depth: depth, columns: channels, kernels: kernels)
    }
    if taps == 1 && !window.isPadded {
      let pixels = output[0] * output[1]
      if window.isPointwise, Strassen.suits(rows: pixels, depth: filters, columns: channels, kernels) {
        method = .strassen(try PackedWeights(strassen: transposed(), for: kernels))
        scratchBytes = kernels.strassenScratch(depth: filters)
        return
      }
      let packed = try PackedWeights(transposed(), columns: 0..<channels, for: kernels)
      if window.isPointwise {
        method = .product(packed)
        scratchBytes = 0
      } else {
        let tiling = tiling(pixels, depth: filters)
        method = .scattered(packed, tiling)
        let largest = (0..<tiling.count).map { tiling[$0].rows.count * tiling[$0].columns.count }.max() ?? 0
        scratchBytes = largest * MemoryLayout<Float>.stride
      }
      return
    }
    var rotated = window
    rotated.top = (window.kernel.height - 1) * window.dilation.height - window.top
    rotated.left = (window.kernel.width - 1) * window.dilation.width - window.left
    rotated.isPadded = true
    if window.stride == 1, rotated.top >= 0, rotated.left >= 0 {
      if Winograd.suits(rotated, groups: 1, from: output, to: input, trains: true) {
        let winograd = try Winograd(
          transposed(), rotated, from: output, to: input, pools: false, trains: true, .none, kernels)
        method = .winograd(winograd)
        scratchBytes = winograd.scratchBytes
      } else {
        let kernelWindow = KernelWindow(rotated, from: output, to: input)
        method = .convolution(
          kernelWindow, try PackedWeights(transposed(), columns: 0..<channels, for: kernels),
          tiling(input[0] * input[1], depth: taps * filters))
        scratchBytes = kernels.convolutionScratch(kernelWindow)
      }
      return
    }
    let copy = try AlignedBuffer(
      count: taps * channels * filters, recycles: true, for: "the weights of layer \(name)")
    for row in 0..<taps * channels {
      for column in 0..<filters {
        copy.base[row * filters + column] = weights[row * filters + column] * (factors?[column] ?? 1)
      }
    }
    method = .unfolded(copy)
    let unfolding = Unfolding(window, from: input, to: output, groups: 1)
    scratchBytes = unfolding.blockRows * unfolding.depth * MemoryLayout<Float>.stride
  }

  /// The taps in reverse, each transposed, with columns multiplied by factors first.
  private static func transposed(
    _ weights: UnsafePointer<Float>, taps: Int, rows: Int, columns: Int, _ factors: [Float]?
  ) -> Tensor {
    let block = 16
    let factors = factors ?? [Float](repeating: 1, count: columns)
    let scalars = [Float](unsafeUninitializedCapacity: taps * rows * columns) { buffer, count in
      count = taps * rows * columns
      guard let base = buffer.baseAddress else { return }
      factors.withUnsafeBufferPointer { factors in
        for tap in 0..<taps {
          let from = weights + tap * rows * columns
          let to = base + (taps - 1 - tap) * rows * columns
          for firstRow in stride(from: 0, to: rows, by: block) {
            for firstColumn in stride(from: 0, to: columns, by: block) {
              for column in firstColumn..<min(firstColumn + block, columns) {
                let factor = factors[column]
                for row in firstRow..<min(firstRow + block, rows) {
                  to[column &* rows &+ row] = from[row &* columns &+ column] * factor
                }
              }
            }
          }
        }
      }
    }
    return Tensor(shape: [taps * columns, rows], scalars: scalars)
  }
}

extension InputGradient {
  /// Computes the gradient with respect to the input of all pictures.
  func run(_ pass: BackwardPass, into target: BackwardPass.Target) {
    switch method {
    case .product(let weights):
      let rows = pass.pictures * input[0] * input[1]
      let tiling = Tiling(rows: rows, depth: weights.depth, columns: weights.columns, kernels: kernels)
      pass.scratch.forEach(tiling.count) { share, _ in product(tiling[share], weights, pass, target) }
    case .strassen(let weights):
      let rows = KernelRows(count: pass.pictures * input[0] * input[1], stride: weights.depth)
      let tiles = StrassenTiling(rows: rows.count, columns: weights.columns, kernels)
      pass.scratch.forEach(tiles.count) { share, worker in
        let (tile, columns) = tiles[share]
        kernels.strassen(
          UnsafePointer(pass.gradient), rows, tiles: tile..<tile + 1, depth: weights.depth,
          packed: weights.base, range: columns, into: target.base, stride: input.channels,
          epilogue(target.base, target), scratch: UnsafeMutableRawPointer(pass.scratch[worker]))
        gate(0, tiles.rows(of: tile), columns, pass, target)
      }
    case .scattered(let weights, let tiling):
      pass.scratch.forEach(pass.pictures) { picture, worker in
        scatter(picture, tiling, weights, pass, target, pass.scratch[worker])
      }
    case .winograd(let winograd):
      run(winograd, pass, target)
    case .convolution(let kernelWindow, let weights, let tiling):
      pass.scratch.forEach(pass.pictures * tiling.count) { index, worker in
        let (picture, share) = index.quotientAndRemainder(dividingBy: tiling.count)
        let (pixels, columns) = tiling[share]
        let dx = target.base + picture * input.count
        kernels.convolution(
          kernelWindow, pixels: pixels, UnsafePointer(pass.gradient + picture * output.count),
          packed: weights.base, columns: weights.columns, range: columns, into: dx,
          epilogue(dx, target), scratch: UnsafeMutableRawPointer(pass.scratch[worker]))
        gate(picture, pixels, columns, pass, target)
      }
    case .unfolded(let weights):
      pass.scratch.forEach(pass.pictures) { picture, worker in
        fold(picture, UnsafePointer(weights.base), pass, target, pass.scratch[worker])
        gate(picture, 0..<input[0] * input[1], 0..<input.channels, pass, target)
      }
    }
  }

  /// What adds to the target where that is wanted.
  private func epilogue(_ dx: UnsafeMutablePointer<Float>, _ target: BackwardPass.Target) -> KernelEpilogue {
    KernelEpilogue(
      residual: target.accumulates ? UnsafePointer(dx) : nil, residualStride: input.channels)
  }

  private func gate(
    _ picture: Int, _ pixels: Range<Int>, _ columns: Range<Int>, _ pass: BackwardPass,
    _ target: BackwardPass.Target
  ) {
    guard let gate = pass.gate else { return }
    let channels = input.channels
    let place = picture * input.count + pixels.lowerBound * channels + columns.lowerBound
    kernels.gate(
      rows: pixels.count, columns: columns.count, pass.inputs[0] + place, stride: channels, above: gate.low,
      below: gate.high, target.base + place, stride: channels)
  }

  private func product(
    _ tile: (rows: Range<Int>, columns: Range<Int>), _ weights: PackedWeights, _ pass: BackwardPass,
    _ target: BackwardPass.Target
  ) {
    let first = tile.rows.lowerBound
    let dx = target.base + first * input.channels
    kernels.product(
      rows: tile.rows.count, depth: weights.depth, UnsafePointer(pass.gradient + first * weights.depth),
      stride: weights.depth, packed: weights.base, columns: weights.columns, range: tile.columns, into: dx,
      stride: input.channels, epilogue(dx, target))
    gate(0, tile.rows, tile.columns, pass, target)
  }

  private func scatter(
    _ picture: Int, _ tiling: Tiling, _ weights: PackedWeights, _ pass: BackwardPass,
    _ target: BackwardPass.Target, _ block: UnsafeMutablePointer<Float>
  ) {
    let dx = target.base + picture * input.count
    let channels = input.channels
    if !target.accumulates { dx.update(repeating: 0, count: input.count) }
    for share in 0..<tiling.count {
      let (rows, columns) = tiling[share]
      // The block holds no other columns.
      let n = columns.count
      kernels.product(
        rows: rows.count, depth: weights.depth,
        UnsafePointer(pass.gradient + picture * output.count + rows.lowerBound * weights.depth),
        stride: weights.depth, packed: weights.base, columns: weights.columns, range: columns,
        into: block - columns.lowerBound, stride: n, KernelEpilogue())
      for row in rows {
        let (y, x) = row.quotientAndRemainder(dividingBy: output[1])
        let pixel = y * window.stride.height * input[1] + x * window.stride.width
        VectorLoops.put(
          n, block + (row - rows.lowerBound) * n, into: dx + pixel * channels + columns.lowerBound,
          accumulates: target.accumulates)
      }
    }
    gate(picture, 0..<input[0] * input[1], 0..<channels, pass, target)
  }

  private func run(_ winograd: Winograd, _ pass: BackwardPass, _ target: BackwardPass.Target) {
    let channels = input.channels
    func run(_ first: Int, _ tiles: Range<Int>, _ columns: Range<Int>, _ worker: Int) {
      let dx = target.base + first * input.count
      winograd.run(
        tiles: tiles, columns: columns, x: UnsafePointer(pass.gradient + first * output.count),
        stride: output.count, second: target.accumulates ? UnsafePointer(dx) : nil,
        secondStride: input.count, into: dx, stride: input.count,
        scratch: UnsafeMutableRawPointer(pass.scratch[worker]))
    }
    let pixels = input[0] * input[1]
    if winograd.isBoundByWeights {
      pass.scratch.forEach(winograd.columnBlocks) { share, worker in
        let columns = winograd.columns(share..<share + 1)
        run(0, 0..<pass.pictures * winograd.tiles, columns, worker)
        for picture in 0..<pass.pictures { gate(picture, 0..<pixels, columns, pass, target) }
      }
      return
    }
    // Whole rows of tiles, so that the pixels of a share lie in one piece.
    let side = winograd.side
    let (across, down) = ((input[1] + side - 1) / side, (input[0] + side - 1) / side)
    let bands = Shares(of: down, atLeast: max(Self.shareBytes / (4 * side * input[1] * channels), 1))
    pass.scratch.forEach(pass.pictures * bands.count) { index, worker in
      let (picture, share) = index.quotientAndRemainder(dividingBy: bands.count)
      let band = bands[share]
      run(picture, band.lowerBound * across..<band.upperBound * across, 0..<channels, worker)
      let rows = band.lowerBound * side..<min(band.upperBound * side, input[0])
      gate(
        picture, rows.lowerBound * input[1]..<rows.upperBound * input[1], 0..<channels, pass, target)
    }
  }

  private func fold(
    _ picture: Int, _ weights: UnsafePointer<Float>, _ pass: BackwardPass, _ target: BackwardPass.Target,
    _ block: UnsafeMutablePointer<Float>
  ) {
    let unfolding = Unfolding(window, from: input, to: output, groups: 1)
    let dx = target.base + picture * input.count
    let (depth, filters) = (unfolding.depth, output.channels)
    if !target.accumulates { dx.update(repeating: 0, count: input.count) }
    let gradient = pass.gradient + picture * output.count
    for rows in unfolding.blocks {
      BLAS.multiply(
        m: rows.count, n: depth, k: filters,
        BLAS.Matrix(UnsafePointer(gradient + rows.lowerBound * filters), stride: filters),
        BLAS.Matrix(weights, stride: filters, transposed: true), into: block, stride: depth)
      unfolding.fold(block, group: 0, pixels: rows, addingTo: dx)
    }
  }
}
