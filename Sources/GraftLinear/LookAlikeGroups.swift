internal import Foundation
public import GraftFeatures
internal import GraftData
internal import GraftSupport
internal import GraftTensor

/// Rows that look alike, to be held out together.
///
/// Photos of a set are often taken in a few places, or in bursts: a neighbour of each that is held out remains to be
/// learnt from, and figures of cross-validation come out far too good for photos from elsewhere. Holding out whole
/// groups of rows that are alike is the remedy where nobody wrote down what belongs together (leave-one-cluster-out
/// cross-validation: Meredig et al., 2018, Molecular Systems Design & Engineering 3, 819).
///
/// Groups are found in each class by spherical k-means on standardized features (Dhillon and Modha, 2001), started as
/// k-means++ does and as often as `restarts` says; the start with the best result counts.
public struct LookAlikeGroups: Sendable, Hashable {
  /// Groups in a class; as many as there are rows where those are fewer.
  public var perClass: Int
  /// Fixes the starts.
  public var seed: UInt64

  private static let restarts = 4
  private static let iterations = 30

  /// Describes how to find groups.
  public init(perClass: Int = 8, seed: UInt64 = 0) {
    self.perClass = perClass
    self.seed = seed
  }

  /// A key for each row; rows of one group have the same.
  ///
  /// - Throws: `LinearError` with the code `.missingLabels` for rows without classes.
  public func keys(of table: FeatureTable) throws -> [String] {
    let (classIndices, labels) = try table.classified(to: "group by")
    let rows = FeatureRows(features: table.features)
    guard rows.count > 0 else { return [] }
    let standardization = try Standardization(rows, paths: table.paths)
    var keys = [String](repeating: "", count: rows.count)
    for label in 0..<labels.count {
      let members = classIndices.indices.filter { classIndices[$0] == label }
      let part = FeatureRows(features: table.features, rows: members)
      for (row, group) in try zip(members, groups(of: part, standardization, label: label)) {
        keys[row] = "class \(label) group \(group)"
      }
    }
    return keys
  }

  private func groups(of rows: FeatureRows, _ standardization: Standardization, label: Int) throws -> [Int] {
    guard rows.count > perClass else { return Array(0..<rows.count) }
    let directions = try rows.directions(standardization)
    var best: (value: Float, groups: [Int]) = (-.infinity, [])
    for restart in 0..<Self.restarts {
      var generator = SeededGenerator(seed: seed, stream: "groups \(label) \(restart)")
      let found = clustered(directions, rows.count, rows.width, &generator)
      if found.value > best.value { best = found }
    }
    return best.groups
  }

  /// Groups of unit vectors, and the sum of each one's product with its group's direction.
  private func clustered(
    _ vectors: [Float], _ count: Int, _ width: Int, _ generator: inout SeededGenerator
  ) -> (value: Float, groups: [Int]) {
    var centres = starts(vectors, count, width, &generator)
    var groups = [Int](repeating: -1, count: count)
    var value: Float = 0
    for _ in 0..<Self.iterations {
      let products = Self.products(vectors, count, centres, perClass, width)
      var changed = false
      value = 0
      for row in 0..<count {
        let own = products[row * perClass..<(row + 1) * perClass]
        let largest = own.max() ?? 0
        let group = (own.firstIndex(of: largest) ?? own.startIndex) - own.startIndex
        value += largest
        if group != groups[row] {
          groups[row] = group
          changed = true
        }
      }
      if !changed { break }
      var sums = [Float](repeating: 0, count: perClass * width)
      for row in 0..<count {
        for column in 0..<width { sums[groups[row] * width + column] += vectors[row * width + column] }
      }
      for group in 0..<perClass {
        let range = group * width..<(group + 1) * width
        let length = sums[range].reduce(0) { $0 + $1 * $1 }.squareRoot()
        // A group that lost all its rows stays where it was.
        if length > 0 { for place in range { centres[place] = sums[place] / length } }
      }
    }
    return (value, groups)
  }

  /// Rows to start from: each drawn with a probability in proportion to how far it is from those before it.
  private func starts(
    _ vectors: [Float], _ count: Int, _ width: Int, _ generator: inout SeededGenerator
  ) -> [Float] {
    var chosen = [generator.below(count)]
    var distances = [Float](repeating: .infinity, count: count)
    while chosen.count < perClass {
      let last = chosen[chosen.count - 1]
      let products = Self.products(
        vectors, count, Array(vectors[last * width..<(last + 1) * width]), 1, width)
      for row in 0..<count { distances[row] = min(distances[row], max(1 - products[row], 0)) }
      let total = distances.reduce(0) { $0 + Double($1) }
      var left = generator.unit() * total
      var next = 0
      for row in 0..<count {
        left -= Double(distances[row])
        if distances[row] > 0 { next = row }
        if left <= 0, distances[row] > 0 { break }
      }
      chosen.append(next)
    }
    return chosen.flatMap { vectors[$0 * width..<($0 + 1) * width] }
  }

  /// The products of `count` vectors with each of `others`.
  private static func products(
    _ vectors: [Float], _ count: Int, _ others: [Float], _ otherCount: Int, _ width: Int
  ) -> [Float] {
    var products = [Float](repeating: 0, count: count * otherCount)
    products.withUnsafeMutableBufferPointer { products in
      vectors.withUnsafeBufferPointer { vectors in
        others.withUnsafeBufferPointer { others in
          guard let products = products.baseAddress, let vectors = vectors.baseAddress,
            let others = others.baseAddress
          else { return }
          BLAS.multiply(
            m: count, n: otherCount, k: width, BLAS.Matrix(vectors, stride: width),
            BLAS.Matrix(others, stride: width, transposed: true), into: products, stride: otherCount)
        }
      }
    }
    return products
  }
}

extension FeatureRows {
  /// The standardized rows as Float, each at the length 1.
  fileprivate func directions(_ standardization: Standardization) throws -> [Float] {
    var values = try standardized(by: standardization).map { Float($0) }
    for row in 0..<count {
      let range = row * width..<(row + 1) * width
      let length = values[range].reduce(0) { $0 + $1 * $1 }.squareRoot()
      if length > 0 { for place in range { values[place] /= length } }
    }
    return values
  }
}
