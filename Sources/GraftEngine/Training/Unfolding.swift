internal import GraftGraph
internal import GraftTensor

/// The windows of a picture as rows of a matrix: taps from the upper left on, and each tap's channels.
struct Unfolding {
  private let window: SlidingWindow
  private let input: Shape
  private let output: Shape
  private let groupChannels: Int

  /// Floats of a block of rows that stay in the second-level cache, or nearly.
  private static let blockLimit = 1 << 19

  init(_ window: SlidingWindow, from input: Shape, to output: Shape, groups: Int) {
    self.window = window
    self.input = input
    self.output = output
    groupChannels = input.channels / groups
  }

  /// Columns: taps times the channels of a group.
  var depth: Int { window.kernel.height * window.kernel.width * groupChannels }

  /// Rows: output pixels.
  var pixels: Int { output[0] * output[1] }

  /// Rows of a block at most.
  var blockRows: Int { min(max(Self.blockLimit / max(depth, 1), 16), pixels) }

  /// The blocks of rows, in order.
  var blocks: [Range<Int>] {
    stride(from: 0, to: pixels, by: blockRows).map { $0..<min($0 + blockRows, pixels) }
  }

  /// Writes the rows of some output pixels.
  func unfold(
    _ x: UnsafePointer<Float>, group: Int, pixels: Range<Int>, into rows: UnsafeMutablePointer<Float>
  ) {
    forEachRun(group: group, pixels: pixels) { place, from, count in
      if let from {
        (rows + place).update(from: x + from, count: count)
      } else {
        (rows + place).update(repeating: 0, count: count)
      }
    }
  }

  /// Adds rows to the places of a picture that they were unfolded from.
  func fold(
    _ rows: UnsafePointer<Float>, group: Int, pixels: Range<Int>, addingTo x: UnsafeMutablePointer<Float>
  ) {
    forEachRun(group: group, pixels: pixels) { place, to, count in
      if let to { VectorLoops.add(count, rows + place, to: x + to) }
    }
  }

  /// Calls `body` for pieces of rows that are contiguous in the picture, or all outside of it (nil).
  @inline(__always)
  private func forEachRun(
    group: Int, pixels: Range<Int>, _ body: (_ place: Int, _ picture: Int?, _ count: Int) -> Void
  ) {
    let (height, width, channels) = (input[0], input[1], input[2])
    let (taps, lines) = (window.kernel.width, window.kernel.height)
    let (stepY, stepX) = (window.stride.height, window.stride.width)
    let (gapY, gapX) = (window.dilation.height, window.dilation.width)
    let outputWidth = output[1]
    let joins = groupChannels == channels && gapX == 1
    var place = 0
    for pixel in pixels {
      let y = pixel / outputWidth * stepY - window.top
      let x = pixel % outputWidth * stepX - window.left
      for line in 0..<lines {
        let row = y + line * gapY
        guard 0 <= row, row < height else {
          body(place, nil, taps * groupChannels)
          place += taps * groupChannels
          continue
        }
        let start = row * width * channels + group * groupChannels
        if joins {
          let first = min(max(-x, 0), taps)
          let last = max(min(width - x, taps), first)
          if first > 0 { body(place, nil, first * channels) }
          if last > first {
            body(place + first * channels, start + (x + first) * channels, (last - first) * channels)
          }
          if last < taps { body(place + last * channels, nil, (taps - last) * channels) }
        } else {
          for tap in 0..<taps {
            let column = x + tap * gapX
            let isInside = 0 <= column && column < width
            body(
              place + tap * groupChannels, isInside ? start + column * channels : nil, groupChannels)
          }
        }
        place += taps * groupChannels
      }
    }
  }
}
