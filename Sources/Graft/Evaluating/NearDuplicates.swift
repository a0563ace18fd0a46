public import GraftFeatures
internal import GraftSupport
internal import GraftTensor

/// Pictures of one set that are all but the same as one of another: what was trained on must not be tested on.
public struct NearDuplicates: Sendable, Hashable, Encodable {
  /// A picture and the one most like it.
  public struct Pair: Sendable, Hashable, Encodable {
    /// The picture of the first set.
    public let path: String
    /// The picture of the other set that is most like it.
    public let other: String
    /// The cosine of the angle between their features, less the mean of the other set's: 1 for equal features.
    public let similarity: Double
    /// Whether the two files are the same, byte for byte.
    public let isSameFile: Bool
  }

  /// Pairs at least this alike are reported by default. Different photos rarely reach it; copies that are mirrored,
  /// brighter, saved anew or cropped a little mostly do (Documentation/evaluation.md has what was measured).
  public static let threshold = 0.87

  /// How many pictures of the first set were looked at.
  public let count: Int
  /// How many pictures of the other set they were compared with.
  public let otherCount: Int
  /// Pairs at least this alike are reported.
  public let threshold: Double
  /// The pairs, the most alike first.
  public let pairs: [Pair]

  private enum CodingKeys: String, CodingKey {
    case count = "images"
    case otherCount = "otherImages"
    case threshold
    case pairs
  }

  /// Finds for each picture of a table the most alike of another.
  ///
  /// - Parameters:
  ///   - table: features of the pictures to look at.
  ///   - other: features of the pictures to compare with, of the same layer of the same network.
  ///   - threshold: pairs at least this alike are kept.
  /// - Throws: `WeightError` with code `.unsuitable` if the features are of different widths.
  public init(_ table: FeatureTable, in other: FeatureTable, threshold: Double = threshold) throws {
    let width = table.features.shape[1]
    guard other.features.shape[1] == width else {
      throw WeightError(
        .unsuitable,
        "features of \(width) and of \(other.features.shape[1]) numbers cannot be compared; extract both with the same "
          + "network and layer")
    }
    // Features of all pictures have much in common, which would make all of them alike.
    let center = Self.mean(other.features)
    let rows = Self.normalized(table.features, center)
    let others = Self.normalized(other.features, center)
    let digests = Dictionary(
      other.digests.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    let nearest = Self.nearest(rows, others, width: width)
    count = table.count
    otherCount = other.count
    self.threshold = threshold
    pairs = (0..<table.count).compactMap { row -> Pair? in
      let same = digests[table.digests[row]]
      guard let index = same ?? nearest[row].map(\.index) else { return nil }
      // Equal files have equal features; rounding must not say otherwise.
      let similarity = same == nil ? Double(nearest[row]?.similarity ?? 0) : 1
      guard similarity >= threshold else { return nil }
      return Pair(
        path: table.paths[row], other: other.paths[index], similarity: min(similarity, 1),
        isSameFile: same != nil)
    }.sorted { ($1.similarity, $0.path) < ($0.similarity, $1.path) }
  }

  /// The mean row; zeros for no rows.
  private static func mean(_ features: Tensor) -> [Double] {
    let (count, width) = (features.shape[0], features.shape[1])
    var sums = [Double](repeating: 0, count: width)
    let scalars = features.scalars
    for row in 0..<count {
      for column in 0..<width { sums[column] += Double(scalars[row * width + column]) }
    }
    return sums.map { $0 / Double(max(count, 1)) }
  }

  /// Rows less `center`, made as long as 1; a row of zeros stays one.
  private static func normalized(_ features: Tensor, _ center: [Double]) -> [Float] {
    let width = features.shape[1]
    var scalars = features.scalars
    for index in scalars.indices { scalars[index] = Float(Double(scalars[index]) - center[index % width]) }
    for row in 0..<features.shape[0] {
      let range = row * width..<(row + 1) * width
      let length = scalars[range].reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
      guard length > 0, length.isFinite else { continue }
      for index in range { scalars[index] = Float(Double(scalars[index]) / length) }
    }
    return scalars
  }

  /// For each row the most alike of the others, of equals the first; nil where there are none.
  private static func nearest(_ rows: [Float], _ others: [Float], width: Int) -> [(
    index: Int, similarity: Float
  )?] {
    guard width > 0 else { return [] }
    let (count, otherCount) = (rows.count / width, others.count / width)
    var best = [(index: Int, similarity: Float)?](repeating: nil, count: count)
    // Blocks, so that the products of two large sets need little memory.
    let (rowBlock, otherBlock) = (64, 1024)
    best.withUnsafeMutableBufferPointer { best in
      // Each call writes elements of its own.
      rows.withUnsafeBufferPointer { rows in
        others.withUnsafeBufferPointer { others in
          ThreadPool.shared.forEach((count + rowBlock - 1) / rowBlock) { block in
            let first = block * rowBlock
            let m = min(rowBlock, count - first)
            var products = [Float](repeating: 0, count: m * otherBlock)
            for start in stride(from: 0, to: otherCount, by: otherBlock) {
              let n = min(otherBlock, otherCount - start)
              guard let a = rows.baseAddress, let b = others.baseAddress else { return }
              products.withUnsafeMutableBufferPointer { products in
                guard let c = products.baseAddress else { return }
                BLAS.multiply(
                  m: m, n: n, k: width, .init(a + first * width, stride: width),
                  .init(b + start * width, stride: width, transposed: true), into: c, stride: otherBlock)
              }
              for row in 0..<m {
                for column in 0..<n {
                  let value = products[row * otherBlock + column]
                  if value > best[first + row]?.similarity ?? -.infinity {
                    best[first + row] = (start + column, value)
                  }
                }
              }
            }
          }
        }
      }
    }
    return best
  }
}
