/// For each output position along one axis, which input positions it is made of and with what weights.
///
/// The algorithm of Pillow's `Resample.c` for 8-bit pixels: weights in Double, normalized to a sum of 1, then
/// rounded to fixed point with 22 fraction bits; sums in 32-bit integers; each of the two passes rounds to a
/// byte.
struct ResamplingWeights {
  /// Fraction bits: 32 less 8 of the pixel and 2 of head room.
  static let fractionBits: Int32 = 32 - 8 - 2
  /// One half, so that the final shift rounds.
  static let half: Int32 = 1 << (fractionBits - 1)

  /// One output position: where its input starts, how many there are, and where their weights stand.
  struct Span {
    var start: Int
    var count: Int
    var firstWeight: Int
  }

  let spans: [Span]
  let weights: [Int32]

  /// The input positions that any of the outputs reads.
  let support: Range<Int>

  /// Computes the weights of the output positions `range` when `input` pixels, or the first `extent` of them, become
  /// `output` pixels.
  init(input: Int, extent: Double? = nil, output: Int, range: Range<Int>) {
    let scale = (extent ?? Double(input)) / Double(output)
    // Enlarging interpolates between neighbours: the filter never gets narrower than one input pixel.
    let filterScale = max(scale, 1)
    let radius = filterScale
    var spans: [Span] = []
    var weights: [Int32] = []
    spans.reserveCapacity(range.count)
    weights.reserveCapacity(range.count * (Int(radius.rounded(.up)) * 2 + 1))
    var exact: [Double] = []
    var lowest = input
    var highest = 0
    for index in range {
      let center = (Double(index) + 0.5) * scale
      let start = max(Int(center - radius + 0.5), 0)
      let end = min(Int(center + radius + 0.5), input)
      exact.removeAll(keepingCapacity: true)
      var sum = 0.0
      for position in start..<end {
        let distance = abs((Double(position) - center + 0.5) * (1 / filterScale))
        let weight = distance < 1 ? 1 - distance : 0
        exact.append(weight)
        sum += weight
      }
      spans.append(Span(start: start, count: end - start, firstWeight: weights.count))
      for weight in exact {
        let share = sum == 0 ? weight : weight / sum
        weights.append(Int32(0.5 + share * Double(1 << Self.fractionBits)))
      }
      lowest = min(lowest, start)
      highest = max(highest, end)
    }
    self.spans = spans
    self.weights = weights
    support = lowest..<highest
  }

  /// Squeezes each of the rows `rows` of an RGB picture to `spans.count` pixels, one after the other into
  /// `target`.
  func resampleRows(
    _ rows: Range<Int>, width: Int, of source: UnsafeBufferPointer<UInt8>,
    into target: UnsafeMutableBufferPointer<UInt8>
  ) {
    guard let source = source.baseAddress, let target = target.baseAddress else { return }
    weights.withUnsafeBufferPointer { weights in
      spans.withUnsafeBufferPointer { spans in
        guard let weights = weights.baseAddress else { return }
        var next = target
        for row in rows {
          let line = source + row * width * 3
          for span in spans {
            var pixel = line + span.start * 3
            let weight = weights + span.firstWeight
            var red = Self.half
            var green = Self.half
            var blue = Self.half
            for tap in 0..<span.count {
              let factor = weight[tap]
              red &+= Int32(truncatingIfNeeded: pixel[0]) &* factor
              green &+= Int32(truncatingIfNeeded: pixel[1]) &* factor
              blue &+= Int32(truncatingIfNeeded: pixel[2]) &* factor
              pixel += 3
            }
            next[0] = Self.byte(red)
            next[1] = Self.byte(green)
            next[2] = Self.byte(blue)
            next += 3
          }
        }
      }
    }
  }

  /// Squeezes the columns of `source`, whose rows of `rowLength` values start at input row `firstRow`, to
  /// `spans.count` rows in `target`.
  func resampleColumns(
    of source: UnsafeBufferPointer<UInt8>, rowLength: Int, firstRow: Int,
    into target: UnsafeMutableBufferPointer<UInt8>
  ) {
    guard let source = source.baseAddress, let target = target.baseAddress else { return }
    withUnsafeTemporaryAllocation(of: Int32.self, capacity: rowLength) { sums in
      guard let sums = sums.baseAddress else { return }
      var output = target
      for span in spans {
        for value in 0..<rowLength { sums[value] = Self.half }
        for tap in 0..<span.count {
          let factor = weights[span.firstWeight + tap]
          let line = source + (span.start - firstRow + tap) * rowLength
          for value in 0..<rowLength {
            sums[value] &+= Int32(truncatingIfNeeded: line[value]) &* factor
          }
        }
        for value in 0..<rowLength { output[value] = Self.byte(sums[value]) }
        output += rowLength
      }
    }
  }

  @inline(__always)
  private static func byte(_ sum: Int32) -> UInt8 {
    UInt8(truncatingIfNeeded: min(max(sum &>> fractionBits, 0), 255))
  }
}
