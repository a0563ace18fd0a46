internal import GraftGraph
internal import GraftTensor

/// How the gradient with respect to a convolution's weights is cut: into blocks of channels and columns, and where
/// those are few, into parts of the batch, which are added up in order.
struct WeightTiling {
  let channels: Shares
  let columns: Shares
  let parts: Int
  private let channelCount: Int
  private let columnCount: Int
  private let panel: Int

  /// Channels that blocks begin at multiples of: whole strips of every instruction set, or nearly.
  private static let unit = 24
  /// Channels and columns of a block, of which a batch's pixels, a few at a time, stay in the second-level cache.
  private static let block = (channels: 192, columns: 256)
  /// Shares that keep a handful of threads busy.
  private static let enough = 8

  init(channels: Int, columns: Int, pictures: Int, _ kernels: KernelTable) {
    channelCount = channels
    columnCount = columns
    panel = kernels.panel
    self.channels = Shares(
      of: (channels + Self.unit - 1) / Self.unit, atLeast: Self.block.channels / Self.unit)
    self.columns = Shares(of: (columns + panel - 1) / panel, atLeast: Self.block.columns / panel)
    let tiles = self.channels.count * self.columns.count
    parts = min((Self.enough + tiles - 1) / tiles, pictures)
  }

  var count: Int { channels.count * columns.count * parts }

  /// The widest block.
  var largest: (channels: Int, columns: Int) {
    let unit = (channels.total + channels.count - 1) / channels.count
    let panels = (columns.total + columns.count - 1) / columns.count
    return (min(unit * Self.unit, channelCount), min(panels * panel, columnCount))
  }

  subscript(share: Int) -> (part: Int, channels: Range<Int>, columns: Range<Int>) {
    let (part, tile) = share.quotientAndRemainder(dividingBy: channels.count * columns.count)
    let (row, column) = tile.quotientAndRemainder(dividingBy: columns.count)
    let (units, panels) = (channels[row], columns[column])
    return (
      part, units.lowerBound * Self.unit..<min(units.upperBound * Self.unit, channelCount),
      panels.lowerBound * panel..<min(panels.upperBound * panel, columnCount)
    )
  }
}

extension ConvolutionTraining {
  /// With few channels, a whole row of the kernel is one tap, and pictures are copied to have zeros around them.
  private var joinsRows: Bool {
    inputShapes[0].channels < 16 && window.kernel.width > 1 && window.dilation == 1
  }

  /// The window that the gradient of weights is taken over: of the copied picture, where that is.
  private var gradientWindow: KernelWindow {
    var result = KernelWindow(window, from: inputShapes[0], to: shape)
    guard joinsRows else { return result }
    result.inputHeight = (shape[0] - 1) * window.stride.height + window.kernel.height
    result.inputWidth = (shape[1] - 1) * window.stride.width + window.kernel.width
    result.kernelWidth = 1
    result.channels *= window.kernel.width
    (result.padTop, result.padLeft) = (0, 0)
    return result
  }

  private func tiling(_ pictures: Int, _ kernels: KernelTable) -> WeightTiling {
    WeightTiling(channels: gradientWindow.channels, columns: filters, pictures: pictures, kernels)
  }

  /// Floats of the copied picture.
  private var copyCount: Int {
    joinsRows ? gradientWindow.inputHeight * gradientWindow.inputWidth * inputShapes[0].channels : 0
  }

  private func winograd(_ pictures: Int) -> WinogradWeightGradient? {
    WinogradWeightGradient(window, from: inputShapes[0], to: shape, pictures: pictures)
  }

  func wholeRoom(_ pictures: Int, _ kernels: KernelTable) -> TrainingRoom {
    if let winograd = winograd(pictures) {
      return TrainingRoom(
        worker: max(winograd.workerRoom(kernels), FoldedGradients.room),
        common: filters.roundedUp(to: 16) + max(winograd.commonRoom, sums(pictures).room(terms: 1)))
    }
    let tiling = tiling(pictures, kernels)
    let (channels, columns) = tiling.largest
    let scratch = kernels.weightGradientScratch(gradientWindow, depth: channels, columns: columns)
    let parts = tiling.parts > 1 ? tiling.parts * (weightCount + filters) : 0
    return TrainingRoom(
      worker: max(scratch / MemoryLayout<Float>.stride + copyCount.roundedUp(to: 16), FoldedGradients.room),
      common: filters + max(parts, sums(pictures).room(terms: 1)))
  }

  /// The gradients of all parameters that train, those of a folded batch normalization too.
  func weightGradients(_ pass: BackwardPass) {
    let normalization = normalization.map { pass.parameters.sibling($0.name) }
    let kernel = pass.parameters.gradient("kernel")
    let sums = pass.scratch.common
    let winograd = kernel == nil ? nil : winograd(pass.pictures)
    if let kernel, winograd == nil {
      addProducts(pass, into: kernel, sums: sums)
    } else if kernel != nil || pass.parameters.trains("bias") || normalization?.trains("beta") == true {
      let totals = self.sums(pass.pictures).sum(terms: 1, pass.scratch) { row, totals in
        VectorLoops.add(filters, pass.gradient + row * filters, to: totals)
      }
      for column in 0..<filters { sums[column] = Float(totals[0][column]) }
    } else {
      return
    }
    if let kernel, let winograd { winograd.run(pass, into: kernel, room: sums + filters.roundedUp(to: 16)) }
    FoldedGradients(rows: depth, columns: filters).finish(
      self.normalization, kernel: kernel, weights: pass.parameters.values("kernel").map { UnsafePointer($0) },
      sums: sums, pass)
  }

  private func addProducts(
    _ pass: BackwardPass, into kernel: UnsafeMutablePointer<Float>, sums: UnsafeMutablePointer<Float>
  ) {
    let tiling = tiling(pass.pictures, pass.kernels)
    let (parts, filters) = (tiling.parts, filters)
    let partSize = weightCount + filters
    let partials = sums + filters
    pass.scratch.forEach(tiling.count) { share, worker in
      let (part, channels, columns) = tiling[share]
      let to = parts > 1 ? partials + part * partSize : kernel
      let totals = parts > 1 ? to + weightCount : sums
      clear(to, totals, channels, columns)
      let pictures = pass.pictures * part / parts..<pass.pictures * (part + 1) / parts
      add(
        pictures, channels, columns, into: to, sums: channels.lowerBound == 0 ? totals : nil, pass,
        pass.scratch[worker])
    }
    guard parts > 1 else { return }
    PartialSums.add(parts, count: weightCount, stride: partSize, partials, into: kernel, pass.scratch)
    PartialSums.add(
      parts, count: filters, stride: partSize, partials + weightCount, into: sums, pass.scratch)
  }

  private func clear(
    _ kernel: UnsafeMutablePointer<Float>, _ sums: UnsafeMutablePointer<Float>, _ channels: Range<Int>,
    _ columns: Range<Int>
  ) {
    let window = gradientWindow
    for tap in 0..<window.kernelHeight * window.kernelWidth {
      for channel in channels {
        (kernel + (tap * window.channels + channel) * filters + columns.lowerBound)
          .update(repeating: 0, count: columns.count)
      }
    }
    if channels.lowerBound == 0 {
      (sums + columns.lowerBound).update(repeating: 0, count: columns.count)
    }
  }

  private func add(
    _ pictures: Range<Int>, _ channels: Range<Int>, _ columns: Range<Int>,
    into kernel: UnsafeMutablePointer<Float>, sums: UnsafeMutablePointer<Float>?, _ pass: BackwardPass,
    _ scratch: UnsafeMutablePointer<Float>
  ) {
    let window = gradientWindow
    let (x, dy) = (pass.inputs[0], UnsafePointer(pass.gradient))
    func add(_ range: Range<Int>, _ x: UnsafePointer<Float>, _ stride: Int, _ dy: UnsafePointer<Float>) {
      pass.kernels.weightGradient(
        window, pixels: range, x, stride: stride, dy, stride: shape.count, channels: channels,
        columns: columns, into: kernel, stride: filters, sums: sums,
        scratch: UnsafeMutableRawPointer(scratch + copyCount.roundedUp(to: 16)))
    }
    guard joinsRows else {
      add(
        pictures.lowerBound * pixels..<pictures.upperBound * pixels, x, inputShapes[0].count, dy)
      return
    }
    for picture in pictures {
      copy(x + picture * inputShapes[0].count, into: scratch)
      add(0..<pixels, UnsafePointer(scratch), 0, dy + picture * shape.count)
    }
  }

  /// Copies a picture, as far as windows reach, with zeros around it.
  private func copy(_ x: UnsafePointer<Float>, into copy: UnsafeMutablePointer<Float>) {
    let reached = gradientWindow
    let (height, width, channels) = (inputShapes[0][0], inputShapes[0][1], inputShapes[0].channels)
    let first = min(window.left, reached.inputWidth)
    let count = max(min(width, reached.inputWidth - first), 0)
    let rest = reached.inputWidth - first - count
    for row in 0..<reached.inputHeight {
      let to = copy + row * reached.inputWidth * channels
      let source = row - window.top
      guard 0 <= source, source < height else {
        to.update(repeating: 0, count: reached.inputWidth * channels)
        continue
      }
      to.update(repeating: 0, count: first * channels)
      (to + first * channels).update(from: x + source * width * channels, count: count * channels)
      (to + (first + count) * channels).update(repeating: 0, count: rest * channels)
    }
  }
}
