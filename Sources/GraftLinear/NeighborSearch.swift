internal import GraftSupport
internal import GraftTensor

/// Finds the nearest of some rows by comparing with all of them, block by block, in Double.
struct NeighborSearch: Sendable {
  private let rows: FeatureRows
  private let metric: NearestNeighbors.Metric
  private let standardization: Standardization

  /// Rows that are read and compared at once.
  private static let blockRows = 256

  /// - Throws: `LinearError` with the code `.notFinite`, and what reading rows from disk throws.
  init(_ rows: FeatureRows, metric: NearestNeighbors.Metric, paths: [String]? = nil) throws {
    self.rows = rows
    self.metric = metric
    let measured = try Standardization(rows, paths: paths)
    standardization = metric == .euclidean ? measured : Standardization(identity: rows.width)
  }

  var width: Int { rows.width }

  /// Of each query the `count` nearest rows, the nearest first; of equally near ones the earlier.
  ///
  /// - Throws: what reading rows from disk throws.
  func neighbors(of queries: FeatureRows, count: Int) throws -> [[Int]] {
    var result = [[Int]](repeating: [], count: queries.count)
    let blocks = (queries.count + Self.blockRows - 1) / Self.blockRows
    let failure = FirstFailure()
    result.withUnsafeMutableBufferPointer { result in
      // Blocks write to parts of their own.
      nonisolated(unsafe) let result = result
      ThreadPool.shared.forEach(blocks) { block in
        let range = block * Self.blockRows..<min((block + 1) * Self.blockRows, queries.count)
        failure.record {
          for (index, nearest) in try search(queries, range, count: count).enumerated() {
            result[range.lowerBound + index] = nearest
          }
        }
      }
    }
    try failure.rethrow()
    return result
  }

  private func search(_ queries: FeatureRows, _ range: Range<Int>, count: Int) throws -> [[Int]] {
    let block = Self.blockRows
    let own = UnsafeMutablePointer<Double>.allocate(capacity: block * width)
    let others = UnsafeMutablePointer<Double>.allocate(capacity: block * width)
    let products = UnsafeMutablePointer<Double>.allocate(capacity: block * block)
    let scratch = UnsafeMutablePointer<Float>.allocate(capacity: block * width)
    defer {
      own.deallocate()
      others.deallocate()
      products.deallocate()
      scratch.deallocate()
    }
    _ = try fill(own, queries, range, scratch)
    var nearest = [Nearest](repeating: Nearest(count: count), count: range.count)
    for start in stride(from: 0, to: rows.count, by: block) {
      let part = start..<min(start + block, rows.count)
      let squares = try fill(others, rows, part, scratch)
      Double.multiply(
        m: range.count, n: part.count, k: width, BLAS.Matrix(UnsafePointer(own), stride: width),
        BLAS.Matrix(UnsafePointer(others), stride: width, transposed: true), beta: 0, into: products,
        stride: block)
      for query in 0..<range.count {
        for other in 0..<part.count {
          // The query's own square is the same for all.
          nearest[query].offer(start + other, squares[other] - 2 * products[query * block + other])
        }
      }
    }
    return nearest.map(\.rows)
  }

  /// Writes rows as the metric sees them and returns their squared norms.
  private func fill(
    _ target: UnsafeMutablePointer<Double>, _ source: FeatureRows, _ range: Range<Int>,
    _ scratch: UnsafeMutablePointer<Float>
  ) throws -> [Double] {
    try StandardizedRows<Double>(source, standardization).write(range, to: target, scratch: scratch)
    return (0..<range.count).map { index in
      let row = target + index * width
      var square = 0.0
      for column in 0..<width { square += row[column] * row[column] }
      guard metric == .cosine else { return square }
      // Of rows without a direction nothing is near.
      guard square > 0 else { return 1 }
      let factor = 1 / square.squareRoot()
      for column in 0..<width { row[column] *= factor }
      return 1
    }
  }
}

/// The nearest of the rows that were offered, in ascending order of their numbers.
private struct Nearest {
  private(set) var rows: [Int] = []
  private var distances: [Double] = []
  private let count: Int

  init(count: Int) { self.count = count }

  mutating func offer(_ row: Int, _ distance: Double) {
    if rows.count == count {
      guard let last = distances.last, distance < last else { return }
      rows.removeLast()
      distances.removeLast()
    }
    var place = rows.count
    while place > 0, distances[place - 1] > distance { place -= 1 }
    rows.insert(row, at: place)
    distances.insert(distance, at: place)
  }
}
