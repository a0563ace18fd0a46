import GraftData
import GraftFeatures
import GraftLinear
import GraftSupport
import GraftTensor
import Testing

@Suite("Nearest neighbors")
struct NeighborTests {
  private func dataset(_ data: Drawn, classes: Int = 3) throws -> FeatureDataset {
    FeatureDataset(
      FeatureTable(
        features: data.features, classIndices: data.classIndices,
        labels: try Labels((0..<classes).map { "class \($0)" })))
  }

  /// The votes of the nearest rows by plain comparison with all.
  private func votes(_ data: Drawn, _ query: [Double], rows: [[Double]], _ count: Int, cosine: Bool)
    -> [Float]
  {
    func distance(_ row: [Double]) -> Double {
      let dot = zip(row, query).reduce(0) { $0 + $1.0 * $1.1 }
      let norms = [row, query].map { $0.reduce(0) { $0 + $1 * $1 } }
      return cosine ? 1 - dot / (norms[0] * norms[1]).squareRoot() : norms[0] - 2 * dot + norms[1]
    }
    let nearest = rows.indices.sorted { (distance(rows[$0]), $0) < (distance(rows[$1]), $1) }.prefix(count)
    return (0..<3).map { label in
      Float(nearest.count { data.classIndices[$0] == label }) / Float(count)
    }
  }

  @Test(
    "the votes are those of the nearest rows",
    arguments: [(1, NearestNeighbors.Metric.euclidean), (5, .euclidean), (7, .cosine), (200, .cosine)])
  func votes(count: Int, metric: NearestNeighbors.Metric) throws {
    let data = Drawn(rows: 300, width: 5, classes: 3, spread: 2, seed: 70)
    let queries = Drawn(rows: 40, width: 5, classes: 3, spread: 2, seed: 71)
    let found = try NearestNeighbors(neighbors: .fixed(count), metric: metric).fit(dataset(data))
    let standardization = Standardization(features: data.features)
    func rows(_ data: Drawn) -> [[Double]] {
      (0..<data.features.shape[0]).map { row in
        (0..<5).map {
          let value = Double(data.features.scalars[row * 5 + $0])
          return metric == .cosine ? value : (value - standardization.mean[$0]) / standardization.scale[$0]
        }
      }
    }
    let probabilities = try found.probabilities(of: FeatureMatrix(queries.features))
    let known = rows(data)
    for (row, query) in rows(queries).enumerated() {
      #expect(
        Array(probabilities[row * 3..<row * 3 + 3])
          == votes(data, query, rows: known, count, cosine: metric == .cosine))
    }
  }

  @Test("their number is chosen by cross-validation, and rows are recognised")
  func auto() throws {
    let data = Drawn(rows: 120, width: 6, classes: 3, spread: 0.5, seed: 72)
    let found = try NearestNeighbors().fit(dataset(data))
    let path = try #require(found.path)
    #expect(path.points.map(\.neighbors) == [1, 3, 5, 9, 15, 25] && path.rows == 120)
    #expect(found.neighbors == path.neighbors)
    #expect(try found.evaluate(dataset(data)).accuracy > 0.95)
  }

  @Test("what cannot be compared is refused")
  func refusals() throws {
    let data = Drawn(rows: 30, width: 6, classes: 3, spread: 1, seed: 73)
    let found = try NearestNeighbors(neighbors: 3).fit(dataset(data))
    #expect(throws: LinearError.self) {
      try found.probabilities(of: FeatureMatrix(Tensor(repeating: 0, shape: [2, 5])))
    }
    #expect(throws: LinearError.self) { try NearestNeighbors(neighbors: 0).fit(dataset(data)) }
    var scalars = data.features.scalars
    scalars[13] = .nan
    let damaged = Drawn(features: Tensor(shape: [30, 6], scalars: scalars), classIndices: data.classIndices)
    #expect(throws: LinearError.self) { try NearestNeighbors(neighbors: 3).fit(dataset(damaged)) }
    #expect(throws: LinearError.self) { try found.evaluate(dataset(damaged)) }
  }
}
