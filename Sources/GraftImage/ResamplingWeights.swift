internal import CGraftImage

/// For each output position along one axis, which input positions it is made of and with what weights.
///
/// The algorithm of Pillow's `Resample.c` for 8-bit pixels: weights in Double, normalized to a sum of 1, then
/// rounded to fixed point with 22 fraction bits; sums in 32-bit integers; each of the two passes rounds to a
/// byte.
struct ResamplingWeights {
  let spans: [graft_resample_span]
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
    var spans: [graft_resample_span] = []
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
      spans.append(graft_resample_span(start: start, count: end - start, first_weight: weights.count))
      for weight in exact {
        let share = sum == 0 ? weight : weight / sum
        weights.append(Int32(0.5 + share * Double(1 << GRAFT_RESAMPLE_BITS)))
      }
      lowest = min(lowest, start)
      highest = max(highest, end)
    }
    self.spans = spans
    self.weights = weights
    support = lowest..<highest
  }

  /// Squeezes each of the rows `rows` of an RGB picture to `spans.count` pixels, one after the other into
  /// `target`. Rows lie `width` pixels apart in `source`; none of the first `columns` pixels of a row is beyond it.
  func resampleRows(
    _ rows: Range<Int>, width: Int, columns: Int, of source: UnsafeBufferPointer<UInt8>,
    into target: UnsafeMutableBufferPointer<UInt8>
  ) {
    guard let source = source.baseAddress, let target = target.baseAddress else { return }
    graft_resample_rows(
      spans, spans.count, weights, source + rows.lowerBound * width * 3, width * 3, columns, rows.count,
      target)
  }

  /// Squeezes the columns of `source`, whose rows of `rowLength` values start at input row `firstRow`, to
  /// `spans.count` rows in `target`.
  func resampleColumns(
    of source: UnsafeBufferPointer<UInt8>, rowLength: Int, firstRow: Int,
    into target: UnsafeMutableBufferPointer<UInt8>
  ) {
    guard let source = source.baseAddress, let target = target.baseAddress else { return }
    graft_resample_columns(spans, spans.count, weights, source, rowLength, firstRow, target)
  }
}
