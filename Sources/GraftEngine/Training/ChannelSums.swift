/// Sums over all pixels of a batch, one a channel: gradients of biases, and of what batch normalizations learn.
///
/// Blocks of rows are summed in Float, and blocks in Double in their order; the blocks follow from the number of
/// rows alone.
struct ChannelSums {
  let rows: Int
  let channels: Int

  /// Rows that are added up in Float.
  private static let block = 256

  private var blocks: Int { (rows + Self.block - 1) / Self.block }

  /// Floats of common memory that the sums of `terms` quantities need.
  func room(terms: Int) -> Int { blocks * channels * terms }

  /// The sums of what `add` adds for a row to its term's sums.
  ///
  /// - Parameter add: called with a row and the sums of all terms, one term after the other.
  func sum(
    terms: Int, _ scratch: TrainingScratch,
    _ add: (_ row: Int, _ sums: UnsafeMutablePointer<Float>) -> Void
  ) -> [[Double]] {
    var totals = [[Double]](repeating: [Double](repeating: 0, count: channels), count: terms)
    let common = scratch.common
    let size = channels * terms
    scratch.forEach(blocks) { block, _ in
      let sums = common + block * size
      sums.update(repeating: 0, count: size)
      for row in block * Self.block..<min((block + 1) * Self.block, rows) { add(row, sums) }
    }
    for block in 0..<blocks {
      for term in 0..<terms {
        let sums = common + block * size + term * channels
        for channel in 0..<channels { totals[term][channel] += Double(sums[channel]) }
      }
    }
    return totals
  }

  /// Writes the sum of `gradient` over rows, one a channel.
  func bias(
    _ gradient: UnsafePointer<Float>, into result: UnsafeMutablePointer<Float>, _ scratch: TrainingScratch
  ) {
    let totals = sum(terms: 1, scratch) { row, sums in
      VectorLoops.add(channels, gradient + row * channels, to: sums)
    }
    for channel in 0..<channels { result[channel] = Float(totals[0][channel]) }
  }
}
