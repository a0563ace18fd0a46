internal import GraftSupport

/// A division of rows into parts that are held out in turn: stratified by class, fixed by a seed.
///
/// Rows of equal digests are in one part. Of each class, its groups of equal rows are dealt out to the parts in
/// random order, so every part has its share; a group belongs to the class of its lowest class index. A class that has
/// only one group is never held out, since nothing would be left to learn it from.
package struct Folds: Sendable, Hashable {
  /// Of each part the rows that are held out, ascending; every part has some.
  package let heldOut: [[Int]]
  package let rowCount: Int

  /// Deals rows out to at most `count` parts. Without digests a row's position is its key.
  package init(classIndices: [Int], count: Int, seed: UInt64, digests: [String]?) {
    precondition(
      digests == nil || digests?.count == classIndices.count,
      "\(digests?.count ?? 0) digests do not fit \(classIndices.count) rows")
    rowCount = classIndices.count
    var members: [String: [Int]] = [:]
    for row in classIndices.indices { members[digests?[row] ?? "row \(row)", default: []].append(row) }
    var classes: [Int: [(rank: UInt64, key: String)]] = [:]
    for (key, rows) in members {
      var generator = SeededGenerator(seed: seed, stream: "fold \(key)")
      guard let label = rows.map({ classIndices[$0] }).min() else { continue }
      classes[label, default: []].append((generator.next(), key))
    }
    var parts = [[Int]](repeating: [], count: count)
    var place = 0
    for (_, groups) in classes.sorted(by: { $0.key < $1.key }) where groups.count > 1 {
      // Go on where the class before ended: the parts stay of one size.
      for group in groups.sorted(by: { ($0.rank, $0.key) < ($1.rank, $1.key) }) {
        parts[place % count] += members[group.key] ?? []
        place += 1
      }
    }
    heldOut = parts.filter { !$0.isEmpty }.map { $0.sorted() }
  }

  /// The rows to train on while a part is held out, ascending.
  package func training(_ part: Int) -> [Int] {
    let out = Set(heldOut[part])
    return (0..<rowCount).filter { !out.contains($0) }
  }
}
