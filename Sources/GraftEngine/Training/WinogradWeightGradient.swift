internal import GraftGraph
internal import GraftTensor

/// The gradient with respect to the weights of a 3 x 3 convolution of stride 1 by the transpose of Winograd's
/// F(4x4, 3x3): tiles of inputs and of gradients are transformed into 36 matrices each, whose products are transformed
/// into the kernel's.
///
/// Tiles go in groups, so that what is transformed stays in a large cache, or is about as large as the products; groups
/// follow from the shapes and the size of the batch alone.
struct WinogradWeightGradient {
  private let window: KernelWindow
  private let channels: Int
  private let filters: Int
  /// Tiles of the batch.
  private let tiles: Int
  /// Tiles of a group.
  private let group: Int

  /// Matrices of each kind.
  private static let matrices = 36
  /// Fewest tiles of a batch, for which the transformation of the products is worth its while.
  private static let leastTiles = 32
  /// Floats of transformed tiles that a group has, about; or twice the products, which are read and written once a
  /// group.
  private static let groupCount = 2 << 20
  /// Groups are multiples of what the product of matrices packs at a time.
  private static let groupUnit = 192
  /// Tiles, and channels, that a share transforms.
  private static let share = 16

  /// Nil where it does not suit the shapes, or is slower than the sum over pixels.
  init?(_ window: SlidingWindow, from input: Shape, to output: Shape, pictures: Int) {
    tiles = pictures * Winograd.tiles(output, 4)
    guard Winograd.suits(window, side: 4, from: input, to: output), tiles >= Self.leastTiles else {
      return nil
    }
    self.window = KernelWindow(window, from: input, to: output)
    (channels, filters) = (input.channels, output.channels)
    let wanted = max(Self.groupCount, 2 * Self.matrices * channels * filters)
    let fitting = wanted / (Self.matrices * (channels + filters))
    group = min(max(fitting / Self.groupUnit, 1) * Self.groupUnit, tiles)
  }

  private static func rowStride(_ count: Int) -> Int { count.roundedUp(to: 16) }

  /// Floats between matrices of so many rows: a line more than they fill, so that they do not all meet in the same sets
  /// of the cache.
  private static func slice(_ rows: Int, _ columns: Int) -> Int { rows * rowStride(columns) + 16 }

  private var inputSlice: Int { Self.slice(group, channels) }
  private var gradientSlice: Int { Self.slice(group, filters) }
  private var productSlice: Int { Self.slice(channels, filters) }

  /// The window of a product of matrices with a tile a row.
  private var rows: KernelWindow {
    var result = KernelWindow()
    (result.inputHeight, result.inputWidth, result.channels) = (1, group, channels)
    (result.outputHeight, result.outputWidth) = (1, group)
    (result.inputStride, result.outputStride) = (Self.rowStride(channels), Self.rowStride(filters))
    return result
  }

  private func tiling(_ kernels: KernelTable) -> WeightTiling {
    WeightTiling(channels: channels, columns: filters, pictures: 1, kernels)
  }

  /// Floats that each worker needs.
  func workerRoom(_ kernels: KernelTable) -> Int {
    let (channels, columns) = tiling(kernels).largest
    let bytes = kernels.weightGradientScratch(rows, depth: channels, columns: columns)
    return max(bytes / MemoryLayout<Float>.stride, self.channels, filters)
  }

  /// Floats that all workers need together.
  var commonRoom: Int { Self.matrices * (inputSlice + gradientSlice + productSlice) }

  /// Computes the gradient with respect to the kernel.
  ///
  /// - Parameter room: `commonRoom` floats.
  func run(
    _ pass: BackwardPass, into kernel: UnsafeMutablePointer<Float>, room: UnsafeMutablePointer<Float>
  ) {
    let inputs = room
    let gradients = inputs + Self.matrices * inputSlice
    let products = gradients + Self.matrices * gradientSlice
    for first in stride(from: 0, to: tiles, by: group) {
      let group = first..<min(first + group, tiles)
      transform(group, inputs, gradients, pass)
      multiply(group.count, inputs, gradients, into: products, clears: first == 0, pass)
    }
    let (stride, share) = (Self.rowStride(filters), Self.share)
    pass.scratch.forEach((channels + share - 1) / share) { index, _ in
      pass.kernels.winogradWeights(
        channels: channels, columns: filters, range: index * share..<min((index + 1) * share, channels),
        products, stride: stride, slice: productSlice, into: kernel, stride: filters)
    }
  }

  /// Transforms the tiles of a group.
  private func transform(
    _ group: Range<Int>, _ inputs: UnsafeMutablePointer<Float>, _ gradients: UnsafeMutablePointer<Float>,
    _ pass: BackwardPass
  ) {
    let (inputCount, outputCount) = (
      window.inputHeight * window.inputWidth * channels, window.outputHeight * window.outputWidth * filters
    )
    let (x, dy) = (pass.inputs[0], UnsafePointer(pass.gradient))
    let (inputStride, gradientStride) = (Self.rowStride(channels), Self.rowStride(filters))
    let shares = (group.count + Self.share - 1) / Self.share
    pass.scratch.forEach(2 * shares) { index, worker in
      let begin = index / 2 * Self.share
      let first = group.lowerBound + begin
      let range = first..<min(first + Self.share, group.upperBound)
      let scratch = UnsafeMutableRawPointer(pass.scratch[worker])
      if index % 2 == 0 {
        pass.kernels.winogradInputs(
          window, tiles: range, x, stride: inputCount, into: inputs + begin * inputStride,
          stride: inputStride, slice: inputSlice, scratch: scratch)
      } else {
        pass.kernels.winogradGradients(
          window, columns: filters, tiles: range, dy, stride: outputCount,
          into: gradients + begin * gradientStride, stride: gradientStride, slice: gradientSlice,
          scratch: scratch)
      }
    }
  }

  /// Adds the products of a group's matrices.
  private func multiply(
    _ count: Int, _ inputs: UnsafeMutablePointer<Float>, _ gradients: UnsafeMutablePointer<Float>,
    into products: UnsafeMutablePointer<Float>, clears: Bool, _ pass: BackwardPass
  ) {
    let (tiling, rows, stride) = (tiling(pass.kernels), rows, Self.rowStride(filters))
    pass.scratch.forEach(Self.matrices * tiling.count) { index, worker in
      let (matrix, share) = index.quotientAndRemainder(dividingBy: tiling.count)
      let (_, channels, columns) = tiling[share]
      let to = products + matrix * productSlice
      if clears {
        for channel in channels {
          (to + channel * stride + columns.lowerBound).update(repeating: 0, count: columns.count)
        }
      }
      pass.kernels.weightGradient(
        rows, pixels: 0..<count, UnsafePointer(inputs + matrix * inputSlice), stride: 0,
        UnsafePointer(gradients + matrix * gradientSlice), stride: 0, channels: channels, columns: columns,
        into: to, stride: stride, sums: nil, scratch: UnsafeMutableRawPointer(pass.scratch[worker]))
    }
  }
}
