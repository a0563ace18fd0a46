import GraftEngine
import GraftGraph
import GraftSupport
import GraftTensor
import Testing
import _GraftTestSupport

/// A window over a small picture, for kernels that slide.
struct WindowCase: Sendable, CustomTestStringConvertible {
  var height: Int
  var width: Int
  var channels: Int
  var kernel: Extent
  var stride: Extent = 1
  var dilation: Extent = 1
  var insets = EdgeInsets.zero

  var reference: ReferenceWindow {
    ReferenceWindow(kernel, stride: stride, dilation: dilation, insets: insets)
  }

  var shape: Shape { [height, width, channels] }
  var output: Extent { reference.extent(over: shape) }

  /// The window for a kernel whose pixels are `gap` floats further apart than they have channels.
  func window(outputs: Int, gap: Int = 0) -> KernelWindow {
    var window = KernelWindow()
    window.inputHeight = height
    window.inputWidth = width
    window.channels = channels
    window.inputStride = channels + gap
    window.outputHeight = output.height
    window.outputWidth = output.width
    window.outputStride = outputs + gap
    window.kernelHeight = kernel.height
    window.kernelWidth = kernel.width
    window.strideY = stride.height
    window.strideX = stride.width
    window.dilationY = dilation.height
    window.dilationX = dilation.width
    window.padTop = insets.top
    window.padLeft = insets.left
    return window
  }

  var testDescription: String {
    "\(shape) kernel \(kernel.height)×\(kernel.width) stride \(stride.height)×\(stride.width) "
      + "insets \(insets.top) \(insets.bottom) \(insets.left) \(insets.right)"
  }

  /// Sizes, strides, dilations and paddings with odd edges, over the given numbers of channels.
  static func all(channels: [Int]) -> [WindowCase] {
    let wide = EdgeInsets(top: 2, bottom: 1, left: 0, right: 3)
    let shapes: [WindowCase] = [
      WindowCase(height: 1, width: 1, channels: 0, kernel: 1),
      WindowCase(height: 1, width: 1, channels: 0, kernel: 3, insets: EdgeInsets(1)),
      WindowCase(height: 5, width: 7, channels: 0, kernel: 1, stride: 2),
      WindowCase(height: 7, width: 7, channels: 0, kernel: 3, insets: EdgeInsets(1)),
      WindowCase(height: 3, width: 19, channels: 0, kernel: 3),
      WindowCase(height: 8, width: 6, channels: 0, kernel: 3, insets: wide),
      WindowCase(
        height: 8, width: 9, channels: 0, kernel: 3, stride: 2,
        insets: EdgeInsets(top: 0, bottom: 1, left: 0, right: 1)),
      WindowCase(height: 9, width: 11, channels: 0, kernel: 3, stride: 2, insets: EdgeInsets(1)),
      WindowCase(height: 6, width: 13, channels: 0, kernel: 5, insets: EdgeInsets(2)),
      WindowCase(height: 7, width: 12, channels: 0, kernel: 5, stride: 2, insets: wide),
      WindowCase(height: 2, width: 2, channels: 0, kernel: 5, insets: EdgeInsets(2)),
      WindowCase(height: 9, width: 8, channels: 0, kernel: 3, dilation: 2, insets: EdgeInsets(2)),
      WindowCase(height: 9, width: 15, channels: 0, kernel: 7, stride: 2, insets: EdgeInsets(3)),
      WindowCase(
        height: 5, width: 9, channels: 0, kernel: Extent(height: 2, width: 4),
        stride: Extent(height: 1, width: 3), insets: wide),
    ]
    return shapes.flatMap { shape in
      channels.map { count in
        var shape = shape
        shape.channels = count
        return shape
      }
    }
  }
}

@Suite("Convolution without im2col")
struct ConvolutionKernelTests {
  @Test("equals the sum in Double over odd shapes", arguments: instructionSets)
  func againstReference(_ set: KernelTable.InstructionSet) throws {
    let table = try kernels(set)
    var random = SeededGenerator(seed: 4, stream: "convolution")
    for c in WindowCase.all(channels: [1, 3, 15, 16, 18]) {
      let filters = [1, 5, 9, 33][random.below(4)]
      // Three channels may lie apart too; then kernel rows are not in one piece.
      let gap = random.below(2) * 3
      let weights = GuardedArray(random: c.kernel.height * c.kernel.width * c.channels * filters, &random)
      let depth = weights.count / filters
      let packed = GuardedArray(count: table.packedSize(depth: depth, columns: filters))
      table.packProduct(depth: depth, columns: filters, weights.base, stride: filters, into: packed.base)
      let bias = GuardedArray(random: filters, &random)
      let (pixels, places) = (c.height * c.width, c.output.height * c.output.width)
      let x = GuardedArray(random: pixels * (c.channels + gap) - gap, &random)
      let residual = GuardedArray(random: places * filters, &random)
      let y = GuardedArray(count: places * (filters + gap) - gap, repeating: 0)
      let window = c.window(outputs: filters, gap: gap)
      let epilogue = KernelEpilogue(
        bias: bias.base, residual: residual.base, residualStride: filters, activation: .relu)
      withScratch(table.convolutionScratch(window)) { scratch in
        let half = places / 2
        for range in [0..<half, half..<places] {
          table.convolution(
            window, pixels: range, x.base, packed: packed.base, columns: filters, range: 0..<filters,
            into: y.base, epilogue, scratch: scratch)
        }
      }
      let dense = (0..<pixels * c.channels).map {
        Double(x.base[$0 / c.channels * (c.channels + gap) + $0 % c.channels])
      }
      let expected = Reference.convolution(
        ReferenceArray(c.shape, dense),
        ReferenceArray([c.kernel.height, c.kernel.width, c.channels, filters], weights.doubles),
        bias: bias.doubles, c.reference)
      let found = (0..<places * filters).map { y.base[$0 / filters * (filters + gap) + $0 % filters] }
      let sums = zip(expected.values, residual.doubles).map { max($0 + $1, 0) }
      expectClose(found, sums, tolerance: 2e-6, "\(set) \(c.testDescription) gap \(gap)")
    }
  }

  @Test("gives the same bits as the product where the kernel is one pixel", arguments: instructionSets)
  func likeProduct(_ set: KernelTable.InstructionSet) throws {
    let table = try kernels(set)
    var random = SeededGenerator(seed: 5, stream: "pointwise")
    let c = WindowCase(height: 5, width: 6, channels: 21, kernel: 1)
    let x = GuardedArray(random: 30 * 21, &random)
    let weights = GuardedArray(random: 21 * 35, &random)
    let packed = GuardedArray(count: table.packedSize(depth: 21, columns: 35))
    table.packProduct(depth: 21, columns: 35, weights.base, stride: 35, into: packed.base)
    let (y, z) = (GuardedArray(count: 30 * 35), GuardedArray(count: 30 * 35))
    let window = c.window(outputs: 35)
    withScratch(table.convolutionScratch(window)) { scratch in
      table.convolution(
        window, pixels: 0..<30, x.base, packed: packed.base, columns: 35, range: 0..<35, into: y.base,
        KernelEpilogue(), scratch: scratch)
    }
    table.product(
      rows: 30, depth: 21, x.base, stride: 21, packed: packed.base, columns: 35, range: 0..<35,
      into: z.base, stride: 35, KernelEpilogue())
    #expect(y.values.map(\.bitPattern) == z.values.map(\.bitPattern))
  }
}

@Suite("Depthwise convolution")
struct DepthwiseKernelTests {
  @Test("equals the sum in Double over odd shapes", arguments: instructionSets)
  func againstReference(_ set: KernelTable.InstructionSet) throws {
    let table = try kernels(set)
    var random = SeededGenerator(seed: 6, stream: "depthwise")
    for c in WindowCase.all(channels: [1, 3, 4, 8, 16, 17, 40]) {
      let gap = random.below(2) * 3
      let weights = GuardedArray(random: c.kernel.height * c.kernel.width * c.channels, &random)
      let bias = GuardedArray(random: c.channels, &random)
      let (pixels, places) = (c.height * c.width, c.output.height * c.output.width)
      let x = GuardedArray(random: pixels * (c.channels + gap) - gap, &random)
      let y = GuardedArray(count: places * (c.channels + gap) - gap, repeating: 0)
      let window = c.window(outputs: c.channels, gap: gap)
      for activation in [KernelActivation.relu6, KernelActivation(.hardSwish)] {
        let half = c.output.height / 2
        for range in [0..<half, half..<c.output.height] {
          table.depthwise(
            window, rows: range, x.base, weights: weights.base, into: y.base,
            KernelEpilogue(bias: bias.base, activation: activation))
        }
        let dense = (0..<pixels * c.channels).map {
          Double(x.base[$0 / c.channels * (c.channels + gap) + $0 % c.channels])
        }
        let sums = Reference.depthwise(
          ReferenceArray(c.shape, dense),
          ReferenceArray([c.kernel.height, c.kernel.width, c.channels, 1], weights.doubles),
          bias: bias.doubles, c.reference)
        let expected = Reference.activation(
          sums.values, activation.kind == .clamp ? .relu6 : .hardSwish, channels: c.channels)
        let found = (0..<places * c.channels).map {
          y.base[$0 / c.channels * (c.channels + gap) + $0 % c.channels]
        }
        expectClose(
          found, expected, tolerance: 2e-6, floor: 0.1, "\(set) \(c.testDescription) gap \(gap)")
      }
    }
  }
}

@Suite("Pooling")
struct PoolingKernelTests {
  @Test(
    "equals the maximum and the mean in Double, with and without padding counted", arguments: instructionSets)
  func againstReference(_ set: KernelTable.InstructionSet) throws {
    let table = try kernels(set)
    var random = SeededGenerator(seed: 7, stream: "pooling")
    // No window may lie in padding alone: there is nothing to take the maximum of.
    let narrow = EdgeInsets(top: 1, bottom: 1, left: 0, right: 1)
    for var c in WindowCase.all(channels: [1, 4, 17, 24]) where c.kernel != 1 {
      if c.kernel.height < 5 && c.insets.right == 3 { c.insets = narrow }
      let (pixels, places) = (c.height * c.width, c.output.height * c.output.width)
      // All negative: a zero from padding would win where it must not.
      let x = GuardedArray((0..<pixels * c.channels).map { _ in Float(-0.1 - random.unit()) })
      let window = c.window(outputs: c.channels)
      let picture = ReferenceArray(c.shape, x.doubles)
      for counts in [false, true] {
        let (most, mean) = (
          GuardedArray(count: places * c.channels), GuardedArray(count: places * c.channels)
        )
        for range in [0..<1, 1..<c.output.height] {
          table.poolMax(window, rows: range, x.base, into: most.base, paddingCounts: counts)
          table.poolAverage(window, rows: range, x.base, into: mean.base, paddingCounts: counts)
        }
        let largest = Reference.pooling(picture, takesMax: true, c.reference, paddingCounts: counts)
        #expect(most.doubles == largest.values, "\(set) \(c.testDescription)")
        expectClose(
          mean.values,
          Reference.pooling(picture, takesMax: false, c.reference, paddingCounts: counts).values,
          tolerance: 1e-6, "\(set) \(c.testDescription)")
      }
    }
  }

  @Test("over the whole picture equals the maximum and the mean in Double", arguments: instructionSets)
  func global(_ set: KernelTable.InstructionSet) throws {
    let table = try kernels(set)
    var random = SeededGenerator(seed: 8, stream: "global")
    for pixels in [1, 2, 49, 100] {
      for channels in [1, table.lanes - 1, table.lanes, table.lanes + 1, 3 * table.lanes] {
        let stride = channels + 2
        let x = GuardedArray(random: pixels * stride - 2, &random)
        let (mean, most) = (GuardedArray(count: channels), GuardedArray(count: channels))
        table.globalAverage(pixels: pixels, channels: channels, x.base, stride: stride, into: mean.base)
        table.globalMax(pixels: pixels, channels: channels, x.base, stride: stride, into: most.base)
        let picture = ReferenceArray(
          [1, pixels, channels],
          (0..<pixels * channels).map { Double(x.base[$0 / channels * stride + $0 % channels]) })
        expectClose(
          mean.values, Reference.globalPooling(picture, takesMax: false), tolerance: 1e-6, floor: 0.1)
        #expect(most.doubles == Reference.globalPooling(picture, takesMax: true))
      }
    }
  }
}
