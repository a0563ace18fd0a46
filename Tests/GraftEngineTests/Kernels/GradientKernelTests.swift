import GraftEngine
import GraftGraph
import GraftSupport
import GraftTensor
import Testing
import _GraftTestSupport

/// Gradients of convolutions and poolings in Double, tap by tap.
private struct PlainGradients {
  let window: KernelWindow

  /// Calls `body` with each output pixel, tap and input pixel inside the picture.
  func forEachTap(_ body: (_ output: Int, _ tap: Int, _ input: Int) -> Void) {
    let w = window
    for y in 0..<w.outputHeight {
      for x in 0..<w.outputWidth {
        for ky in 0..<w.kernelHeight {
          for kx in 0..<w.kernelWidth {
            let row = y * w.strideY + ky * w.dilationY - w.padTop
            let column = x * w.strideX + kx * w.dilationX - w.padLeft
            guard 0..<w.inputHeight ~= row, 0..<w.inputWidth ~= column else { continue }
            body(y * w.outputWidth + x, ky * w.kernelWidth + kx, row * w.inputWidth + column)
          }
        }
      }
    }
  }

  var pixels: Int { window.outputHeight * window.outputWidth }
  var places: Int { window.inputHeight * window.inputWidth }
  var taps: Int { window.kernelHeight * window.kernelWidth }
}

@Suite("Kernels of gradients")
struct GradientKernelTests {
  @Test("The gradient of a convolution's weights is the sum in Double", arguments: instructionSets)
  func convolutionWeights(_ set: KernelTable.InstructionSet) throws {
    let table = try kernels(set)
    var random = SeededGenerator(seed: 6, stream: "weight gradients")
    for c in WindowCase.all(channels: [1, 3, 13, 25]) {
      let filters = [1, 5, 17, 33, 70][random.below(5)]
      let (gap, pictures) = (random.below(2) * 3, 1 + random.below(7) * 3)
      let window = c.window(outputs: filters, gap: gap)
      let plain = PlainGradients(window: window)
      let (xCount, dyCount) = (
        plain.places * (c.channels + gap) - gap, plain.pixels * (filters + gap) - gap
      )
      let x = GuardedArray(random: xCount * pictures, &random)
      let dy = GuardedArray(random: dyCount * pictures, &random)
      var expected = [Double](repeating: 0.5, count: plain.taps * c.channels * filters)
      var sums = [Double](repeating: 0.5, count: filters)
      for picture in 0..<pictures {
        plain.forEachTap { output, tap, input in
          for channel in 0..<c.channels {
            for filter in 0..<filters {
              expected[(tap * c.channels + channel) * filters + filter] +=
                Double(x.base[picture * xCount + input * (c.channels + gap) + channel])
                * Double(dy.base[picture * dyCount + output * (filters + gap) + filter])
            }
          }
        }
        for pixel in 0..<plain.pixels {
          for filter in 0..<filters {
            sums[filter] += Double(dy.base[picture * dyCount + pixel * (filters + gap) + filter])
          }
        }
      }
      let found = GuardedArray(count: expected.count, repeating: 0.5)
      let foundSums = GuardedArray(count: filters, repeating: 0.5)
      let total = pictures * plain.pixels
      let (half, panel) = (total / 2, min(table.panel, filters))
      let channel = c.channels / 2
      withScratch(table.weightGradientScratch(window, depth: c.channels, columns: filters)) { scratch in
        for pixels in [0..<half, half..<total] {
          for channels in [0..<channel, channel..<c.channels] where !channels.isEmpty {
            for columns in [0..<panel, panel..<filters] where !columns.isEmpty {
              table.weightGradient(
                window, pixels: pixels, x.base, stride: xCount, dy.base, stride: dyCount, channels: channels,
                columns: columns, into: found.base, stride: filters,
                sums: channels.lowerBound == channel ? foundSums.base : nil, scratch: scratch)
            }
          }
        }
      }
      let what = "\(set) \(c.testDescription) x \(filters), \(pictures) pictures"
      expectClose(found.values, expected, tolerance: 3e-6, what)
      expectClose(foundSums.values, sums, tolerance: 3e-6, what)
    }
  }

  @Test("Winograd's gradient of a convolution's weights is the sum in Double", arguments: instructionSets)
  func winogradWeights(_ set: KernelTable.InstructionSet) throws {
    let table = try kernels(set)
    var random = SeededGenerator(seed: 11, stream: "Winograd gradients")
    let cases = [
      (1, 1, 1, 1, 0, 0, 1), (3, 3, 3, 17, 1, 1, 2), (4, 9, 16, 33, 1, 0, 3), (7, 6, 21, 8, 2, 1, 2),
      (13, 14, 40, 24, 0, 2, 1),
    ]
    for (height, width, channels, filters, top, left, pictures) in cases {
      for gap in [0, 3] {
        var window = KernelWindow()
        // The height and width are those of the outputs; there is more picture than windows cover, or less.
        (window.outputHeight, window.outputWidth) = (height, width)
        (window.inputHeight, window.inputWidth) = (max(height - top + gap, 1), max(width - left + 1, 1))
        (window.kernelHeight, window.kernelWidth, window.channels) = (3, 3, channels)
        (window.padTop, window.padLeft) = (top, left)
        (window.inputStride, window.outputStride) = (channels + gap, filters + gap)
        let plain = PlainGradients(window: window)
        let (xCount, dyCount) = (
          plain.places * (channels + gap) - gap, plain.pixels * (filters + gap) - gap
        )
        let x = GuardedArray(random: xCount * pictures, &random)
        let dy = GuardedArray(random: dyCount * pictures, &random)
        var expected = [Double](repeating: 0, count: 9 * channels * filters)
        for picture in 0..<pictures {
          plain.forEachTap { output, tap, input in
            for channel in 0..<channels {
              for filter in 0..<filters {
                expected[(tap * channels + channel) * filters + filter] +=
                  Double(x.base[picture * xCount + input * (channels + gap) + channel])
                  * Double(dy.base[picture * dyCount + output * (filters + gap) + filter])
              }
            }
          }
        }
        let tiles = pictures * ((height + 3) / 4) * ((width + 3) / 4)
        let (inputSlice, gradientSlice) = (tiles * channels + 2, tiles * (filters + 1))
        let productSlice = channels * filters + gap
        let inputs = GuardedArray(count: 36 * inputSlice, repeating: .nan)
        let gradients = GuardedArray(count: 36 * gradientSlice, repeating: .nan)
        let products = GuardedArray(count: 36 * productSlice, repeating: .nan)
        let found = GuardedArray(count: expected.count, repeating: .nan)
        withScratch(4 * max(channels, filters)) { scratch in
          for range in [0..<tiles / 2, tiles / 2..<tiles] {
            table.winogradInputs(
              window, tiles: range, x.base, stride: xCount, into: inputs.base + range.lowerBound * channels,
              stride: channels, slice: inputSlice, scratch: scratch)
            table.winogradGradients(
              window, columns: filters, tiles: range, dy.base, stride: dyCount,
              into: gradients.base + range.lowerBound * (filters + 1), stride: filters + 1,
              slice: gradientSlice, scratch: scratch)
          }
        }
        for matrix in 0..<36 {
          for channel in 0..<channels {
            for filter in 0..<filters {
              let sum = (0..<tiles).reduce(0.0) {
                $0 + Double(inputs.base[matrix * inputSlice + $1 * channels + channel])
                  * Double(gradients.base[matrix * gradientSlice + $1 * (filters + 1) + filter])
              }
              products.base[matrix * productSlice + channel * filters + filter] = Float(sum)
            }
          }
        }
        for range in [0..<channels / 2, channels / 2..<channels] {
          table.winogradWeights(
            channels: channels, columns: filters, range: range, products.base, stride: filters,
            slice: productSlice, into: found.base, stride: filters)
        }
        expectClose(
          found.values, expected, tolerance: 1e-5,
          "\(set) \(height) x \(width) x \(channels) x \(filters), gap \(gap), \(pictures) pictures")
      }
    }
  }

  @Test("Gradients of a depthwise convolution are the sums in Double", arguments: instructionSets)
  func depthwise(_ set: KernelTable.InstructionSet) throws {
    let table = try kernels(set)
    var random = SeededGenerator(seed: 7, stream: "depthwise gradients")
    for c in WindowCase.all(channels: [1, 7, 16, 37]) {
      let gap = random.below(2) * 3
      let channels = c.channels
      let window = c.window(outputs: channels, gap: gap)
      let plain = PlainGradients(window: window)
      let x = GuardedArray(random: plain.places * (channels + gap) - gap, &random)
      let dy = GuardedArray(random: plain.pixels * (channels + gap) - gap, &random)
      let weights = GuardedArray(random: plain.taps * channels, &random)
      var expected = [Double](repeating: 0.5, count: plain.taps * channels)
      var sums = [Double](repeating: 0.5, count: channels)
      var dx = [Double](repeating: 0, count: plain.places * channels)
      plain.forEachTap { output, tap, input in
        for channel in 0..<channels {
          let slope = Double(dy.base[output * (channels + gap) + channel])
          expected[tap * channels + channel] +=
            Double(x.base[input * (channels + gap) + channel]) * slope
          dx[input * channels + channel] += Double(weights.base[tap * channels + channel]) * slope
        }
      }
      for pixel in 0..<plain.pixels {
        for channel in 0..<channels {
          sums[channel] += Double(dy.base[pixel * (channels + gap) + channel])
        }
      }
      let found = GuardedArray(count: expected.count, repeating: 0.5)
      let foundSums = GuardedArray(count: channels, repeating: 0.5)
      let half = c.output.height / 2
      for rows in [0..<half, half..<c.output.height] {
        table.depthwiseWeightGradient(
          window, rows: rows, x.base, dy.base, into: found.base, sums: foundSums.base)
      }
      let what = "\(set) \(c.testDescription) gap \(gap)"
      expectClose(found.values, expected, tolerance: 3e-6, what)
      expectClose(foundSums.values, sums, tolerance: 3e-6, what)
      for accumulates in [false, true] {
        let target = GuardedArray(count: x.count, repeating: accumulates ? 2 : .nan)
        for rows in [0..<c.height / 2, c.height / 2..<c.height] {
          table.depthwiseInputGradient(
            window, rows: rows, dy.base, weights: weights.base, into: target.base, accumulates: accumulates)
        }
        let values = (0..<dx.count).map { target.base[$0 / channels * (channels + gap) + $0 % channels] }
        expectClose(values, dx.map { accumulates ? $0 + 2 : $0 }, tolerance: 3e-6, what)
      }
    }
  }

  @Test(
    "The first of the largest values gets the gradient of a maximum, if it is in the picture",
    arguments: instructionSets)
  func maximum(_ set: KernelTable.InstructionSet) throws {
    let table = try kernels(set)
    var random = SeededGenerator(seed: 8, stream: "maximum")
    for c in WindowCase.all(channels: [1, 7, 33]) {
      let window = c.window(outputs: c.channels)
      let plain = PlainGradients(window: window)
      // Few different values, so that many are equal.
      let x = GuardedArray((0..<plain.places * c.channels).map { _ in Float(random.below(5)) - 2 })
      let dy = GuardedArray(random: plain.pixels * c.channels, &random)
      for paddingCounts in [false, true] {
        var inputs = [[Int?]](repeating: [Int?](repeating: nil, count: plain.taps), count: plain.pixels)
        plain.forEachTap { output, tap, input in inputs[output][tap] = input }
        var expected = [Double](repeating: 1, count: x.count)
        for (output, inputs) in inputs.enumerated() {
          for channel in 0..<c.channels {
            var best: (value: Float, place: Int?)?
            for input in inputs where input != nil || paddingCounts {
              let value = input.map { x.base[$0 * c.channels + channel] } ?? 0
              if value > best?.value ?? -.infinity { best = (value, input) }
            }
            if let place = best?.place {
              expected[place * c.channels + channel] += Double(dy.base[output * c.channels + channel])
            }
          }
        }
        let found = GuardedArray(count: x.count, repeating: 1)
        table.poolMaxGradient(window, x.base, dy.base, addingTo: found.base, paddingCounts: paddingCounts)
        expectClose(found.values, expected, tolerance: 1e-6, "\(set) \(c.testDescription) \(paddingCounts)")
      }
    }
  }

  @Test("A gate closes at its limits and outside of them", arguments: instructionSets)
  func gate(_ set: KernelTable.InstructionSet) throws {
    let table = try kernels(set)
    let y: [Float] = [-1, 0, -0.0, 0.1, 5.9, 6, 7, .infinity, -.infinity, .nan, 3]
    for (high, open) in [(Float(6), [3, 4, 10]), (.infinity, [3, 4, 5, 6, 10])] {
      for repetitions in [1, 3, 7] {
        let values = GuardedArray([Float]([[Float]](repeating: y, count: repetitions).joined()))
        let dy = GuardedArray(count: values.count, repeating: 2)
        table.gate(
          rows: 1, columns: values.count, values.base, stride: 0, above: 0, below: high, dy.base, stride: 0)
        let expected = values.values.indices.map { Float(open.contains($0 % y.count) ? 2 : 0) }
        #expect(dy.values == expected, "\(set) below \(high)")
      }
    }
    let (values, dy) = (GuardedArray([1, -1, 5, 5, -1, 1, 5, 5]), GuardedArray(count: 6, repeating: 3))
    table.gate(rows: 2, columns: 2, values.base, stride: 4, above: 0, below: 6, dy.base, stride: 3)
    #expect(dy.values == [3, 0, 3, 0, 3, 3])
  }
}
