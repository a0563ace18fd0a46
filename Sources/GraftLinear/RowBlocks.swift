internal import GraftSupport

/// The rows of a table cut into blocks, and the blocks into runs that are worked off one after the other.
///
/// Threads share out the runs; what a run adds up, and the order in which runs are added up, follow from the sizes
/// alone. So sums over rows are the same bits for any number of threads.
struct RowBlocks: Sendable {
  let rows: Int
  let blockRows: Int
  let runs: Int

  /// Cuts `rows` rows of `width` features, for sums of `sumBytes` bytes a run.
  init(rows: Int, width: Int, sumBytes: Int) {
    self.rows = rows
    // About 4 MB of Doubles a block: both products of a block find it in the cache.
    blockRows = min(max((1 << 19) / max(width, 1) / 8 * 8, 32), 512)
    let blocks = (rows + blockRows - 1) / blockRows
    runs = max(min(blocks, 16, max((256 << 20) / max(sumBytes, 1), 2)), 1)
  }

  /// The blocks of one run, in their order.
  func blocks(ofRun run: Int) -> some Sequence<Range<Int>> {
    let count = (rows + blockRows - 1) / blockRows
    let (rows, blockRows) = (rows, blockRows)
    return (count * run / runs..<count * (run + 1) / runs).lazy.map { block in
      block * blockRows..<min((block + 1) * blockRows, rows)
    }
  }

  /// Calls `body` with each run, on several threads at once. What it writes must be each run's own.
  ///
  /// - Throws: what it threw first.
  func forEachRun(_ body: (_ run: Int) throws -> Void) throws {
    let failure = FirstFailure()
    withoutActuallyEscaping(body) { body in
      // Runs do not touch each other's parts.
      nonisolated(unsafe) let body = body
      ThreadPool.shared.forEach(runs) { run in failure.record { try body(run) } }
    }
    try failure.rethrow()
  }

  /// The same, with room for the rows of a block of `width` features.
  func forEachRun(
    width: Int, _ body: (_ run: Int, _ scratch: UnsafeMutablePointer<Float>) throws -> Void
  ) throws {
    try forEachRun { run in
      let scratch = UnsafeMutablePointer<Float>.allocate(capacity: blockRows * width)
      defer { scratch.deallocate() }
      try body(run, scratch)
    }
  }
}
